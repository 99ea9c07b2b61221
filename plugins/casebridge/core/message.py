"""A message of a case: what a customer and an agent wrote to each other, and the files that came with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"


@dataclass(frozen=True)
class Attachment:
    """A file that came with a message; it stays where it is until somebody fetches it.

    Attributes:
        id: The case source's id of the file, the same for ever.
        name: File name.
        url: Where it can be fetched.
        media_type: Such as `image/jpeg`, or "".
        size: In bytes, when the source says it.
    """

    id: str
    name: str = field(repr=False)
    url: str = field(repr=False)
    media_type: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Message:
    """One message. Its text form shows the id only.

    Attributes:
        id: The case source's id of the message, the same for ever.
        author: Who wrote it.
        sent_at: When, with offset.
        text: What stands in it, or "".
        author_name: The author's name, or "".
        author_email: The author's e-mail address, or "".
        attachments: The files that came with it.
    """

    id: str
    author: Author = field(repr=False)
    sent_at: datetime = field(repr=False)
    text: str = field(default="", repr=False)
    author_name: str = field(default="", repr=False)
    author_email: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """The message as plain JSON values."""
        return {
            "id": self.id,
            "author": self.author,
            "sent_at": self.sent_at.isoformat(),
            "text": self.text,
            "author_name": self.author_name,
            "author_email": self.author_email,
            "attachments": [vars(attachment) for attachment in self.attachments],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Message:
        """The message that `as_json` gave."""
        attachments = tuple(Attachment(**attachment) for attachment in data["attachments"])
        moment = datetime.fromisoformat(data["sent_at"])
        return cls(**{**data, "author": Author(data["author"]), "sent_at": moment, "attachments": attachments})
