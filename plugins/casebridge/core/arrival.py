"""What other systems push at us: an event of a case, an update of a record.

It is a hint to look, unless its sender can never be asked: then what it told is the truth, and is kept with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ArrivalKind(StrEnum):
    """What an arrival is about."""

    CASE_EVENT = "case_event"
    """Something happened to a case in its case system: rules say what follows."""
    RECORD_UPDATE = "record_update"
    """A target changed a record: its incoming templates are applied, to what was told or else to what is read."""
    NOTICE = "notice"
    """It is kept for the record, and nothing follows, such as the echo of what we wrote ourselves."""


class ArrivalState(StrEnum):
    """Where an arrival stands."""

    PENDING = "pending"
    HANDLED = "handled"
    IGNORED = "ignored"
    """No rule and no Reference is about it."""
    FAILED = "failed"
    """It could not be handled; the reason says why."""


@dataclass(frozen=True)
class Arrival:
    """One thing that was pushed at us.

    Attributes:
        system: Who pushed it: a case source (`jadu_cxm`) or a target (`whitespace`).
        kind: What it is about.
        key: Two arrivals of one system with one key are the same thing, told twice.
        subject: What must be handled in the order of arrival: a case reference number or the id of a record.
        event: What happened, in the system's words: `case.transitioned`.
        details: What else a rule may ask for: case type, transition, status. No personal data.
        position: Its place among those of its subject, where the sender numbers them; otherwise 0, and the order of
            arrival counts.
        content: What the sender told and nobody can be asked for later, by name; None when it can. Holds case values.
    """

    system: str
    kind: ArrivalKind
    key: str
    subject: str
    event: str = ""
    details: dict[str, str] = field(default_factory=dict)
    position: int = 0
    content: dict[str, str] | None = field(default=None, repr=False)
