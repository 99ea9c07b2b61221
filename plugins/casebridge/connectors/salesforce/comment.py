"""Comments of a Case: one for each message, cut where they are too long, and which of them are missing."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pendulum

from casebridge.core.message import Attachment, Author, Message

NO_TEXT = "[message without text]"
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_LONGEST_CLUSTER = 32

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Comment:
    """A comment as it is to be in Salesforce.

    Attributes:
        body: Its text.
        at: The time that it carries, with offset; None for that of its insert.
        author_id: The user whom it is by; "" for the API user.
    """

    body: str = field(repr=False)
    at: datetime | None = None
    author_id: str = ""

    def values(self, case_id: str) -> dict[str, Any]:
        """The record to insert. CreatedDate and CreatedById are taken on insert only (Salesforce help 000176484)."""
        record: dict[str, Any] = {"ParentId": case_id, "CommentBody": self.body}
        if self.at is not None:
            record["CreatedDate"] = _stamp(self.at)
        if self.author_id:
            record["CreatedById"] = self.author_id
        return record

    @property
    def key(self) -> Key:
        """What two comments have in common that are the same. Salesforce keeps times to the second."""
        return _plain(self.body), _stamp(self.at) if self.at else "", self.author_id


@dataclass(frozen=True)
class Wording:
    """How messages become comments.

    Attributes:
        most_bytes: The longest comment, in bytes: Salesforce counts these, not characters.
        files_are_links: Whether files stand in the text with their address.
        author_id: Gives the user whom a comment is by; None where author and time stand in the text.
        timezone: In which times stand in the text.
        time_format: How they stand there, in pendulum's tokens.
    """

    most_bytes: int
    files_are_links: bool
    author_id: Callable[[Message], str] | None
    timezone: str
    time_format: str

    def comments(self, messages: Iterable[Message]) -> list[Comment]:
        """The comments of messages, in their order."""
        return [one for message in messages for one in self._cut(message, self._text(message))]

    def link(self, message: Message, attachment: Attachment) -> list[Comment]:
        """The comment with the address of a file that could not be uploaded."""
        return list(self._cut(message, _linked(attachment)))

    def _text(self, message: Message) -> str:
        files = [_linked(one) if self.files_are_links else f"[file: {one.name}]" for one in message.attachments]
        return "\n".join(filter(None, [message.text.strip(), *files])) or NO_TEXT

    def _cut(self, message: Message, text: str) -> Iterator[Comment]:
        if self.author_id is not None:
            author_id = self.author_id(message)
            for piece in pieces(text, self.most_bytes):
                yield Comment(piece, message.sent_at, author_id)
            return
        moment = pendulum.instance(message.sent_at).in_timezone(self.timezone).format(self.time_format)
        who = message.author_name or message.author_email or _ROLES[message.author]
        for piece in pieces(f"[{moment} {who}] {text}", self.most_bytes):
            yield Comment(piece)


_ROLES = {Author.CUSTOMER: "customer", Author.AGENT: "agent"}


def missing(wanted: Sequence[Comment], held: Iterable[Mapping[str, Any]], *, audited: bool) -> list[bool]:
    """Which of the comments are not there yet: the difference of multisets, since "ok" twice is said twice.

    Args:
        wanted: All comments of the conversation, in their order.
        held: The Case's comments, as rows of a query.
        audited: Whether author and time count.
    """
    there = Counter(_held_key(row, audited=audited) for row in held)
    absent = []
    for comment in wanted:
        there[comment.key] -= 1
        absent.append(there[comment.key] < 0)
    return absent


def pieces(text: str, most_bytes: int) -> list[str]:
    """The text in pieces of at most so many bytes of UTF-8, cut between characters as people see them."""
    found = []
    while len(text.encode()) > most_bytes:
        end = len(text.encode()[:most_bytes].decode("utf-8", "ignore"))
        cut = next((at for at in range(end, max(end - _LONGEST_CLUSTER, 0), -1) if _may_cut(text, at)), end)
        found.append(text[:cut])
        text = text[cut:]
    return [*found, text]


def _may_cut(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or (before, after) == ("\r", "\n") or unicodedata.category(after).startswith("M"):
        return False
    if ord(after) in _FLAGS and ord(before) in _FLAGS:
        flags = 0
        while flags < at and ord(text[at - 1 - flags]) in _FLAGS:
            flags += 1
        return flags % 2 == 0
    return ord(after) not in _SKIN_TONES


def _held_key(row: Mapping[str, Any], *, audited: bool) -> Key:
    body = _plain(str(row.get("CommentBody") or ""))
    if not audited:
        return body, "", ""
    return body, _stamp(datetime.fromisoformat(str(row["CreatedDate"]))), str(row["CreatedById"])


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"


def _linked(attachment: Attachment) -> str:
    return f"[file: {attachment.name}] {attachment.url}"
