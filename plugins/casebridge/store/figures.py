"""Figures of the ledger: what ended how, how long it took, what was refused and why, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from casebridge.core.outcome import ENDED, State
from casebridge.store.database import Database
from casebridge.store.tables import actions

_BEGINNING = sa.text("'2001-01-01T00:00:00Z'::timestamptz")
_OPEN = tuple(state for state in State if state not in ENDED)
_LONGEST_REASON = 160


@dataclass(frozen=True)
class Outcomes:
    """How many actions of one stretch of time stand in a state. Times are in UTC."""

    begins: datetime
    state: State
    count: int


@dataclass(frozen=True)
class Duration:
    """How long the actions of one stretch of time took from the request to the confirmation, in seconds."""

    begins: datetime
    median_s: float
    p95_s: float


@dataclass(frozen=True)
class RefusedRow:
    """A mapping row that actions were refused for.

    Attributes:
        system: The target system.
        template: The mapping template.
        row: Number of the row, from 1; None for a problem that is in no row.
        field: Title of the target's field.
        origin: Where the value came from.
        rule: The rule that was broken.
        message: What was wrong, of the newest.
        count: How many actions.
    """

    system: str
    template: str
    row: int | None
    field: str
    origin: str
    rule: str
    message: str
    count: int


@dataclass(frozen=True)
class RefusedByReason:
    """A reason for which a target refused."""

    system: str
    reason: str
    count: int


@dataclass(frozen=True)
class Standing:
    """How one system stands. Times are in UTC.

    Attributes:
        waiting: Actions that are not sent yet, or wait for their next try.
        oldest_waiting: When the oldest of them was asked for.
        in_doubt: Actions of which nobody knows yet whether the record exists.
        needs_person: Actions that a person must decide.
        last_success: When one was confirmed last.
        retried: How many actions of the last day took more than one try.
        day: How many actions were asked for in the last day.
    """

    waiting: int = 0
    oldest_waiting: datetime | None = None
    in_doubt: int = 0
    needs_person: int = 0
    last_success: datetime | None = None
    retried: int = 0
    day: int = 0


class Figures:
    """Counts in the ledger.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def outcomes(self, since: datetime, each: timedelta, systems: frozenset[str]) -> list[Outcomes]:
        """How many actions stand in which state, by when they were asked for."""
        begins = _stretch(each)
        query = (
            sa.select(begins, actions.c.state, sa.func.count())
            .where(actions.c.created_at >= since, actions.c.system.in_(systems))
            .group_by(begins, actions.c.state)
            .order_by(begins)
        )
        with self._database.connect() as connection:
            return [Outcomes(begin, State(state), count) for begin, state, count in connection.execute(query)]

    def durations(self, since: datetime, each: timedelta, systems: frozenset[str]) -> list[Duration]:
        """How long it took until actions were confirmed, by when they were asked for."""
        begins = _stretch(each)
        seconds = sa.extract("epoch", actions.c.ended_at - actions.c.created_at)
        both = sa.func.percentile_cont(sa.text("array[0.5, 0.95]")).within_group(seconds)
        query = (
            sa.select(begins, both)
            .where(
                actions.c.created_at >= since,
                actions.c.system.in_(systems),
                actions.c.state == State.CONFIRMED,
                actions.c.ended_at.is_not(None),
            )
            .group_by(begins)
            .order_by(begins)
        )
        with self._database.connect() as connection:
            return [Duration(begin, float(two[0]), float(two[1])) for begin, two in connection.execute(query)]

    def refused_rows(self, since: datetime, systems: frozenset[str], limit: int = 10) -> list[RefusedRow]:
        """The mapping rows that most actions were refused for."""
        problem = sa.func.jsonb_array_elements(actions.c.problems).table_valued(sa.column("value", sa.JSON)).lateral()
        value = sa.cast(problem.c.value, sa.dialects.postgresql.JSONB)
        where = [value[name].astext.label(name) for name in ("row", "field", "origin", "rule")]
        message = sa.func.max(value["message"].astext).label("message")
        count = sa.func.count(actions.c.id.distinct()).label("found")
        query = (
            sa.select(actions.c.system, actions.c.template, *where, message, count)
            .select_from(actions.join(problem, sa.true()))
            .where(
                actions.c.state == State.REFUSED,
                actions.c.created_at >= since,
                actions.c.system.in_(systems),
                value["severity"].astext == "error",
            )
            .group_by(actions.c.system, actions.c.template, *where)
            .order_by(count.desc(), actions.c.system, actions.c.template, where[0])
            .limit(limit)
        )
        with self._database.connect() as connection:
            return [
                RefusedRow(
                    system=one["system"],
                    template=one["template"],
                    row=int(one["row"]) if one["row"] else None,
                    field=one["field"] or "",
                    origin=one["origin"] or "",
                    rule=one["rule"] or "",
                    message=one["message"] or "",
                    count=one["found"],
                )
                for one in connection.execute(query).mappings()
            ]

    def refused_reasons(self, since: datetime, systems: frozenset[str], limit: int = 10) -> list[RefusedByReason]:
        """The reasons for which targets refused most; ids and numbers in them are left out."""
        reason = sa.func.left(sa.func.regexp_replace(actions.c.reason, r"\d{4,}", "…", "g"), _LONGEST_REASON)
        count = sa.func.count()
        query = (
            sa.select(actions.c.system, reason, count)
            .where(
                actions.c.state == State.REFUSED,
                actions.c.created_at >= since,
                actions.c.system.in_(systems),
                actions.c.problems == sa.text("'[]'::jsonb"),
            )
            .group_by(actions.c.system, reason)
            .order_by(count.desc(), actions.c.system, reason)
            .limit(limit)
        )
        with self._database.connect() as connection:
            return [RefusedByReason(*one) for one in connection.execute(query)]

    def standing(self, systems: frozenset[str], day_ago: datetime) -> dict[str, Standing]:
        """How each system stands.

        Args:
            systems: The systems.
            day_ago: Where the last day begins.
        """
        table = actions.c
        open_ones = (
            sa.select(table.system, table.state, sa.func.count(), sa.func.min(table.created_at))
            .where(table.state.in_([*_OPEN, State.NEEDS_PERSON]), table.system.in_(systems))
            .group_by(table.system, table.state)
        )
        last_day = (
            sa.select(table.system, sa.func.count(), sa.func.count().filter(table.tries > 1))
            .where(table.created_at >= day_ago, table.system.in_(systems))
            .group_by(table.system)
        )
        found: dict[str, dict[str, object]] = {system: {} for system in systems}
        with self._database.connect() as connection:
            for system, state, count, oldest in connection.execute(open_ones):
                one = found[system]
                if state in (State.IN_DOUBT, State.NEEDS_PERSON):
                    one[str(state)] = count
                else:
                    one["waiting"] = int(str(one.get("waiting", 0))) + count
                    earlier = one.get("oldest_waiting", oldest)
                    one["oldest_waiting"] = min(earlier, oldest) if isinstance(earlier, datetime) else oldest
            for system, count, retried in connection.execute(last_day):
                found[system] |= {"day": count, "retried": retried}
            for system in systems:
                newest = (
                    sa.select(table.ended_at)
                    .where(table.system == system, table.state == State.CONFIRMED)
                    .order_by(table.created_at.desc())
                    .limit(1)
                )
                found[system]["last_success"] = connection.execute(newest).scalar()
        return {system: Standing(**values) for system, values in found.items()}  # type: ignore[arg-type]


def _stretch(each: timedelta) -> sa.Label[datetime]:
    return sa.func.date_bin(each, actions.c.created_at, _BEGINNING).label("begins")
