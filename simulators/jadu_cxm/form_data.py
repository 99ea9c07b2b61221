"""Reading multipart/form-data, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser


class NotMultipart(ValueError):
    """The body is no multipart/form-data; the text says why."""


@dataclass(frozen=True)
class Part:
    """One part of a form."""

    content: bytes
    filename: str | None
    content_type: str


def read_form(content_type: str, body: bytes) -> dict[str, Part]:
    """The parts by their names; of two with one name, the last.

    Raises:
        NotMultipart: The content type or the body is something else.
    """
    try:
        return _read(content_type, body)
    except ValueError as error:  # a name in an encoding that cannot be read is one too
        raise NotMultipart(str(error)) from None


def _read(content_type: str, body: bytes) -> dict[str, Part]:
    head = Message()
    head["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary or not boundary.isascii():
        raise NotMultipart("The content type must be multipart/form-data with a boundary.")
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    parts: dict[str, Part] = {}
    for piece in pieces:
        if piece.startswith(b"--"):
            return parts
        lines, separator, content = piece.partition(b"\r\n\r\n")
        if not separator or not lines.startswith(b"\r\n"):
            raise NotMultipart("A part has no headers.")
        # Names of files come as UTF-8 from most clients; what is not UTF-8 is kept readable.
        headers = HeaderParser().parsestr(lines[2:].decode("utf-8", "replace"))
        name = headers.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise NotMultipart("A part has no name.")
        filename = headers.get_filename()
        readable = filename.encode("utf-8", "replace").decode() if filename else None
        parts[name] = Part(content, readable, headers.get_content_type())
    raise NotMultipart("The last boundary is missing.")
