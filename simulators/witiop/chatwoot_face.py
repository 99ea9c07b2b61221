"""Chatwoot's face: its webhook, and the calls that fetch what the webhook leaves out.

FACT: the event, its members and the signature (chatwoot/docs webhook-events.md); only the last message is in a webhook,
and its assignee has no e-mail. The agents and messages calls are as in Chatwoot's API reference.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from simulators.witiop.conversations import Agent, Attachment, Conversation, Message

ACCOUNT = 1
_INBOX = 4
_PAGE = 20
_FILE_TYPES = ("image", "audio", "video")


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _contact(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id + 10000,
        "name": conversation.name or conversation.number,
        "email": None,
        "phone_number": conversation.number,
        "identifier": None,
        "type": "contact",
    }


def _person(agent: Agent, *, with_email: bool) -> dict[str, Any]:
    shown = {"id": agent.id, "name": agent.name, "available_name": agent.name, "type": "user", "role": "agent"}
    return shown | ({"email": agent.email} if with_email else {})


def _file(file: Attachment, message: Message, base_url: str) -> dict[str, Any]:
    kind = file.mime.partition("/")[0]
    return {
        "id": int(file.id[1:]),
        "message_id": message.id,
        "file_type": kind if kind in _FILE_TYPES else "file",
        "account_id": ACCOUNT,
        "extension": None,
        "data_url": f"{base_url}/media/{file.id}/{quote(file.name)}",
        "thumb_url": "",
        "file_size": file.size,
    }


def _message(message: Message, conversation: Conversation, base_url: str) -> dict[str, Any]:
    sender = _person(message.agent, with_email=False) if message.agent else _contact(conversation)
    shown: dict[str, Any] = {
        "id": message.id,
        "content": message.text or None,
        "account_id": ACCOUNT,
        "inbox_id": _INBOX,
        "conversation_id": conversation.id,
        "message_type": 1 if message.agent else 0,
        "created_at": _epoch(message.sent_at),
        "private": message.private,
        "status": "sent",
        "source_id": f"wamid.{message.id}",
        "content_type": "text",
        "sender_type": "User" if message.agent else "Contact",
        "sender_id": sender["id"],
        "sender": sender,
    }
    if message.attachments:
        shown["attachments"] = [_file(one, message, base_url) for one in message.attachments]
    return shown


def conversation_of(conversation: Conversation, base_url: str) -> dict[str, Any]:
    """A conversation, with its last message alone."""
    last = conversation.messages[-1:]
    return {
        "id": conversation.id,
        "account_id": ACCOUNT,
        "inbox_id": _INBOX,
        "status": "resolved" if conversation.closed_at else "open",
        "channel": "Channel::Whatsapp",
        "can_reply": True,
        "contact_inbox": {
            "contact_id": conversation.id + 10000,
            "inbox_id": _INBOX,
            "source_id": conversation.number.lstrip("+"),
        },
        "messages": [_message(one, conversation, base_url) for one in last],
        "meta": {"sender": _contact(conversation), "assignee": _person(conversation.agent, with_email=False)},
        "additional_attributes": {},
        "custom_attributes": conversation.profile,
        "unread_count": 0,
        "timestamp": _epoch(last[0].sent_at if last else conversation.opened_at),
    }


def payload(conversation: Conversation, base_url: str) -> bytes:
    """The webhook of a changed status."""
    whole = {"event": "conversation_status_changed", **conversation_of(conversation, base_url)}
    return json.dumps(whole).encode()


def headers(secret: str, body: bytes, now: datetime, conversation: Conversation) -> dict[str, str]:
    """Those of a webhook; its delivery id is the same at each try."""
    at = str(int(now.timestamp()))
    signature = hmac.new(secret.encode(), at.encode() + b"." + body, sha256).hexdigest()
    delivery = uuid5(NAMESPACE_URL, f"chatwoot:{conversation.id}:{conversation.closings}:{conversation.status}")
    return {
        "Content-Type": "application/json",
        "X-Chatwoot-Timestamp": at,
        "X-Chatwoot-Signature": f"sha256={signature}",
        "X-Chatwoot-Delivery": str(delivery),
    }


def agents(known: list[Agent]) -> list[dict[str, Any]]:
    """The list of agents, which is where their e-mails are."""
    return [_person(one, with_email=True) | {"account_id": ACCOUNT, "confirmed": True} for one in known]


def messages(conversation: Conversation, base_url: str, before: int | None) -> dict[str, Any]:
    """Twenty messages, oldest first: the last, or the last before an id. Closing one is an activity at its end."""
    found = [_message(one, conversation, base_url) for one in conversation.messages]
    if conversation.closed_at:
        found.append(
            {
                "id": 1_000_000 + conversation.id,
                "content": f"Conversation was marked resolved by {conversation.agent.name}",
                "conversation_id": conversation.id,
                "message_type": 2,
                "created_at": _epoch(conversation.closed_at),
                "private": False,
                "content_type": "text",
            }
        )
    earlier = [one for one in found if before is None or one["id"] < before]
    meta = {"contact": _contact(conversation), "assignee": _person(conversation.agent, with_email=True)}
    return {"meta": meta, "payload": earlier[-_PAGE:]}
