"""Cases of sources that cannot be asked: each as the newest event told it, and what was written back since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casebridge.store.database import Database
from casebridge.store.tables import told_cases


class ToldCases:
    """Keeps what was told of cases.

    Args:
        database: casebridge's own database.
        case_source: The case source.
    """

    def __init__(self, database: Database, case_source: str) -> None:
        self._database = database
        self._case_source = case_source

    def details(self, reference: str) -> dict[str, Any] | None:
        """What is known of a case, or None when nothing was told."""
        query = sa.select(told_cases.c.details).where(self._is(reference))
        with self._database.connect() as connection:
            found: dict[str, Any] | None = connection.execute(query).scalar()
        return found

    def put(self, reference: str, details: Mapping[str, Any], *, position: int) -> bool:
        """Keeps what an event told, unless a later one was there before; False then.

        Args:
            reference: The case reference number.
            details: What was told; what stands beside these names stays, such as what was written back.
            position: The event's place among those of the case; 0 when they are not numbered.
        """
        statement = insert(told_cases).values(
            case_source=self._case_source, case_reference=reference, details=dict(details), position=position
        )
        statement = statement.on_conflict_do_update(
            index_elements=["case_source", "case_reference"],
            set_={
                "details": told_cases.c.details.op("||")(statement.excluded.details),
                "position": statement.excluded.position,
                "told_at": sa.func.now(),
            },
            where=sa.or_(statement.excluded.position == 0, told_cases.c.position <= statement.excluded.position),
        )
        with self._database.begin() as connection:
            return connection.execute(statement.returning(told_cases.c.case_reference)).scalar() is not None

    def add(self, reference: str, details: Mapping[str, Any]) -> None:
        """Keeps something beside what was told; nothing where nothing was told."""
        more = sa.literal(dict(details), told_cases.c.details.type)
        statement = told_cases.update().where(self._is(reference)).values(details=told_cases.c.details.op("||")(more))
        with self._database.begin() as connection:
            connection.execute(statement)

    def _is(self, reference: str) -> sa.ColumnElement[bool]:
        return sa.and_(told_cases.c.case_source == self._case_source, told_cases.c.case_reference == reference)
