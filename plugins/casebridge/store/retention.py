"""Erasing what a case's actions sent, what was pushed about it, and local copies of it; outcomes and counts stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from casebridge.core.arrival import ArrivalKind, ArrivalState
from casebridge.core.errors import Conflict
from casebridge.core.outcome import ENDED, State
from casebridge.core.payload import Payload
from casebridge.store.database import Database
from casebridge.store.story import tell
from casebridge.store.tables import (
    action_parts,
    actions,
    case_states,
    events,
    findings,
    inbox,
    listed_records,
    local_cases,
    references,
    told_cases,
)

FORGOTTEN = "the case was forgotten"


@dataclass(frozen=True)
class LeftBehind:
    """A record that a case has in a target: erasing here does not erase it there."""

    system: str
    record: str
    record_id: str


@dataclass(frozen=True)
class Erased:
    """What was erased.

    Attributes:
        actions: How many actions lost what they sent.
        messages: How many pushed messages lost their body.
        local_cases: How many local copies of a case are gone.
        left_behind: The records of the case in the targets.
    """

    actions: int = 0
    messages: int = 0
    local_cases: int = 0
    left_behind: tuple[LeftBehind, ...] = ()


class Retention:
    """Erases values of cases for good.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def values(self, case_source: str, case_reference: str) -> list[str]:
        """The values of a case that actions sent, to look for them elsewhere before they are erased."""
        query = sa.select(actions.c.payload).where(_of(actions, case_source, case_reference))
        with self._database.connect() as connection:
            payloads = [Payload.from_json(found) for found in connection.execute(query).scalars() if found]
        return sorted({value for payload in payloads for value in payload.private_values()})

    def runs(self, case_source: str, case_reference: str) -> list[tuple[str, str]]:
        """The DAG runs of a case's actions: DAG and run."""
        query = (
            sa.select(actions.c.dag_id, actions.c.run_id)
            .where(_of(actions, case_source, case_reference), actions.c.run_id != "")
            .distinct()
        )
        with self._database.connect() as connection:
            return [(row.dag_id, row.run_id) for row in connection.execute(query)]

    def forget(self, case_source: str, case_reference: str, *, who: str) -> Erased:
        """Every value of a case is gone from the database; what became of its actions stays.

        Raises:
            Conflict: An action of the case has not ended: it still needs what it sends.
        """
        mine = _of(actions, case_source, case_reference)
        with self._database.begin() as connection:
            rows = connection.execute(
                sa.select(actions.c.id, actions.c.state).where(mine).with_for_update(of=actions)
            ).all()
            if unfinished := [row.id[:8] for row in rows if row.state not in ENDED or row.state == State.NEEDS_PERSON]:
                raise Conflict(
                    f"actions of case {case_reference} have not ended ({', '.join(unfinished)}): "
                    "wait for them, or decide them with `casebridge resolve`"
                )
            held = references.alias()
            left = connection.execute(
                sa.select(held.c.system, held.c.record, held.c.record_id)
                .where(_of(held, case_source, case_reference))
                .union(
                    sa.select(actions.c.system, actions.c.record, actions.c.record_id).where(
                        mine, actions.c.record_id.is_not(None)
                    )
                )
                .order_by("system", "record", "record_id")
            ).all()
            records = [(row.system, row.record, row.record_id) for row in left]
            ids = [row.id for row in rows]
            self._erase_actions(connection, ids, who=who)
            messages = self._erase_messages(connection, _about(case_source, case_reference, records))
            gone = 0
            if case_source == "local":
                gone = connection.execute(
                    local_cases.delete().where(local_cases.c.reference == case_reference)
                ).rowcount
            gone += connection.execute(told_cases.delete().where(_of(told_cases, case_source, case_reference))).rowcount
            connection.execute(case_states.delete().where(_of(case_states, case_source, case_reference)))
            connection.execute(findings.update().where(_of(findings, case_source, case_reference)).values(reason=""))
            listed = sa.tuple_(listed_records.c.system, listed_records.c.record, listed_records.c.record_id)
            connection.execute(listed_records.update().where(listed.in_(records)).values(external_reference=""))
        return Erased(len(ids), messages, gone, tuple(LeftBehind(*record) for record in records))

    def retain(self, before: datetime, *, limit: int = 5_000) -> Erased:
        """What ended before a moment has lost its values; References, outcomes and counts stay.

        Args:
            before: With offset.
            limit: How many actions and how many messages are erased in one transaction; it goes on until none is left.
        """
        erased = Erased()
        while True:
            with self._database.begin() as connection:
                ended = [state for state in ENDED if state is not State.NEEDS_PERSON]
                ids = list(
                    connection.execute(
                        sa.select(actions.c.id)
                        .where(actions.c.payload.is_not(None), actions.c.state.in_(ended), actions.c.ended_at < before)
                        .order_by(actions.c.ended_at)
                        .limit(limit)
                        .with_for_update(skip_locked=True)
                    ).scalars()
                )
                self._erase_actions(connection, ids, who="")
                old = (
                    sa.select(inbox.c.id)
                    .where(
                        inbox.c.state != ArrivalState.PENDING,
                        inbox.c.handled_at < before,
                        sa.or_(inbox.c.details != {}, inbox.c.content.is_not(None)),
                    )
                    .limit(limit)
                )
                messages = self._erase_messages(connection, inbox.c.id.in_(old))
                # A case that was only told of is told anew by its next event; what is planned of it reads it before.
                planned = sa.exists().where(
                    actions.c.case_source == told_cases.c.case_source,
                    actions.c.case_reference == told_cases.c.case_reference,
                    actions.c.state.not_in(ended),
                )
                old_cases = told_cases.c.told_at < before
                copies = connection.execute(told_cases.delete().where(old_cases, ~planned)).rowcount
            erased = Erased(erased.actions + len(ids), erased.messages + messages, erased.local_cases + copies)
            if not ids and not messages:
                return erased

    def _erase_actions(self, connection: Connection, ids: list[str], *, who: str) -> None:
        if not ids:
            return
        connection.execute(
            actions.update()
            .where(actions.c.id.in_(ids))
            .values(
                payload=None,
                payload_digest=None,
                # A template may have put any value there, and addresses of pages may hold one.
                external_reference="",
                record_url="",
                case_url="",
            )
        )
        connection.execute(
            action_parts.update().where(action_parts.c.action_id.in_(ids)).values(record_url="", detail="")
        )
        # A person's own words about a case: nobody can tell what they hold.
        connection.execute(
            events.update()
            .where(events.c.action_id.in_(ids), events.c.kind == "closed")
            .values(text="closed by a person")
        )
        for one in ids:
            tell(connection, one, "forgotten", "what was sent has been erased", who=who)

    def _erase_messages(self, connection: Connection, which: sa.ColumnElement[bool]) -> int:
        pending = inbox.c.state == ArrivalState.PENDING
        return connection.execute(
            inbox.update()
            .where(which, sa.or_(inbox.c.details != {}, inbox.c.content.is_not(None), pending))
            .values(
                details={},
                content=None,
                state=sa.case((pending, ArrivalState.IGNORED.value), else_=inbox.c.state),
                reason=sa.case((pending, FORGOTTEN), else_=inbox.c.reason),
                handled_at=sa.func.coalesce(inbox.c.handled_at, sa.func.now()),
            )
        ).rowcount


def _of(table: Any, case_source: str, case_reference: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.case_source == case_source, table.c.case_reference == case_reference)


def _about(case_source: str, case_reference: str, records: list[tuple[str, str, str]]) -> sa.ColumnElement[bool]:
    """The messages about a case or about a record that it has."""
    about_case = sa.and_(
        inbox.c.kind == ArrivalKind.CASE_EVENT, inbox.c.system == case_source, inbox.c.subject == case_reference
    )
    about_record = sa.and_(
        inbox.c.kind == ArrivalKind.RECORD_UPDATE,
        sa.tuple_(inbox.c.system, inbox.c.subject).in_([(system, record_id) for system, _, record_id in records]),
    )
    return sa.or_(about_case, about_record) if records else about_case
