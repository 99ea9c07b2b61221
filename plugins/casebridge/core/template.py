"""The mapping template: one YAML file that says which data goes where."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from casebridge.core.manifest import ActionType, MatchRule
from casebridge.core.placeholder import Key


class SourceKind(StrEnum):
    """The five places that a row may take its value from, as they are written in a template."""

    CASE_FIELD = "case_field"
    CASE_DATE = "case_date"
    PERSON = "person"
    ADDRESS = "address"
    TEXT = "text"


_SPOKEN = {
    SourceKind.CASE_FIELD: "case field",
    SourceKind.CASE_DATE: "case date",
    SourceKind.PERSON: "linked person's",
    SourceKind.ADDRESS: "linked address's",
}


@dataclass(frozen=True)
class Source:
    """Where a row takes its value from.

    Attributes:
        kind: Which of the five places.
        name: Name of the detail there; for manual text, the text itself.
    """

    kind: SourceKind
    name: str

    @property
    def origin(self) -> str:
        """The source in words, such as `case field "details"`; a manual text is not repeated."""
        return "manual text" if self.kind is SourceKind.TEXT else f'{_SPOKEN[self.kind]} "{self.name}"'


@dataclass(frozen=True)
class OutgoingRow:
    """One mapping from the case to a field of the target.

    Attributes:
        number: Its place among the rows, from 1.
        to: Name of the target's field.
        source: Where the value comes from.
        key: Which one of a keyed field (a Service Property ID).
        value_map: The target's value for a value of the case, both as text; empty when values go as they are.
        default: The value when the case gives none.
        format: How a date is written, in pendulum tokens.
        line: Its line in the file.
    """

    number: int
    to: str
    source: Source
    key: Key | None = None
    value_map: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    format: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class IncomingRow:
    """One mapping from a field of the target's record to the case.

    Attributes:
        number: Its place among the rows, from 1.
        take: Name of the target's field (`from` in the file).
        into: The case field or case date that receives it.
        key: Which one of a keyed field.
        value_map: The case's value for a value of the target.
        default: The value when the record has none; without one, an empty value empties the case field.
        format: How a date is written into a case field.
        line: Its line in the file.
    """

    number: int
    take: str
    into: Source
    key: Key | None = None
    value_map: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    format: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class MappingTemplate:
    """A mapping template that has passed all checks which need no case.

    Attributes:
        id: Its file name without ending; what a trigger names it by.
        system: Name of the target system.
        name: What people call it.
        action: Its type.
        reference: The Reference that it stores, uses or belongs to; "" when its type needs none.
        rows: Outgoing rows; empty for an incoming template.
        incoming_rows: Incoming rows; empty for an outgoing template.
        text: The file as it was read.
        description: What it is for.
        matching: The rules by which records beside the main one are searched for or made, where it chooses one.
    """

    id: str
    system: str
    name: str
    action: ActionType
    reference: str
    text: str = field(repr=False)
    rows: tuple[OutgoingRow, ...] = ()
    incoming_rows: tuple[IncomingRow, ...] = ()
    description: str = ""
    matching: Mapping[str, MatchRule] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the file's text, in hex: which version of the template this is."""
        return hashlib.sha256(self.text.encode()).hexdigest()
