"""What is ASSUMED about WitiOp: read from profile.yaml and from what a connection overrides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from casebridge.transport import profile

PATH = Path(__file__).with_name("profile.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConversationPaths(_Part):
    """Where values stand in a conversation."""

    id: str
    number: str
    name: str
    agent_email: str
    agent_name: str
    channel: str
    status: str
    opened: str
    closed: str
    profile: str
    messages: str


class MessagePaths(_Part):
    """Where values stand in a message."""

    id: str
    author: str
    author_email: str
    author_name: str
    sent_at: str
    text: str
    attachments: str


class AttachmentPaths(_Part):
    """Where values stand in a file."""

    id: str
    name: str
    media_type: str
    size: str
    url: str


class Profile(_Part):
    """Everything that is ASSUMED."""

    read_path: str
    list_path: str
    conversation: ConversationPaths
    message: MessagePaths
    attachment: AttachmentPaths
    customer: tuple[str, ...]


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    return profile.read_profile(Profile, PATH, overrides, title="WitiOp")
