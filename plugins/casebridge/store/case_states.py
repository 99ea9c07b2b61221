"""What was last seen of cases: the status of each, and how far a list of changes was read."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casebridge.store.database import Database
from casebridge.store.tables import case_states, cursors


class CaseStates:
    """Remembers what was seen, so that a change can be told from no change.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def status(self, source: str, reference: str) -> str | None:
        """The status that was last seen, or None for a case that was never seen."""
        query = sa.select(case_states.c.status).where(
            case_states.c.case_source == source, case_states.c.case_reference == reference
        )
        with self._database.connect() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def see_all(self, statuses: Mapping[tuple[str, str], str]) -> None:
        """Remembers the statuses of cases, by source and case reference."""
        if not statuses:
            return
        rows = [
            {"case_source": source, "case_reference": reference, "status": status}
            for (source, reference), status in statuses.items()
        ]
        statement = insert(case_states).values(rows)
        statement = statement.on_conflict_do_update(
            index_elements=["case_source", "case_reference"],
            set_={"status": statement.excluded.status, "seen_at": sa.func.now()},
        )
        with self._database.begin() as connection:
            connection.execute(statement)

    def position(self, name: str) -> str:
        """How far a list was read, "" when it never was."""
        with self._database.connect() as connection:
            return connection.execute(sa.select(cursors.c.position).where(cursors.c.name == name)).scalar() or ""

    def move(self, name: str, position: str) -> None:
        """Remembers how far a list was read."""
        statement = insert(cursors).values(name=name, position=position)
        statement = statement.on_conflict_do_update(
            index_elements=["name"], set_={"position": position, "moved_at": sa.func.now()}
        )
        with self._database.begin() as connection:
            connection.execute(statement)
