"""Findings: what a reconciliation could not put right by itself, until a person decides or it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casebridge.core.drift import Drift
from casebridge.core.errors import Conflict, NotFound
from casebridge.store.database import Database
from casebridge.store.tables import actions, findings


class FindingState(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    SETTLED = "settled"
    """It was gone when it was looked at again."""
    ADOPTED = "adopted"
    SENT_AGAIN = "sent_again"
    CLOSED = "closed"
    """A person said that it stays as it is: it is not told again."""
    IGNORED = "ignored"
    """A person said that it is none: it is not told again."""


STICKY = (FindingState.CLOSED, FindingState.IGNORED)
"""States in which the same drift is not told again."""


@dataclass(frozen=True)
class Drifted:
    """A drift as it was compared, before it is a finding."""

    drift: Drift
    record_id: str
    action_id: str


@dataclass(frozen=True)
class Finding:
    """A finding. Times are in UTC."""

    id: int
    system: str
    record: str
    drift: Drift
    record_id: str
    action_id: str
    case_source: str
    case_reference: str
    reference: str
    state: FindingState
    reason: str
    who: str
    found_at: datetime
    seen_in: int
    ended_at: datetime | None

    @property
    def drifted(self) -> Drifted:
        """What it is about."""
        return Drifted(self.drift, self.record_id, self.action_id)


class Findings:
    """Reads and writes findings.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, system: str, record: str, drifted: Iterable[Drifted], *, seen_in: int) -> None:
        """Each of these is a finding: a new one, the one that is there, or one that has come back.

        What a person has closed or ignored stays so.
        """
        with self._database.begin() as connection:
            for one in drifted:
                case = connection.execute(
                    sa.select(actions.c.case_source, actions.c.case_reference, actions.c.reference).where(
                        actions.c.id == one.action_id
                    )
                ).one_or_none()
                statement = insert(findings).values(
                    system=system,
                    record=record,
                    drift=one.drift,
                    record_id=one.record_id,
                    action_id=one.action_id,
                    case_source=case.case_source if case else "",
                    case_reference=case.case_reference if case else "",
                    reference=case.reference if case else "",
                    seen_in=seen_in,
                )
                again = findings.c.state.not_in([FindingState.OPEN, *STICKY])
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["system", "record", "drift", "record_id", "action_id"],
                        set_={
                            "seen_in": seen_in,
                            "found_at": sa.case((again, sa.func.clock_timestamp()), else_=findings.c.found_at),
                            "ended_at": sa.case((again, sa.null()), else_=findings.c.ended_at),
                            "state": sa.case((again, FindingState.OPEN), else_=findings.c.state),
                            "reason": sa.case((again, ""), else_=findings.c.reason),
                            "who": sa.case((again, ""), else_=findings.c.who),
                        },
                    )
                )

    def settle(self, finding_ids: Sequence[int]) -> None:
        """These are gone by themselves."""
        if not finding_ids:
            return
        with self._database.begin() as connection:
            connection.execute(
                findings.update()
                .where(findings.c.id.in_(finding_ids), findings.c.state == FindingState.OPEN)
                .values(state=FindingState.SETTLED, ended_at=sa.func.now())
            )

    def decide(self, finding: Finding, state: FindingState, *, who: str, reason: str) -> Finding:
        """A person has decided.

        Raises:
            Conflict: Somebody has decided it meanwhile, or it is gone.
        """
        statement = (
            findings.update()
            .where(findings.c.id == finding.id, findings.c.state == FindingState.OPEN)
            .values(state=state, who=who, reason=reason, ended_at=sa.func.now())
            .returning(findings)
        )
        with self._database.begin() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise Conflict(f"finding {finding.id} is not open any more")
        return _finding(row)

    def finding(self, finding_id: int) -> Finding:
        """The finding with that id.

        Raises:
            NotFound: There is none.
        """
        with self._database.connect() as connection:
            row = connection.execute(sa.select(findings).where(findings.c.id == finding_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no finding {finding_id}")
        return _finding(row)

    def latest(
        self,
        *,
        system: str | None = None,
        systems: frozenset[str] | None = None,
        record: str | None = None,
        drift: Drift | None = None,
        case_reference: str | None = None,
        state: FindingState | None = FindingState.OPEN,
        after: int | None = None,
        limit: int = 100_000,
    ) -> list[Finding]:
        """The newest findings first, filtered by what is given.

        Args:
            system: Of this system.
            systems: Of one of these systems.
            record: Of this kind of record.
            drift: Of this class.
            case_reference: Of this case.
            state: In this state; None for every one.
            after: Those that come after the finding with this number.
            limit: How many at most.
        """
        order = (findings.c.found_at, findings.c.id)
        query = sa.select(findings).order_by(*(column.desc() for column in order)).limit(limit)
        if systems is not None:
            query = query.where(findings.c.system.in_(sorted(systems)))
        if after is not None:
            last = sa.select(*(column for column in order)).where(findings.c.id == after).correlate(None)
            query = query.where(sa.tuple_(*order) < last.scalar_subquery())
        given = {
            findings.c.system: system,
            findings.c.record: record,
            findings.c.drift: drift,
            findings.c.case_reference: case_reference,
            findings.c.state: state,
        }
        for column, value in given.items():
            if value is not None:
                query = query.where(column == value)
        with self._database.connect() as connection:
            return [_finding(row) for row in connection.execute(query).mappings()]

    def of_ids(self, finding_ids: Sequence[int], systems: frozenset[str]) -> list[Finding]:
        """The findings with these numbers, as far as they belong to one of the systems; the newest first."""
        query = sa.select(findings).where(findings.c.id.in_(finding_ids), findings.c.system.in_(sorted(systems)))
        with self._database.connect() as connection:
            rows = connection.execute(query.order_by(findings.c.found_at.desc(), findings.c.id.desc())).mappings()
            return [_finding(row) for row in rows]

    def of_action(self, action_id: str) -> list[Finding]:
        """The open findings about an action."""
        query = sa.select(findings).where(findings.c.action_id == action_id, findings.c.state == FindingState.OPEN)
        with self._database.connect() as connection:
            return [_finding(row) for row in connection.execute(query.order_by(findings.c.id)).mappings()]

    def open(self, systems: frozenset[str]) -> dict[str, int]:
        """How many findings of each system are open."""
        query = (
            sa.select(findings.c.system, sa.func.count())
            .where(findings.c.state == FindingState.OPEN, findings.c.system.in_(sorted(systems)))
            .group_by(findings.c.system)
        )
        with self._database.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}


def _finding(row: Any) -> Finding:
    data = dict(row)
    return Finding(**{**data, "drift": Drift(data["drift"]), "state": FindingState(data["state"])})
