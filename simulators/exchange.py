"""What passes between the HTTP side and a simulator: a request, the call it asks for, the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Protocol


@dataclass(frozen=True)
class VendorRequest:
    """One HTTP request on the vendor's side, with its whole body.

    ``large_body`` is a body above the gateway's ``MAX_BODY_BYTES``, as a file at its start that is closed once the
    request is answered; ``body`` is empty then. Only a simulator with a greater ``max_body_bytes`` meets one.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    large_body: IO[bytes] | None = None


@dataclass(frozen=True)
class LargeBody:
    """A body that is made while it is sent: its length in bytes, and what gives its pieces."""

    length: int
    pieces: Callable[[], Iterator[bytes]]

    def first_half(self) -> LargeBody:
        """The first half of it."""
        return LargeBody(self.length // 2, lambda: _first(self.pieces(), self.length // 2))


def _first(pieces: Iterator[bytes], wanted: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:wanted]
        wanted -= len(piece)
        if wanted <= 0:
            return


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. ``code`` is the vendor's own result code, for the list of received calls only.

    ``large_body`` takes the place of ``body``.
    """

    status: int
    body: bytes
    content_type: str
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    large_body: LargeBody | None = None


def html(status: int, title: str, text: str, **headers: str) -> Answer:
    """A small HTML page, as web servers and proxies give it."""
    page = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
    return Answer(status, page.encode(), "text/html; charset=utf-8", headers=headers)


class Call(Protocol):
    """A request that a simulator has read but not yet acted on."""

    @property
    def operation(self) -> str | None:
        """The vendor's name of the operation; None where the request does not tell."""

    @property
    def reference(self) -> str | None:
        """The caller's own reference, where the request carries one."""

    def answer(self) -> Answer:
        """Act on the request, store its effect, and answer."""

    def wrong_credentials(self) -> Answer:
        """The answer that wrong credentials give; nothing is stored."""

    def business_error(self, code: int | str, description: str) -> Answer:
        """The vendor's own refusal with that code; nothing is stored."""
