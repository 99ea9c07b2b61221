"""A Case as it was at one moment, and the changes to be written back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from casebridge.core.message import Message

Value = str | int | Decimal | bool | date | datetime | tuple[str, ...] | None
"""What a case detail may hold. Date-times carry their offset; a tuple is a multiple choice."""


@dataclass(frozen=True)
class Case:
    """An immutable snapshot of a case.

    Its text form shows the reference number only, so that logging a case can never leak a detail of it.

    Attributes:
        reference: The case reference number that people know the case by.
        source: Name of the case source it was read from.
        type: The case type.
        status: The status, in the source's words.
        fields: Case fields by name.
        dates: Case dates by name; date-times carry their offset, a bare date has no time.
        person: Details of the linked person by name; empty when nobody is linked.
        address: Details of the linked address by name; empty when none is linked.
        url: Address of the case's page for people, or "".
        messages: What the customer and an agent wrote to each other, oldest first; of a conversation.
        references: The record that the case system itself says a Reference holds, by the name of the Reference.
    """

    reference: str
    source: str = "local"
    type: str = field(default="", repr=False)
    status: str = field(default="", repr=False)
    fields: Mapping[str, Value] = field(default_factory=dict, repr=False)
    dates: Mapping[str, date | datetime | None] = field(default_factory=dict, repr=False)
    person: Mapping[str, Value] = field(default_factory=dict, repr=False)
    address: Mapping[str, Value] = field(default_factory=dict, repr=False)
    url: str = field(default="", repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)
    references: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class CaseChanges:
    """What incoming mappings write to a case.

    Attributes:
        fields: New values of case fields by name; None empties the field.
        dates: New values of case dates by name, with offset; None empties the date.
    """

    fields: Mapping[str, Value] = field(default_factory=dict, repr=False)
    dates: Mapping[str, date | datetime | None] = field(default_factory=dict, repr=False)

    def texts(self) -> list[str]:
        """The new values as text: what no log may show."""
        values = [*self.fields.values(), *self.dates.values()]
        return [str(value) for value in values if value is not None]

    def __bool__(self) -> bool:
        """True when there is something to write."""
        return bool(self.fields or self.dates)


@dataclass(frozen=True)
class CaseType:
    """Which details the cases of one type have, so that a template can be checked without a case.

    Attributes:
        name: The case type.
        fields: Titles of the case fields by name.
        dates: Titles of the case dates by name.
        person: Titles of the linked person's details by name.
        address: Titles of the linked address's details by name.
    """

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    person: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangedCase:
    """A case in a list of changes.

    Attributes:
        reference: The case reference number.
        status: Its status now.
        updated_at: When it was changed last, with offset.
        case_type: Its type, "" when the list does not say.
    """

    reference: str
    status: str
    updated_at: datetime
    case_type: str = ""


def is_empty(value: Value) -> bool:
    """True for nothing, blank text and an empty choice; a zero and a "no" are values."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())
