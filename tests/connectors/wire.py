"""A session that keeps what is sent and answers what it is told: golden wire files need no network."""

from __future__ import annotations

from pathlib import Path

import requests
from lxml import etree


class RecordedSession(requests.Session):
    """Answers every POST with the next of its replies and keeps the requests."""

    def __init__(self, *replies: requests.Response | Exception) -> None:
        super().__init__()
        self._replies = list(replies)
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:  # type: ignore[override]
        """Keeps the request and answers it."""
        self.sent.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def reply(body: str | bytes, status: int = 200, **headers: str) -> requests.Response:
    """An answer."""
    made = requests.Response()
    made.status_code = status
    made._content = body.encode() if isinstance(body, str) else body
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def pretty(body: bytes | str | None) -> str:
    """XML as it is kept in a golden file: indented, prefixes as they were sent."""
    raw = body.encode() if isinstance(body, str) else body or b""
    root = etree.fromstring(raw, etree.XMLParser(remove_blank_text=True))
    return etree.tostring(root, pretty_print=True, encoding="unicode")


def golden(folder: Path, name: str, sent: bytes | str | None) -> tuple[str, str]:
    """The golden XML and the XML that was sent."""
    return golden_text(folder, name, pretty(sent))


def golden_text(folder: Path, name: str, text: str) -> tuple[str, str]:
    """The golden text and this one. A new file is written for review, and the test fails once."""
    path = folder / name
    if not path.exists():
        path.write_text(text, "utf-8")
        return "", text
    return path.read_text("utf-8"), text
