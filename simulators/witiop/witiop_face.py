"""WitiOp's own face. All of it is ASSUMED: no payload, read API or signature of WitiOp is public.

What is known: tokens with a permission to read conversations, and callbacks to an address that one gives.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from simulators.witiop.conversations import Conversation, Message

EVENT = "conversation.closed"
ACCOUNT = "acme"


def stamp(moment: datetime) -> str:
    """A moment as the payload has it."""
    return moment.isoformat().replace("+00:00", "Z")


def conversation_of(conversation: Conversation, base_url: str) -> dict[str, Any]:
    """A conversation as the read API and the callback have it."""
    agent = conversation.agent
    customer = {"number": conversation.number} | ({"name": conversation.name} if conversation.name else {})
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "status": conversation.status,
        "opened_at": stamp(conversation.opened_at),
        "closed_at": stamp(conversation.closed_at) if conversation.closed_at else None,
        "profile": conversation.profile,
        "customer": customer,
        "agent": {"id": agent.id, "name": agent.name, "email": agent.email},
        "messages": [_message(one, base_url) for one in conversation.messages if not one.private],
    }


def _message(message: Message, base_url: str) -> dict[str, Any]:
    author = {"type": "agent", "email": message.agent.email} if message.agent else {"type": "customer"}
    files = [
        {"id": one.id, "name": one.name, "mime": one.mime, "size": one.size, "url": f"{base_url}/media/{one.id}"}
        for one in message.attachments
    ]
    first = message.attachments[0].mime.partition("/")[0] if message.attachments else "text"
    return {
        "id": f"wamid.{message.id}",
        "direction": "outbound" if message.agent else "inbound",
        "author": author,
        "sent_at": stamp(message.sent_at),
        "type": first if first in ("text", "image", "audio", "video") else "document",
        "text": message.text,
        "attachments": files,
    }


def payload(conversation: Conversation, base_url: str) -> bytes:
    """What the callback of a closed conversation says. Its event id is the same at each try."""
    closed = stamp(conversation.closed_at) if conversation.closed_at else None
    event = str(uuid5(NAMESPACE_URL, f"witiop:{conversation.id}:{conversation.closings}:{closed}"))
    whole = {
        "event": EVENT,
        "event_id": event,
        "occurred_at": closed,
        "account": ACCOUNT,
        "conversation": conversation_of(conversation, base_url),
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def headers(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Those of a callback: the signature is over the moment and the body."""
    at = str(int(now.timestamp()))
    signature = hmac.new(secret.encode(), at.encode() + b"." + body, sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Hub-Timestamp": at,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
