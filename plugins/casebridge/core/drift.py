"""The classes of a comparison: how a Reference, an action or a record stands after both sides were looked at."""

from __future__ import annotations

from enum import StrEnum


class Stand(StrEnum):
    """How an action of the ledger stands before it is compared with the target."""

    HELD = "held"
    """It holds a record in a Reference, or made one that needs none."""
    REPLACED = "replaced"
    """Its record was in a Reference that holds a newer one now."""
    IN_DOUBT = "in_doubt"
    """Nobody knows whether it made a record."""
    IN_PROGRESS = "in_progress"
    """A run is at work on it, or was a moment ago."""
    CLOSED = "closed"
    """A person ended it without a record."""
    ENDED = "ended"
    """It was refused or has failed: it made no record."""


class Drift(StrEnum):
    """Where an action or a record belongs. Every one is in exactly one class."""

    MATCHED = "matched"
    CHANGED = "changed"
    """The record has changed in the target since its data was brought back."""
    MISSING_IN_TARGET = "missing_in_target"
    """A Reference holds a record that the target does not have."""
    MISSING_HERE = "missing_here"
    """A record carries one of our references, and no Reference holds it."""
    DOUBLED = "doubled"
    """A record carries our reference beside another one that a Reference holds."""
    CLOSED_IN_TARGET = "closed_in_target"
    """The target is done with the record, the case is open."""
    CLOSED_HERE = "closed_here"
    """The case, or the action, is closed, and the target still works on the record."""
    DECIDABLE = "decidable"
    """An action in doubt, and a record that it may have made."""
    IN_DOUBT = "in_doubt"
    """An action in doubt, and no record that it could have made."""
    CANDIDATE = "candidate"
    """A record that an action in doubt may have made."""
    IN_PROGRESS = "in_progress"
    """A run is at work on it: it is looked at the next time."""
    NOT_LISTED = "not_listed"
    """A Reference whose record the period of the listing need not show."""
    NOTHING_EXPECTED = "nothing_expected"
    """An action without a record, or an earlier record of a Reference."""
    UNRELATED = "unrelated"
    """A record that carries none of our references."""


FINDINGS = (
    Drift.MISSING_IN_TARGET,
    Drift.MISSING_HERE,
    Drift.DOUBLED,
    Drift.CLOSED_IN_TARGET,
    Drift.CLOSED_HERE,
    Drift.DECIDABLE,
    Drift.IN_DOUBT,
)
"""The classes that a person may have to decide about."""

TITLES: dict[Drift, str] = {
    Drift.MATCHED: "Matched",
    Drift.CHANGED: "Changed in the target",
    Drift.MISSING_IN_TARGET: "Missing in the target",
    Drift.MISSING_HERE: "Missing here",
    Drift.DOUBLED: "Doubled by our reference",
    Drift.CLOSED_IN_TARGET: "Closed in the target only",
    Drift.CLOSED_HERE: "Closed here only",
    Drift.DECIDABLE: "In doubt, a record is there",
    Drift.IN_DOUBT: "In doubt, no record is there",
    Drift.CANDIDATE: "May belong to an action in doubt",
    Drift.IN_PROGRESS: "Being worked on",
    Drift.NOT_LISTED: "Outside of the period",
    Drift.NOTHING_EXPECTED: "Without a record",
    Drift.UNRELATED: "Without our reference",
}
"""What people call the classes."""

MEANING: dict[Drift, str] = {
    Drift.MISSING_IN_TARGET: "A Reference holds a record that the target does not have.",
    Drift.MISSING_HERE: "A record carries our reference, and no Reference holds it.",
    Drift.DOUBLED: "A record carries our reference beside another one that a Reference holds.",
    Drift.CLOSED_IN_TARGET: "The target is done with the record, and the case is open.",
    Drift.CLOSED_HERE: "The case or the action is closed, and the target still works on the record.",
    Drift.DECIDABLE: "An action is in doubt, and a record is there that it may have made.",
    Drift.IN_DOUBT: "An action is in doubt, and no record is there that it could have made.",
}
"""What each finding says, in a sentence."""


class Way(StrEnum):
    """What a person can decide about a finding."""

    ADOPT = "adopt"
    SEND_AGAIN = "send_again"
    CLOSE = "close"
    IGNORE = "ignore"


WAYS: dict[Drift, tuple[Way, ...]] = {
    Drift.MISSING_IN_TARGET: (Way.SEND_AGAIN, Way.CLOSE, Way.IGNORE),
    Drift.MISSING_HERE: (Way.ADOPT, Way.CLOSE, Way.IGNORE),
    Drift.DOUBLED: (Way.ADOPT, Way.CLOSE, Way.IGNORE),
    Drift.CLOSED_IN_TARGET: (Way.CLOSE, Way.IGNORE),
    Drift.CLOSED_HERE: (Way.CLOSE, Way.IGNORE),
    Drift.DECIDABLE: (Way.ADOPT, Way.SEND_AGAIN, Way.CLOSE, Way.IGNORE),
    Drift.IN_DOUBT: (Way.ADOPT, Way.SEND_AGAIN, Way.CLOSE, Way.IGNORE),
}
"""The ways out of each finding."""
