"""Reads multipart/form-data from a file without holding a part in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import IO

_PIECE = 256 * 1024
_LONGEST_HEAD = 16 * 1024


class NotMultipart(ValueError):
    """The body is no multipart/form-data; the text says why."""


@dataclass(frozen=True)
class Part:
    """Where one part's content lies in the body, and what its head says of it."""

    start: int
    end: int
    filename: str | None
    content_type: str

    def pieces(self, body: IO[bytes]) -> Iterator[bytes]:
        """The content, piece by piece."""
        at = self.start
        while at < self.end:
            body.seek(at)
            piece = body.read(min(_PIECE, self.end - at))
            at += len(piece)
            yield piece


def read_parts(content_type: str, body: IO[bytes]) -> dict[str, Part]:
    """The parts by their names; of two with one name, the last.

    Raises:
        NotMultipart: The content type or the body is something else.
    """
    head = Message()
    head["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary or not boundary.isascii():
        raise NotMultipart("The content type must be multipart/form-data with a boundary.")
    mark = b"\r\n--" + boundary.encode()
    body.seek(0)
    if not body.read(len(mark)).startswith(mark[2:]):
        raise NotMultipart("The body does not begin with its boundary.")
    parts: dict[str, Part] = {}
    begin = len(mark) - 2
    while True:
        body.seek(begin)
        following = body.read(_LONGEST_HEAD)
        if following.startswith(b"--"):
            return parts
        text, separator, _ = following.partition(b"\r\n\r\n")
        if not separator or not text.startswith(b"\r\n"):
            raise NotMultipart("A part has no headers.")
        start = begin + len(text) + len(separator)
        # A part without content has the boundary right where its headers end.
        end = _find(body, mark, start - 2)
        name, part = _part(text[2:], start, max(start, end))
        parts[name] = part
        begin = end + len(mark)


def _part(head: bytes, start: int, end: int) -> tuple[str, Part]:
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace"))
    name = headers.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        raise NotMultipart("A part has no name.")
    return name, Part(start, end, headers.get_filename(), headers.get_content_type())


def _find(body: IO[bytes], mark: bytes, start: int) -> int:
    """Where the mark comes next."""
    at, kept = start, b""
    body.seek(start)
    while piece := body.read(_PIECE):
        window = kept + piece
        found = window.find(mark)
        if found >= 0:
            return at - len(kept) + found
        at += len(piece)
        kept = window[-(len(mark) - 1) :]
    raise NotMultipart("The last boundary is missing.")
