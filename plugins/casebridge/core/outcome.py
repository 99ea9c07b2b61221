"""The states of an action, and what each means to the people who watch."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an action stands."""

    PLANNED = "planned"
    """Evaluated and stored; nothing was sent, or it is certain that nothing arrived."""
    INTENT = "intent"
    """About to be sent, or sent and not answered yet: a create may have happened."""
    IN_DOUBT = "in_doubt"
    """Sent, no answer: the next try looks for the record first."""
    CONFIRMED = "confirmed"
    """The target said yes, or the record was found."""
    UNCONFIRMED = "unconfirmed"
    """Sent by a way that gives no answer, such as e-mail: an event confirms it, or a person does."""
    REFUSED = "refused"
    """The mappings, the settings or the target said no: not tried again."""
    FAILED = "failed"
    """The retries are used up and nothing was written."""
    NEEDS_PERSON = "needs_person"
    """Nobody but a person can tell whether the record exists: `casebridge resolve`."""
    CLOSED = "closed"
    """A person closed it without a record."""


class Incoming(StrEnum):
    """What became of the incoming mappings of an action."""

    NONE = "none"
    """There are none, or it is not their turn yet."""
    APPLIED = "applied"
    PARTLY = "partly"
    """Some rows had problems; the rest was written to the case."""
    FAILED = "failed"
    """The record could not be read, or the case not be written."""


MEANING: dict[State, str] = {
    State.PLANNED: "planned",
    State.INTENT: "being sent",
    State.IN_DOUBT: "in doubt",
    State.CONFIRMED: "confirmed",
    State.UNCONFIRMED: "sent, unconfirmed",
    State.REFUSED: "refused",
    State.FAILED: "failed",
    State.NEEDS_PERSON: "needs a person",
    State.CLOSED: "closed by a person",
}

ENDED = frozenset({State.CONFIRMED, State.UNCONFIRMED, State.REFUSED, State.FAILED, State.NEEDS_PERSON, State.CLOSED})
"""States in which nothing more happens by itself."""

RESOLVABLE = frozenset({State.IN_DOUBT, State.NEEDS_PERSON, State.INTENT, State.UNCONFIRMED})
"""States that a person may decide."""
