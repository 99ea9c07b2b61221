"""The inbox: arrivals are stored before they are answered, and handled once, in order per subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casebridge.core.arrival import Arrival, ArrivalKind, ArrivalState
from casebridge.store.database import Database
from casebridge.store.tables import inbox

_DRAINING = 4_713_290_552  # any number that nobody else locks


@dataclass(frozen=True)
class Entry:
    """An arrival in the inbox. Times are in UTC."""

    id: int
    arrival: Arrival
    state: ArrivalState
    reason: str
    tries: int
    received_at: datetime
    handled_at: datetime | None


class Inbox:
    """Stores and hands out arrivals.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, arrivals: Sequence[Arrival]) -> int:
        """Stores arrivals that are not there yet, and returns how many were new.

        When this has returned, they are safe: who sent them may be told so.
        """
        if not arrivals:
            return 0
        rows = [
            {
                "system": arrival.system,
                "kind": arrival.kind,
                "key": arrival.key,
                "subject": arrival.subject,
                "event": arrival.event,
                "details": arrival.details,
                "position": arrival.position,
                "content": arrival.content,
            }
            for arrival in arrivals
        ]
        statement = insert(inbox).values(rows).on_conflict_do_nothing(index_elements=["system", "key"])
        with self._database.begin() as connection:
            return len(connection.execute(statement.returning(inbox.c.id)).all())

    @contextmanager
    def draining(self) -> Iterator[bool]:
        """Holds the inbox, so that one process at a time handles it; False when another one does."""
        with self._database.connect() as connection:
            held = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(_DRAINING))).scalar())
            connection.commit()
            try:
                yield held
            finally:
                if held and not connection.invalidated:
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_DRAINING)))
                    connection.commit()

    def pending(self, *, after: int = 0, limit: int = 500) -> list[Entry]:
        """The oldest entries that are not handled yet, in the order of their arrival.

        Args:
            after: Only entries with a greater id; those that wait must not keep the others from their turn.
            limit: At most as many.
        """
        waiting = sa.and_(inbox.c.state == ArrivalState.PENDING, inbox.c.id > after)
        return self._read(waiting, inbox.c.id.asc(), limit)

    def latest(self, limit: int = 50) -> list[Entry]:
        """The newest entries first."""
        return self._read(sa.true(), inbox.c.id.desc(), limit)

    def count_pending(self) -> int:
        """How many entries wait."""
        query = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == ArrivalState.PENDING)
        with self._database.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def done(self, entry: Entry, state: ArrivalState, reason: str = "") -> None:
        """An entry is handled, ignored or failed for good. What came with it is kept only if that was not used."""
        used = {} if state is ArrivalState.FAILED else {"content": None}
        self._write(entry, state=state, reason=reason, handled_at=sa.func.now(), **used)

    def ignore(self, reasons: Sequence[tuple[int, str]]) -> None:
        """Entries that nothing was to be done about, by id, each with its reason."""
        if not reasons:
            return
        told = sa.values(sa.column("id", sa.BigInteger), sa.column("reason", sa.Text), name="told").data(list(reasons))
        statement = (
            inbox.update()
            .where(inbox.c.id == told.c.id)
            .values(
                state=ArrivalState.IGNORED,
                content=None,
                reason=told.c.reason,
                handled_at=sa.func.now(),
                tries=inbox.c.tries + 1,
            )
        )
        with self._database.begin() as connection:
            connection.execute(statement)

    def again(self, ids: Sequence[int]) -> list[int]:
        """Entries that failed wait for their turn once more; returns the ids of those that had failed."""
        statement = (
            inbox.update()
            .where(inbox.c.id.in_(ids), inbox.c.state == ArrivalState.FAILED)
            .values(state=ArrivalState.PENDING, tries=0, reason="", handled_at=None)
            .returning(inbox.c.id)
        )
        with self._database.begin() as connection:
            return sorted(connection.execute(statement).scalars())

    def waits(self, entry: Entry, reason: str, *, tried: bool) -> None:
        """An entry stays pending: something was away, or, when it was not tried, its turn has not come."""
        self._write(entry, reason=reason, **({} if tried else {"tries": inbox.c.tries}))

    def _write(self, entry: Entry, **values: object) -> None:
        statement = inbox.update().where(inbox.c.id == entry.id).values({"tries": inbox.c.tries + 1, **values})
        with self._database.begin() as connection:
            connection.execute(statement)

    def _read(self, condition: sa.ColumnElement[bool], order: sa.ColumnElement[int], limit: int) -> list[Entry]:
        query = sa.select(inbox).where(condition).order_by(order).limit(limit)
        with self._database.connect() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]


def _entry(row: sa.RowMapping) -> Entry:
    arrival = Arrival(
        system=row["system"],
        kind=ArrivalKind(row["kind"]),
        key=row["key"],
        subject=row["subject"],
        event=row["event"],
        details=row["details"],
        position=row["position"],
        content=row["content"],
    )
    return Entry(
        id=row["id"],
        arrival=arrival,
        state=ArrivalState(row["state"]),
        reason=row["reason"],
        tries=row["tries"],
        received_at=row["received_at"],
        handled_at=row["handled_at"],
    )
