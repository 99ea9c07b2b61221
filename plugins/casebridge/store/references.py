"""References: which record of which system a case holds under which name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from casebridge.store.database import Database
from casebridge.store.tables import references


@dataclass(frozen=True)
class Reference:
    """A Reference with its value. Storing a new record in it keeps the older ones, which are then not current."""

    case_source: str
    case_reference: str
    name: str
    system: str
    record: str
    record_id: str
    action_id: str
    stored_at: datetime
    current: bool


class References:
    """Reads References; they are written by the ledger, together with the confirmation of their action."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_case(self, case_reference: str, case_source: str | None = None) -> list[Reference]:
        """The References of a case, by name, the newest value of each first."""
        found = references.c.case_reference == case_reference
        if case_source is not None:
            found &= references.c.case_source == case_source
        return self._read(found)

    def holding(self, system: str, record: str, record_id: str) -> list[Reference]:
        """The References that hold a record of a system."""
        return self._read(
            (references.c.system == system) & (references.c.record == record) & (references.c.record_id == record_id)
        )

    def _read(self, condition: sa.ColumnElement[bool]) -> list[Reference]:
        newer = references.alias("newer")
        is_current = ~sa.exists().where(
            newer.c.case_source == references.c.case_source,
            newer.c.case_reference == references.c.case_reference,
            newer.c.name == references.c.name,
            newer.c.id > references.c.id,
        )
        query = (
            sa.select(references, is_current.label("current"))
            .where(condition)
            .order_by(references.c.name, references.c.id.desc())
        )
        with self._database.connect() as connection:
            return [_reference(row) for row in connection.execute(query).mappings()]


def _reference(row: sa.RowMapping) -> Reference:
    names = (
        "case_source",
        "case_reference",
        "name",
        "system",
        "record",
        "record_id",
        "action_id",
        "stored_at",
        "current",
    )
    return Reference(**{name: row[name] for name in names})
