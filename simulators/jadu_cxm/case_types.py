"""Case types: their fields, statuses and transitions, as a council sets them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldDefinition:
    """A field of a case type.

    Attributes:
        name: As it is written: kebab-case.
        label: What people see.
        kind: text, choice, boolean, number, date, datetime or reference (which holds a number of another system).
        choices: Of a choice: the value that is stored, and the label that people see.
        required: Whether a case cannot be created without it.
        forms: On which forms it is; the API can write it through these only.
        visible: Whether the API's role may see it, to read or to write.
        read_as: As it is read: snake_case.
    """

    name: str
    label: str
    kind: str = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    forms: tuple[str, ...] = ("create", "edit")
    visible: bool = True
    read_as: str = ""

    @classmethod
    def read(cls, name: str, given: Mapping[str, Any]) -> FieldDefinition:
        """The definition in the sample data."""
        # Clients write sys-first-name and read first_name: that the one is the other is INFERRED, for all sys- fields.
        read_as = name.removeprefix("sys-").replace("-", "_")
        return cls(name, **{**given, "forms": tuple(given.get("forms", ("create", "edit"))), "read_as": read_as})


@dataclass(frozen=True)
class Transition:
    """A way from some statuses to another."""

    name: str
    title: str
    start: tuple[str, ...]
    end: str


@dataclass(frozen=True)
class CaseType:
    """A case type; its references start with three letters of its own."""

    name: str
    title: str
    prefix: str
    first_number: int
    initial: str
    statuses: Mapping[str, str]
    transitions: Mapping[str, Transition]
    fields: Mapping[str, FieldDefinition]

    @classmethod
    def read(cls, name: str, given: Mapping[str, Any], shared: Mapping[str, Any]) -> CaseType:
        """The case type in the sample data; ``shared`` are the fields that every case type has."""
        return cls(
            name=name,
            title=given["title"],
            prefix=given["prefix"],
            first_number=given["first_number"],
            initial=next(iter(given["statuses"])),
            statuses=given["statuses"],
            transitions={
                key: Transition(key, one["title"], tuple(one["from"]), one["to"])
                for key, one in given["transitions"].items()
            },
            fields={key: FieldDefinition.read(key, one) for key, one in {**given["fields"], **shared}.items()},
        )

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {
            "name": self.name,
            "title": self.title,
            "prefix": self.prefix,
            "statuses": [{"name": name, "title": title} for name, title in self.statuses.items()],
            "transitions": [
                {"name": one.name, "title": one.title, "from": list(one.start), "to": one.end}
                for one in self.transitions.values()
            ],
            "fields": [
                {**vars(one), "choices": dict(one.choices), "forms": list(one.forms)} for one in self.fields.values()
            ],
        }
