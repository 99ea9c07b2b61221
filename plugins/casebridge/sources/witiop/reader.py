"""WitiOp's JSON of a conversation becomes a Conversation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from casebridge.core.case import Value
from casebridge.core.conversation import CLOSED, Conversation
from casebridge.core.errors import NotConfigured
from casebridge.core.message import Attachment, Author, Message
from casebridge.sources.witiop.profile import Profile


def read_conversation(reference: str, told: Mapping[str, Any], profile: Profile, *, timezone: str) -> Conversation:
    """The conversation.

    Args:
        reference: Its id.
        told: What WitiOp said.
        profile: Where values stand in it.
        timezone: Of times without an offset.

    Raises:
        NotConfigured: A message has no time, so that the profile cannot be right.
    """
    paths = profile.conversation
    noted = _at(told, paths.profile)
    said = _at(told, paths.messages)
    messages = [_message(one, at, profile, timezone) for at, one in enumerate(said or []) if isinstance(one, Mapping)]
    return Conversation(
        id=reference,
        customer_number=_text(told, paths.number),
        customer_name=_text(told, paths.name),
        agent_email=_text(told, paths.agent_email),
        agent_name=_text(told, paths.agent_name),
        channel=_text(told, paths.channel),
        status=_text(told, paths.status) or CLOSED,
        opened=_moment(told, paths.opened, timezone),
        closed=_moment(told, paths.closed, timezone),
        profile={str(name): _value(value) for name, value in noted.items()} if isinstance(noted, Mapping) else {},
        messages=tuple(sorted(messages, key=lambda message: message.sent_at)),
    )


def _message(told: Mapping[str, Any], at: int, profile: Profile, timezone: str) -> Message:
    paths = profile.message
    sent_at = _moment(told, paths.sent_at, timezone)
    if sent_at is None:
        raise NotConfigured(f"message {at + 1} of a WitiOp conversation has no time; look at the connection's profile")
    files = _at(told, paths.attachments)
    is_customers = _text(told, paths.author).lower() in profile.customer
    return Message(
        id=_text(told, paths.id) or str(at + 1),
        author=Author.CUSTOMER if is_customers else Author.AGENT,
        sent_at=sent_at,
        text=_text(told, paths.text),
        author_name=_text(told, paths.author_name),
        author_email=_text(told, paths.author_email),
        attachments=tuple(_attachment(one, profile) for one in files or [] if isinstance(one, Mapping)),
    )


def _attachment(told: Mapping[str, Any], profile: Profile) -> Attachment:
    paths = profile.attachment
    size = _at(told, paths.size)
    return Attachment(
        id=_text(told, paths.id),
        name=_text(told, paths.name) or _text(told, paths.id),
        url=_text(told, paths.url),
        media_type=_text(told, paths.media_type),
        size=size if isinstance(size, int) and not isinstance(size, bool) else None,
    )


def _at(told: Any, path: str) -> Any:
    for word in path.split("."):
        told = told.get(word) if isinstance(told, Mapping) else None
    return told


def _text(told: Mapping[str, Any], path: str) -> str:
    value = _at(told, path)
    return "" if value is None or isinstance(value, Mapping | list) else str(value).strip()


def _moment(told: Mapping[str, Any], path: str, timezone: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(told, path))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    return value if value is None or isinstance(value, str | int | bool) else str(value)
