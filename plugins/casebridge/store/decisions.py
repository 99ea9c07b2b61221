"""What a person decides about an action in doubt: adopt the record, create it again, or close it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from casebridge.core.errors import Conflict, NotFound
from casebridge.core.outcome import RESOLVABLE, State
from casebridge.core.record import Receipt
from casebridge.store.action import Action
from casebridge.store.claim import hold, store_confirmation
from casebridge.store.database import Database
from casebridge.store.parts import Part, PartState, parts_of
from casebridge.store.story import tell
from casebridge.store.tables import action_parts, actions


def _is(part: Part) -> sa.ColumnElement[bool]:
    return (action_parts.c.action_id == part.action_id) & (action_parts.c.name == part.name)


class Decisions:
    """Writes what a person decided, and who.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt(self, action_id: str, *, record_id: str, who: str) -> Action:
        """A person says which record the action made.

        Raises:
            Conflict: The action is not in doubt, or another action made that record.
        """
        with self._resolving(action_id) as (connection, action):
            if (part := self._part_in_doubt(connection, action_id)) is not None:
                return self._adopt_part(connection, part, record_id=record_id, who=who)
            taken = connection.execute(
                sa.select(actions.c.id).where(
                    actions.c.system == action.system,
                    actions.c.record == action.record,
                    actions.c.record_id == record_id,
                    actions.c.id != action_id,
                )
            ).scalar()
            if taken and record_id not in self._meant(action):
                raise Conflict(f"record {record_id} belongs to action {taken} already")
            url = action.record_url if record_id == action.record_id else ""
            row = store_confirmation(
                connection, action, receipt=Receipt(record_id, url=url), fence=None, reason="adopted by a person"
            )
            tell(connection, action_id, "adopted", f"record {record_id} was adopted", who=who)
            return row

    def allow_again(self, action_id: str, *, who: str) -> Action:
        """A person says that no record was made: the next try may create it.

        Raises:
            Conflict: The action is not in doubt, or nothing would try it again.
        """
        with self._resolving(action_id) as (connection, action):
            if action.state is State.UNCONFIRMED:
                if not action.template:
                    raise Conflict("the inbox is done with this update: close it, and ask for the record again")
                connection.execute(action_parts.delete().where(action_parts.c.action_id == action_id))
            elif (part := self._part_in_doubt(connection, action_id)) is not None:
                connection.execute(action_parts.delete().where(_is(part)))
            row = self._set(connection, action_id, state=State.PLANNED, maybe_sent=False, looks=0, ended_at=None)
            tell(connection, action_id, "create_again", "a person allowed it to be created again", who=who)
            return row

    def close(self, action_id: str, *, who: str, reason: str) -> Action:
        """A person ends an action without a record.

        Raises:
            Conflict: The action is not in doubt.
        """
        with self._resolving(action_id) as (connection, _):
            row = self._set(connection, action_id, state=State.CLOSED, reason=reason, ended_at=sa.func.now())
            tell(connection, action_id, "closed", reason, who=who)
            return row

    def _adopt_part(self, connection: Connection, part: Part, *, record_id: str, who: str) -> Action:
        """The part is done with that record; the next try goes on with the parts behind it."""
        values = {"state": PartState.CONFIRMED, "record_id": record_id, "confirmed_at": sa.func.now()}
        connection.execute(action_parts.update().where(_is(part)).values(values))
        row = self._set(connection, part.action_id, state=State.PLANNED, maybe_sent=False, looks=0, ended_at=None)
        tell(connection, part.action_id, "adopted", f"{part.record} {record_id} was adopted as {part.name}", who=who)
        return row

    def _meant(self, action: Action) -> set[str | None]:
        """The record that an update went to: other actions have it too."""
        return {action.record_id, action.payload.record_id if action.payload else None}

    def _part_in_doubt(self, connection: Connection, action_id: str) -> Part | None:
        parts = parts_of(connection, action_id).values()
        return next((part for part in parts if part.state is PartState.SENT), None)

    @contextmanager
    def _resolving(self, action_id: str) -> Iterator[tuple[Connection, Action]]:
        with self._database.begin() as connection:
            row = connection.execute(sa.select(actions).where(actions.c.id == action_id).with_for_update()).mappings()
            found = row.one_or_none()
            if found is None:
                raise NotFound(f"the ledger has no action {action_id}")
            action = Action.from_row(found)
            if action.state not in RESOLVABLE:
                raise Conflict(f"the action is not in doubt: it is {action.state}")
            lock = hold(action_id)
            if not connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(lock))).scalar():
                raise Conflict("a run is at work on this action right now; decide when it has ended")
            yield connection, action

    def _set(self, connection: Connection, action_id: str, **values: Any) -> Action:
        statement = actions.update().where(actions.c.id == action_id).values(**values, updated_at=sa.func.now())
        return Action.from_row(connection.execute(statement.returning(actions)).mappings().one())
