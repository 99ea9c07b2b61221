"""A ticket of the service provider, and what has been written in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NEW, IN_PROGRESS, SOLVED, CLOSED = "new", "in_progress", "solved", "closed"
PRIORITIES = ("low", "normal", "high", "urgent")
#: The texts of a ticket that its caller sets, and the longest that each may be.
TEXTS = {"title": 250, "description": 20_000, "category": 100, "location": 250, "requester": 250}


@dataclass(frozen=True)
class Update:
    """A text in a ticket. ``origin``: customer (by the API) or provider (by the desk's own people)."""

    id: int
    text: str
    author: str
    origin: str
    at: datetime

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        return {**vars(self), "at": stamp(self.at)}


@dataclass
class Ticket:
    """A ticket.

    Attributes:
        number: The provider's own number.
        reference: The caller's own reference; several tickets may have the same.
        callback_url: Where this ticket's webhooks go, in place of the one that is set for all.
    """

    number: str
    reference: str
    title: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    category: str = ""
    location: str = ""
    requester: str = ""
    priority: str = "normal"
    status: str = NEW
    solution: str | None = None
    declined: int = 0
    callback_url: str | None = None
    updates: list[Update] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        moments = {name: stamp(getattr(self, name)) for name in ("created_at", "updated_at")}
        return {**vars(self), **moments, "updates": [one.shown() for one in self.updates]}


def stamp(moment: datetime) -> str:
    """A moment as the API writes it: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
