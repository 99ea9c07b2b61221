"""The integration log: the reading view of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from casebridge.core.outcome import State
from casebridge.store.action import Action, Event
from casebridge.store.database import Database
from casebridge.store.tables import actions, events


class IntegrationLog:
    """Reads what happened.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(
        self,
        *,
        case_reference: str | None = None,
        system: str | None = None,
        state: State | None = None,
        run_ids: Sequence[str] | None = None,
        limit: int = 50,
    ) -> list[Action]:
        """The newest actions first, filtered by what is given."""
        query = sa.select(actions).order_by(actions.c.created_at.desc(), actions.c.id).limit(limit)
        if case_reference is not None:
            query = query.where(actions.c.case_reference == case_reference)
        if system is not None:
            query = query.where(actions.c.system == system)
        if state is not None:
            query = query.where(actions.c.state == state)
        if run_ids is not None:
            query = query.where(actions.c.run_id.in_(run_ids))
        with self._database.connect() as connection:
            return [Action.from_row(row) for row in connection.execute(query).mappings()]

    def story(self, action_id: str) -> list[Event]:
        """What happened to an action, oldest first."""
        query = (
            sa.select(events.c.at, events.c.attempt, events.c.kind, events.c.text, events.c.who)
            .where(events.c.action_id == action_id)
            .order_by(events.c.id)
        )
        with self._database.connect() as connection:
            return [Event(**row) for row in connection.execute(query).mappings()]
