"""A record of a target system, as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from casebridge.core.case import Value
from casebridge.core.problem import Problem


@dataclass(frozen=True)
class Record:
    """What a target holds about one record. Its text form shows the id only.

    Attributes:
        kind: The kind of record, as the manifest names it (`worksheet`).
        id: The target's id.
        fields: Values by the field names of the incoming action type, as the target wrote them.
        keyed: Values of keyed fields by name, then by key.
        url: Address of the record's page for people, or "".
        partial: Whether it holds only what was told: a field that is not there leaves the case as it is.
    """

    kind: str
    id: str
    fields: Mapping[str, Value] = field(default_factory=dict, repr=False)
    keyed: Mapping[str, Mapping[str, Value]] = field(default_factory=dict, repr=False)
    url: str = field(default="", repr=False)
    partial: bool = field(default=False, repr=False)


@dataclass(frozen=True)
class Found:
    """A record that may be the one that an unanswered create made.

    Attributes:
        id: The target's id.
        created_at: When the target says it was made, with offset; None when it does not say.
        certain: Whether it is of the very kind that was to be made; a look-alike is left to a person.
    """

    id: str
    created_at: datetime | None = None
    certain: bool = True


@dataclass(frozen=True)
class Receipt:
    """A target's clear yes to a write.

    Attributes:
        record_id: The id of the record; "" for a write that makes none.
        url: Address of the record's page for people, or "".
        detail: What else the log should say. No case values.
        unconfirmed: Whether it left by a way that gives no answer, so that an event or a person must confirm it.
        problems: What was done otherwise than asked, as warnings: the action is confirmed all the same.
    """

    record_id: str
    url: str = ""
    detail: str = ""
    unconfirmed: bool = False
    problems: tuple[Problem, ...] = ()
