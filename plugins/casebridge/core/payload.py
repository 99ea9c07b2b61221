"""What is sent to a target: fields by name, keyed fields as lists. JSON all the way, so that it can be kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, TypedDict

from casebridge.core.manifest import ActionType, MatchRule
from casebridge.core.message import Message

Scalar = str | int | bool


class KeyedValue(TypedDict):
    """One value of a keyed field: a Service Property ID and the property's value."""

    key: str | int
    value: Scalar


@dataclass(frozen=True)
class Payload:
    """The evaluated mappings of one action. Holds case values: never log it.

    Attributes:
        fields: Values of plain fields by name, in the order in which the target declares them.
        keyed: Values of keyed fields by name, each a list in the order of the rows.
        public: Texts that came from the template and not from the case: the only ones that a log may show.
        record_id: The record that it is about, taken from the Reference; "" when a new one is made.
        matching: The rules by which records beside the main one are searched for or made, by name of the match.
        messages: The messages of the case, oldest first, where the action sends them.
    """

    fields: dict[str, Scalar] = field(default_factory=dict, repr=False)
    keyed: dict[str, list[KeyedValue]] = field(default_factory=dict, repr=False)
    public: tuple[str, ...] = field(default=(), repr=False)
    record_id: str = field(default="", repr=False)
    matching: dict[str, MatchRule] = field(default_factory=dict, repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """The payload as plain JSON values."""
        return {
            "fields": self.fields,
            "keyed": self.keyed,
            "public": list(self.public),
            "record_id": self.record_id,
            "matching": self.matching,
            "messages": [message.as_json() for message in self.messages],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Payload:
        """The payload that `as_json` gave, by this version or an earlier one."""
        return cls(
            fields=data["fields"],
            keyed=data["keyed"],
            public=tuple(data["public"]),
            record_id=data.get("record_id", ""),
            matching={name: MatchRule(rule) for name, rule in data.get("matching", {}).items()},
            messages=tuple(Message.from_json(message) for message in data.get("messages", [])),
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the payload, in hex: two equal digests mean that the same would be sent."""
        sent: list[object] = [self.fields, self.keyed]
        if self.record_id or self.matching or self.messages:
            sent += [self.record_id, self.matching, [message.as_json() for message in self.messages]]
        return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()

    def private_values(self) -> list[str]:
        """Every value that came from the case, as text: what no log may show."""
        rows = [row for rows in self.keyed.values() for row in rows]
        values = [*self.fields.values(), *(row["value"] for row in rows), *(row["key"] for row in rows)]
        for message in self.messages:
            values += [message.text, message.author_name, message.author_email]
            values += [text for attachment in message.attachments for text in (attachment.name, attachment.url)]
        return [str(value) for value in values if str(value) not in self.public]

    def text(self, name: str) -> str:
        """The value of a plain field as text, "" when it has none."""
        return str(self.fields.get(name, ""))

    def external_reference(self, action: ActionType) -> str:
        """Our own reference on the target's record, by which it can be found again; "" when there is none."""
        return self.text(action.found_by) if action.found_by else ""
