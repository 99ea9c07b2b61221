"""What passes between the HTTP side and a simulator: a request, the call it asks for, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class VendorRequest:
    """One HTTP request on the vendor's side, with its whole body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. ``code`` is the vendor's own result code, for the list of received calls only."""

    status: int
    body: bytes
    content_type: str
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


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
