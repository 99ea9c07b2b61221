"""A case, and what has happened to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from simulators.jadu_cxm.case_types import CaseType


def plain(value: Any) -> Any:
    """The value as the admin side shows it: moments in UTC with Z."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class Happening:
    """Something that happened to a case: a line of its timeline, and what rules are asked about.

    ``status`` and the rest are as they were then: a webhook that is sent later still tells them.
    """

    event: str
    case: str
    case_type: str
    status: str
    status_title: str
    user: str | None
    occurred_at: datetime
    transition: str | None = None
    from_status: str | None = None
    fields: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        """A line of the timeline, without what the line of every case is."""
        line = {
            "event": self.event,
            "at": plain(self.occurred_at),
            "by": self.user,
            "status": self.status,
            "transition": self.transition,
            "from_status": self.from_status,
            "fields": list(self.fields) or None,
        }
        return {name: value for name, value in line.items() if value is not None}


@dataclass(frozen=True)
class Attachment:
    """A file on a case."""

    id: int
    name: str
    type: str | None
    description: str | None
    filename: str
    content_type: str
    content: bytes
    created_at: datetime

    def shown(self) -> dict[str, Any]:
        """What the admin side shows: the content by its size and SHA-256."""
        without = {name: plain(value) for name, value in vars(self).items() if name != "content"}
        return {**without, "size": len(self.content), "sha256": hashlib.sha256(self.content).hexdigest()}


@dataclass(frozen=True)
class Note:
    """A note or a message on a case."""

    id: int
    text: str
    by: str | None
    created_at: datetime


@dataclass
class Case:
    """A case. ``values`` are by the names that fields are written by; those not set are not in it."""

    reference: str
    type: CaseType
    status: str
    created_at: datetime
    updated_at: datetime
    values: dict[str, Any] = field(default_factory=dict)
    person: str | None = None
    address: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    messages: list[Note] = field(default_factory=list)
    timeline: list[Happening] = field(default_factory=list)

    @property
    def status_title(self) -> str:
        """What people call its status."""
        return self.type.statuses[self.status]

    def set(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The values are set; the names of those that were another before are returned."""
        changed = tuple(name for name, value in values.items() if self.values.get(name) != value)
        for name, value in values.items():
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = value
        return changed

    def shown(self) -> dict[str, Any]:
        """What the admin side shows: every value by the name that it is read by."""
        read_as = {name: definition.read_as for name, definition in self.type.fields.items()}
        return {
            "reference": self.reference,
            "type": self.type.name,
            "status": self.status,
            "created_at": plain(self.created_at),
            "updated_at": plain(self.updated_at),
            "person": self.person,
            "address": self.address,
            "values": {read_as[name]: plain(value) for name, value in self.values.items()},
            "attachments": [one.shown() for one in self.attachments],
            "notes": [plain(dict(vars(one))) for one in self.notes],
            "messages": [plain(dict(vars(one))) for one in self.messages],
            "timeline": [one.shown() for one in self.timeline],
        }
