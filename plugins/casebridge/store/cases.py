"""The shelf of the local case source: cases as JSON in casebridge's own database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casebridge.store.database import Database
from casebridge.store.tables import local_cases


class LocalCases:
    """Keeps the details of cases.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def details(self, reference: str) -> dict[str, Any] | None:
        """The details of a case, or None when there is no such case."""
        query = sa.select(local_cases.c.details).where(local_cases.c.reference == reference)
        with self._database.connect() as connection:
            found: dict[str, Any] | None = connection.execute(query).scalar()
        return found

    def put(self, cases: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
        """Stores cases over those of the same reference, and returns how many."""
        rows = [{"reference": reference, "details": dict(details)} for reference, details in cases]
        if rows:
            statement = insert(local_cases)
            statement = statement.on_conflict_do_update(
                index_elements=["reference"],
                set_={"details": statement.excluded.details, "updated_at": sa.func.now()},
            )
            with self._database.begin() as connection:
                connection.execute(statement, rows)
        return len(rows)

    def merge(self, reference: str, parts: Mapping[str, Mapping[str, Any]], status: str | None = None) -> bool:
        """Writes values into parts of a case (`fields`, `dates`), and its status; False when there is no such case."""
        query = sa.select(local_cases.c.details).where(local_cases.c.reference == reference).with_for_update()
        with self._database.begin() as connection:
            details = connection.execute(query).scalar()
            if details is None:
                return False
            for part, values in parts.items():
                details = {**details, part: {**details.get(part, {}), **values}}
            if status is not None:
                details = {**details, "status": status}
            connection.execute(
                local_cases.update()
                .where(local_cases.c.reference == reference)
                .values(details=details, updated_at=sa.func.now())
            )
        return True
