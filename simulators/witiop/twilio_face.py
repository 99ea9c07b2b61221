"""The face of Twilio Conversations: webhooks of a changed state, and the calls that fetch messages.

FACT: the members of the event, the classic signature, numbers such as ``whatsapp:+39...``, paging by ``meta``.
ASSUMED: the form of the classic webhook has those members beside EventType; a JSON body is signed by its SHA-256 in
the address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from simulators.witiop.conversations import Conversation, Message


def sid(prefix: str, number: object) -> str:
    """An id as Twilio gives it: two letters and 32 hex digits."""
    return prefix + hashlib.md5(f"{prefix}{number}".encode(), usedforsecurity=False).hexdigest()


SERVICE = sid("IS", "desk")
_MESSAGING = sid("MG", "desk")
_EVENT = "com.twilio.conversations.conversation-state.updated"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _changed(conversation: Conversation, account: str) -> dict[str, str]:
    closed = conversation.closed_at
    return {
        "AccountSid": account,
        "ConversationSid": sid("CH", conversation.id),
        "StateFrom": "active" if closed else "closed",
        "StateTo": "closed" if closed else "active",
        "Reason": "API",
        "StateUpdated": _stamp(closed or conversation.opened_at),
        "MessagingServiceSid": _MESSAGING,
    }


def form_payload(conversation: Conversation, account: str) -> bytes:
    """The classic webhook: a form."""
    members = {"EventType": "onConversationStateUpdated", **_changed(conversation, account)}
    return urlencode({**members, "ChatServiceSid": SERVICE}).encode()


def event_payload(conversation: Conversation, account: str) -> bytes:
    """The webhook of Event Streams: a list of CloudEvents."""
    changed = _changed(conversation, account)
    event = {
        "specversion": "1.0",
        "type": _EVENT,
        "source": f"/v1/Conversations/{changed['ConversationSid']}",
        "id": sid("EZ", f"{conversation.id}:{conversation.closings}:{conversation.status}"),
        "dataschema": "https://events-schemas.twilio.com/Conversations.StateUpdated/1",
        "datacontenttype": "application/json",
        "time": changed["StateUpdated"],
        "data": changed,
    }
    return json.dumps([event]).encode()


def signed_form(token: str, url: str, body: bytes) -> dict[str, str]:
    """The headers of the classic webhook: the signature is over the address and the sorted parameters."""
    parameters = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    text = url + "".join(name + value for name, value in parameters)
    return {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": _signature(token, text)}


def signed_event(token: str, url: str, body: bytes) -> tuple[str, dict[str, str]]:
    """Where an event goes, and its headers."""
    joint = "&" if urlsplit(url).query else "?"
    whole = f"{url}{joint}bodySHA256={hashlib.sha256(body).hexdigest()}"
    return whole, {"Content-Type": "application/json", "X-Twilio-Signature": _signature(token, whole)}


def _signature(token: str, text: str) -> str:
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def conversation_of(conversation: Conversation, account: str) -> dict[str, Any]:
    """One conversation."""
    return {
        "sid": sid("CH", conversation.id),
        "account_sid": account,
        "chat_service_sid": SERVICE,
        "messaging_service_sid": _MESSAGING,
        "friendly_name": None,
        "unique_name": str(conversation.id),
        "attributes": json.dumps(conversation.profile),
        "state": "closed" if conversation.closed_at else "active",
        "date_created": _stamp(conversation.opened_at),
        "date_updated": _stamp(conversation.closed_at or conversation.opened_at),
    }


def participants(conversation: Conversation, account: str) -> list[dict[str, Any]]:
    """The customer by number, the agent by e-mail."""
    common = {"account_sid": account, "conversation_sid": sid("CH", conversation.id), "attributes": "{}"}
    binding = {
        "type": "whatsapp",
        "address": f"whatsapp:{conversation.number}",
        "proxy_address": "whatsapp:+15005550006",
    }
    attributes = json.dumps({"name": conversation.name} if conversation.name else {})
    return [
        {
            **common,
            "sid": sid("MB", conversation.number),
            "identity": None,
            "attributes": attributes,
            "messaging_binding": binding,
        },
        {
            **common,
            "sid": sid("MB", conversation.agent.email),
            "identity": conversation.agent.email,
            "messaging_binding": None,
        },
    ]


def messages(conversation: Conversation, account: str) -> list[dict[str, Any]]:
    """What was said, oldest first. Notes among agents are not part of it."""
    said = [one for one in conversation.messages if not one.private]
    return [_message(one, at, conversation, account) for at, one in enumerate(said)]


def _message(message: Message, index: int, conversation: Conversation, account: str) -> dict[str, Any]:
    who = message.agent.email if message.agent else f"whatsapp:{conversation.number}"
    files = [
        {"sid": media_sid(one.id), "size": one.size, "content_type": one.mime, "filename": one.name}
        for one in message.attachments
    ]
    return {
        "sid": sid("IM", message.id),
        "account_sid": account,
        "conversation_sid": sid("CH", conversation.id),
        "index": index,
        "author": who,
        "body": message.text or None,
        "media": files or None,
        "participant_sid": sid("MB", message.agent.email if message.agent else conversation.number),
        "attributes": "{}",
        "date_created": _stamp(message.sent_at),
        "date_updated": _stamp(message.sent_at),
    }


def media_sid(attachment: str) -> str:
    """The id of a file."""
    return sid("ME", attachment)


def page(key: str, rows: list[dict[str, Any]], number: int, size: int, address: str) -> dict[str, Any]:
    """One page of a list, and where the next one is."""
    start, last = number * size, (number + 1) * size >= len(rows)

    def at(one: int) -> str:
        return f"{address}?PageSize={size}&Page={one}"

    meta = {
        "page": number,
        "page_size": size,
        "first_page_url": at(0),
        "previous_page_url": at(number - 1) if number else None,
        "url": at(number),
        "next_page_url": None if last else at(number + 1),
        "key": key,
    }
    return {"meta": meta, key: rows[start : start + size]}
