"""Reconciliations: how far each has come, what the target listed, and both sides as rows to compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casebridge.core.drift import Stand
from casebridge.core.errors import NotFound
from casebridge.core.outcome import Incoming, State
from casebridge.core.summary import Summary
from casebridge.store.database import Database
from casebridge.store.tables import actions, case_states, listed_records, reconciliations, references

STALE = timedelta(days=7)
"""A listing that was left longer ago is not gone on with: the target has moved on."""

CLOCK_DIFFERENCE = timedelta(minutes=10)
"""A change that the target dates this little before we read the record may have come after."""


@dataclass(frozen=True)
class Reconciliation:
    """One comparison with a target, which may take several runs. Times are in UTC."""

    id: int
    system: str
    record: str
    state: str
    since: datetime
    until: datetime
    position: str
    listed: int
    counts: dict[str, int]
    mended: dict[str, int]
    report: str
    dag_id: str
    run_id: str
    started_at: datetime
    ended_at: datetime | None


class Reconciliations:
    """Writes down what a target lists, and reads both sides.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def at_work(self, system: str) -> Iterator[bool]:
        """Holds the reconciliation of a system, so that one process at a time does it; False when another one does.

        No action ever asks for this lock.
        """
        lock = sa.func.hashtextextended(f"casebridge.reconcile.{system}", 0)
        with self._database.connect() as connection:
            held = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(lock))).scalar())
            connection.commit()
            try:
                yield held
            finally:
                if held and not connection.invalidated:
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(lock)))
                    connection.commit()

    def begin(
        self, system: str, record: str, *, since: datetime, until: datetime, dag_id: str = "", run_id: str = ""
    ) -> Reconciliation:
        """The reconciliation to work on: the one that was left before its end, or a new one for this period."""
        mine = (reconciliations.c.system == system) & (reconciliations.c.record == record)
        with self._database.begin() as connection:
            left = connection.execute(
                sa.select(reconciliations.c.id)
                .where(mine, reconciliations.c.state != "done", reconciliations.c.until > until - STALE)
                .order_by(reconciliations.c.id.desc())
                .limit(1)
            ).scalar()
            run = {"dag_id": dag_id, "run_id": run_id}
            statement: sa.Insert | sa.Update
            if left is None:
                statement = reconciliations.insert().values(
                    system=system, record=record, since=since, until=until, **run
                )
            else:
                statement = reconciliations.update().where(reconciliations.c.id == left).values(run)
            row = connection.execute(statement.returning(reconciliations)).mappings().one()
        return Reconciliation(**row)

    def listed(self, mine: Reconciliation, summaries: Sequence[Summary], position: str = "") -> Reconciliation:
        """What a target has listed is written down, and how far the listing has come, in one transaction.

        Args:
            mine: The reconciliation.
            summaries: The records; those that were listed before are written over.
            position: Where the listing goes on; "" leaves it where it was.
        """
        rows = {
            summary.id: {
                "system": mine.system,
                "record": mine.record,
                "record_id": summary.id,
                "external_reference": summary.external_reference,
                "closed": summary.closed,
                "changed_at": summary.changed_at,
                "version": summary.digest or (summary.changed_at.isoformat() if summary.changed_at else ""),
                "seen_in": mine.id,
            }
            for summary in summaries
        }
        with self._database.begin() as connection:
            if rows:
                statement = insert(listed_records).values(list(rows.values()))
                written = ("external_reference", "closed", "changed_at", "version", "seen_in")
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["system", "record", "record_id"],
                        set_={name: statement.excluded[name] for name in written},
                    )
                )
            row = connection.execute(
                reconciliations.update()
                .where(reconciliations.c.id == mine.id)
                .values(listed=reconciliations.c.listed + len(rows), position=position or reconciliations.c.position)
                .returning(reconciliations)
            ).mappings()
            return Reconciliation(**row.one())

    def move(self, mine: Reconciliation, **values: Any) -> Reconciliation:
        """Writes down how a reconciliation stands."""
        statement = reconciliations.update().where(reconciliations.c.id == mine.id).values(values)
        with self._database.begin() as connection:
            return Reconciliation(**connection.execute(statement.returning(reconciliations)).mappings().one())

    def keys(self, mine: Reconciliation, creating: Sequence[str], *, after: str, limit: int) -> list[str]:
        """Our references on records of the period, in order: what a target is asked for that lists nothing else."""
        key = _key()
        query = (
            sa.select(key)
            .where(_made_by(mine, creating), _asked_for(mine), key > after)
            .distinct()
            .order_by(key)
            .limit(limit)
        )
        with self._database.connect() as connection:
            return list(connection.execute(query).scalars())

    def here(
        self, mine: Reconciliation, creating: Sequence[str], *, quiet: timedelta, chunk: int
    ) -> Iterator[Sequence[sa.Row[Any]]]:
        """The actions that made records or may have: key, record_id, action_id, stands, expected, and their cases.

        Args:
            mine: The reconciliation.
            creating: The action types that make records of the kind.
            quiet: An action whose try is younger than this is left to its run.
            chunk: How many rows at a time.
        """
        newer = references.alias("newer")
        replaced = sa.exists().where(
            newer.c.case_source == references.c.case_source,
            newer.c.case_reference == references.c.case_reference,
            newer.c.name == references.c.name,
            newer.c.id > references.c.id,
        )
        young = actions.c.updated_at > sa.func.now() - quiet
        stands = sa.case(
            ((actions.c.state == State.CONFIRMED) & actions.c.record_id.is_(None), Stand.ENDED.value),
            ((actions.c.state == State.CONFIRMED) & replaced, Stand.REPLACED.value),
            (actions.c.state == State.CONFIRMED, Stand.HELD.value),
            (actions.c.state == State.NEEDS_PERSON, Stand.IN_DOUBT.value),
            (actions.c.state.in_([State.INTENT, State.IN_DOUBT]) & ~young, Stand.IN_DOUBT.value),
            (actions.c.state.in_([State.INTENT, State.IN_DOUBT, State.PLANNED]), Stand.IN_PROGRESS.value),
            (actions.c.state == State.CLOSED, Stand.CLOSED.value),
            else_=Stand.ENDED.value,
        )
        moment = sa.func.coalesce(actions.c.ended_at, actions.c.created_at)
        query = (
            sa.select(
                _key().label("key"),
                sa.func.coalesce(sa.case((actions.c.state == State.CONFIRMED, actions.c.record_id)), "").label(
                    "record_id"
                ),
                actions.c.id.label("action_id"),
                stands.label("stands"),
                sa.and_(moment >= mine.since, moment < mine.started_at).label("expected"),
                actions.c.case_source,
                actions.c.case_reference,
                case_states.c.status,
            )
            .select_from(
                actions.outerjoin(references, references.c.action_id == actions.c.id).outerjoin(
                    case_states,
                    (case_states.c.case_source == actions.c.case_source)
                    & (case_states.c.case_reference == actions.c.case_reference),
                )
            )
            .where(_made_by(mine, creating))
        )
        yield from self._stream(query, chunk)

    def there(self, mine: Reconciliation, creating: Sequence[str], *, chunk: int) -> Iterator[Sequence[sa.Row[Any]]]:
        """The records that this reconciliation listed: key, record_id, closed, changed.

        A record that an action holds is listed with that action's key, whatever reference it carries now.
        """
        brought_back = sa.exists().where(
            actions.c.system == listed_records.c.system,
            actions.c.record == listed_records.c.record,
            actions.c.record_id == listed_records.c.record_id,
            actions.c.incoming.in_([Incoming.APPLIED, Incoming.PARTLY]),
            actions.c.updated_at - CLOCK_DIFFERENCE > listed_records.c.changed_at,
        )
        holder = actions.alias("holder")
        query = (
            sa.select(
                sa.func.coalesce(_key(holder), listed_records.c.external_reference).label("key"),
                listed_records.c.record_id,
                sa.func.coalesce(sa.cast(listed_records.c.closed, sa.Integer), -1).label("closed"),
                sa.case(
                    (listed_records.c.applied_version.is_(None), ~brought_back),
                    else_=listed_records.c.applied_version != listed_records.c.version,
                ).label("changed"),
            )
            .select_from(
                listed_records.outerjoin(
                    holder,
                    (holder.c.system == listed_records.c.system)
                    & (holder.c.record == listed_records.c.record)
                    & (holder.c.record_id == listed_records.c.record_id)
                    & (holder.c.state == State.CONFIRMED)
                    & holder.c.action_type.in_(creating),
                )
            )
            .where(listed_records.c.seen_in == mine.id)
        )
        yield from self._stream(query, chunk)

    def applied(self, mine: Reconciliation, record_ids: Iterable[str]) -> None:
        """The data of these records, as they were listed, is on their cases."""
        self._change_listed(mine, record_ids, applied_version=listed_records.c.version)

    def closed(self, mine: Reconciliation, record_id: str) -> bool | None:
        """Whether the target was done with a record when it was listed last; None when that is not known."""
        query = sa.select(listed_records.c.closed).where(
            listed_records.c.system == mine.system,
            listed_records.c.record == mine.record,
            listed_records.c.record_id == record_id,
        )
        with self._database.connect() as connection:
            found: bool | None = connection.execute(query).scalar()
        return found

    def latest(self, system: str, record: str, limit: int = 30) -> list[Reconciliation]:
        """The newest reconciliations that have come to their end, oldest first."""
        query = (
            sa.select(reconciliations)
            .where(
                reconciliations.c.system == system,
                reconciliations.c.record == record,
                reconciliations.c.state == "done",
            )
            .order_by(reconciliations.c.id.desc())
            .limit(limit)
        )
        with self._database.connect() as connection:
            return [Reconciliation(**row) for row in connection.execute(query).mappings()][::-1]

    def reconciliation(self, number: int) -> Reconciliation:
        """The reconciliation with that number.

        Raises:
            NotFound: There is none.
        """
        query = sa.select(reconciliations).where(reconciliations.c.id == number)
        with self._database.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no reconciliation {number}")
        return Reconciliation(**row)

    def of_run(self, dag_id: str, run_id: str) -> list[Reconciliation]:
        """The reconciliations that a DAG run worked on last."""
        query = sa.select(reconciliations).where(reconciliations.c.dag_id == dag_id, reconciliations.c.run_id == run_id)
        with self._database.connect() as connection:
            return [Reconciliation(**row) for row in connection.execute(query.order_by("id")).mappings()]

    def _change_listed(self, mine: Reconciliation, record_ids: Iterable[str], **values: Any) -> None:
        ids = list(record_ids)
        if not ids:
            return
        with self._database.begin() as connection:
            connection.execute(
                listed_records.update()
                .where(
                    listed_records.c.system == mine.system,
                    listed_records.c.record == mine.record,
                    listed_records.c.record_id.in_(ids),
                )
                .values(values)
            )

    def _stream(self, query: sa.Select[Any], chunk: int) -> Iterator[Sequence[sa.Row[Any]]]:
        with self._database.connect() as connection:
            result = connection.execution_options(stream_results=True, max_row_buffer=chunk).execute(query)
            yield from result.partitions(chunk)


def _key(table: Any = actions) -> sa.ColumnElement[str]:
    return sa.func.coalesce(sa.func.nullif(table.c.external_reference, ""), table.c.case_reference)


def _made_by(mine: Reconciliation, creating: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(
        actions.c.system == mine.system, actions.c.record == mine.record, actions.c.action_type.in_(creating)
    )


def _asked_for(mine: Reconciliation) -> sa.ColumnElement[bool]:
    """Actions of the period, and those in doubt whatever their age. What was replaced or sent nothing is asked for too:
    a record with our reference may be there all the same.
    """
    moment = sa.func.coalesce(actions.c.ended_at, actions.c.created_at)
    doubted = actions.c.state.in_([State.INTENT, State.IN_DOUBT, State.NEEDS_PERSON])
    return sa.or_(doubted, (moment >= mine.since) & (moment < mine.started_at))
