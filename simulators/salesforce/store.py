"""The records that the org holds, and going back to how they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulators.salesforce.ids import new_id
from simulators.salesforce.schema import Entity, Schema

Record = dict[str, Any]


class Store:
    """Records by object and id, in order of creation.

    A deleted record stays, marked, as in the vendor's recycle bin.
    """

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, Record]] = {}
        self._unique: dict[tuple[str, str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._undo: list[tuple[Entity, str, Record | None]] = []

    def next_id(self, entity: Entity) -> str:
        """An id that was never given before, not even to a record that has been rolled back."""
        return new_id(entity.prefix, self.next_number(entity.name))

    def next_number(self, counter: str) -> int:
        """The next number of a counter, from 1. Counters never go back."""
        self._counts[counter] = self._counts.get(counter, 0) + 1
        return self._counts[counter]

    def all(self, entity: str) -> Iterator[Record]:
        """The records of an object that are not deleted."""
        return (record for record in self._tables.get(entity, {}).values() if not record["IsDeleted"])

    def with_deleted(self, entity: str) -> Iterator[Record]:
        """The records of an object, also the deleted ones."""
        return iter(self._tables.get(entity, {}).values())

    def get(self, entity: str, record: str) -> Record | None:
        """The record with that id (18 characters), also if it is deleted."""
        return self._tables.get(entity, {}).get(record)

    def holder(self, entity: str, field: str, value: str) -> str | None:
        """The id of the record that has this value in a unique field, which ignores case."""
        return self._unique.get((entity, field, value.lower()))

    def put(self, entity: Entity, record: Mapping[str, Any]) -> None:
        """The record is there, in place of what had its id."""
        table = self._tables.setdefault(entity.name, {})
        before = table.get(record["Id"])
        self._undo.append((entity, record["Id"], before))
        self._place(entity, record["Id"], dict(record))

    def _place(self, entity: Entity, key: str, record: Record | None) -> None:
        table = self._tables.setdefault(entity.name, {})
        for field in (one.name for one in entity.fields.values() if one.unique):
            before = table.get(key, {}).get(field)
            if before is not None and self._unique.get((entity.name, field, before.lower())) == key:
                del self._unique[entity.name, field, before.lower()]
            after = record.get(field) if record and not record["IsDeleted"] else None
            if after is not None:
                self._unique[entity.name, field, after.lower()] = key
        if record is None:
            table.pop(key, None)
        else:
            table[key] = record

    def mark(self) -> int:
        """Where we are now, to come back to."""
        return len(self._undo)

    def go_back(self, mark: int) -> None:
        """Everything is as it was at the mark; only counters go on."""
        while len(self._undo) > mark:
            self._place(*self._undo.pop())

    def forget_marks(self) -> None:
        """What has been done stays."""
        self._undo.clear()

    def refit(self, schema: Schema) -> None:
        """Every record has the fields that its object has now."""
        for name, table in self._tables.items():
            for record in table.values():
                for field in schema.entities[name].fields.values():
                    record.setdefault(field.name, field.default)
