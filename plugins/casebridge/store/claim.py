"""A claim: the right to work on an action, held by one process at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from casebridge.core.errors import CasebridgeError, Fenced
from casebridge.core.outcome import State
from casebridge.core.record import Receipt
from casebridge.store.action import Action
from casebridge.store.parts import ClaimedParts
from casebridge.store.story import tell
from casebridge.store.tables import action_parts, actions, references

_LOCK_NOT_AVAILABLE = "55P03"
_PATIENCE = "30s"
"""How long a claim waits for a name that another one holds."""


def hold(action_id: str) -> sa.Function[int]:
    """The number of the database lock that stands for an action."""
    return sa.func.hashtextextended(f"casebridge.action.{action_id}", 0)


class Claim:
    """Writes the steps of the create protocol, each committed before the next begins.

    Every write names the claim's fencing number: a process that was believed dead and was not cannot write over the
    one that took its place.

    Args:
        connection: The database session that holds the action.
        action: The action as it was when it was claimed.
        attempt: Airflow's try number, from 1.
    """

    def __init__(self, connection: Connection, action: Action, attempt: int) -> None:
        self._connection = connection
        self._attempt = attempt
        self.action = action

    @cached_property
    def parts(self) -> ClaimedParts:
        """The parts of the action, where it makes several writes."""
        return ClaimedParts(self._connection, self.action, self._attempt)

    def intend(self) -> None:
        """Nothing is sent before this is committed."""
        now = datetime.now(UTC)
        self._write(
            "sending",
            "the request is about to be sent",
            state=State.INTENT,
            maybe_sent=True,
            looks=0,
            sent_at=now,
            first_sent_at=self.action.first_sent_at or now,
            ended_at=None,
            reason="",
        )

    def not_sent(self, error: CasebridgeError, *, last: bool) -> None:
        """It is certain that nothing was written in the target."""
        self._write(
            "failed" if last else "will_retry",
            str(error),
            state=State.FAILED if last else State.PLANNED,
            maybe_sent=False,
            reason=str(error),
            ended_at=datetime.now(UTC) if last else None,
        )

    def in_doubt(self, reason: str, *, last: bool) -> None:
        """A create may have happened: look for it before sending it again."""
        self._write(
            "needs_person" if last else "in_doubt",
            reason,
            state=State.NEEDS_PERSON if last else State.IN_DOUBT,
            reason=reason,
            ended_at=datetime.now(UTC) if last else None,
        )

    def looked(self) -> None:
        """The record was looked for and not found."""
        self._write(
            "looked", "the record was looked for and not found", state=State.IN_DOUBT, looks=self.action.looks + 1
        )

    def refuse(self, error: CasebridgeError) -> None:
        """The target, or a setting, said no: it will not be tried again."""
        self._write(
            "refused",
            str(error),
            state=State.REFUSED,
            reason=str(error).splitlines()[0],
            problems=[problem.as_json() for problem in getattr(error, "problems", ())],
            maybe_sent=error.may_have_happened,
            ended_at=datetime.now(UTC),
        )

    def needs_person(self, reason: str) -> None:
        """Only a person can tell what happened."""
        self.in_doubt(reason, last=True)

    def unconfirmed(self, receipt: Receipt, *, reason: str) -> Action:
        """It has left by a way that gives no answer; it is not sent again."""
        self._write(
            "unconfirmed",
            reason,
            state=State.UNCONFIRMED,
            record_id=receipt.record_id or None,
            record_url=receipt.url,
            reason=reason,
            ended_at=datetime.now(UTC),
        )
        return self.action

    def confirm(self, receipt: Receipt, *, reason: str, found: bool = False) -> Action:
        """The target said yes, or the record was found; the Reference is stored in the same transaction.

        Raises:
            Fenced: Somebody else has claimed the action since.
        """
        self.action = store_confirmation(
            self._connection, self.action, receipt=receipt, fence=self.action.fence, reason=reason
        )
        tell(self._connection, self.action.id, "found" if found else "confirmed", reason, attempt=self._attempt)
        self._connection.commit()
        return self.action

    def records_of_others(self, record: str, record_ids: Collection[str]) -> set[str]:
        """Those of the records that another action of the ledger made or adopted, as its record or as a part."""
        of_others = (actions.c.system == self.action.system) & (actions.c.id != self.action.id)
        of_actions = sa.select(actions.c.record_id).where(
            of_others, actions.c.record == record, actions.c.record_id.in_(record_ids)
        )
        of_parts = (
            sa.select(action_parts.c.record_id)
            .join(actions, actions.c.id == action_parts.c.action_id)
            .where(of_others, action_parts.c.record == record, action_parts.c.record_id.in_(record_ids))
        )
        return set(self._connection.execute(of_actions.union(of_parts)).scalars())

    @contextmanager
    def exclusively(self, name: str) -> Iterator[None]:
        """Holds a name against all other actions of the system, until the block or the process ends.

        Raises:
            Fenced: Another action holds it, and did not let it go in time.
        """
        digest = hashlib.sha256(f"{self.action.system}\n{self.action.connection}\n{name}".encode()).hexdigest()
        lock = sa.func.hashtextextended(f"casebridge.name.{digest}", 0)
        try:
            self._connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
            self._connection.execute(sa.select(sa.func.pg_advisory_lock(lock)))
        except sa.exc.OperationalError as error:
            if self._connection.invalidated or getattr(error.orig, "pgcode", "") != _LOCK_NOT_AVAILABLE:
                raise
            self._connection.rollback()
            raise Fenced("another action is at work on the same record in the target", retry_after=5) from None
        self._connection.commit()
        try:
            yield
        finally:
            if not self._connection.invalidated:
                self._connection.rollback()
                self._connection.execute(sa.select(sa.func.pg_advisory_unlock(lock)))
                self._connection.commit()

    def _write(self, kind: str, text: str, **values: Any) -> None:
        row = (
            self._connection.execute(
                actions.update()
                .where(actions.c.id == self.action.id, actions.c.fence == self.action.fence)
                .values(**values, updated_at=sa.func.now())
                .returning(actions)
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise Fenced("another run has taken this action over")
        tell(self._connection, self.action.id, kind, text, attempt=self._attempt)
        self._connection.commit()
        self.action = Action.from_row(row)


def store_confirmation(
    connection: Connection, action: Action, *, receipt: Receipt, fence: int | None, reason: str
) -> Action:
    """Stores the target's yes and the Reference, in the caller's transaction.

    Args:
        connection: With a transaction that the caller commits.
        action: The action.
        receipt: What the target said.
        fence: The claim that must still be the newest; None when a person decides.
        reason: A sentence for the log.

    Raises:
        Fenced: Somebody else has claimed the action since.
    """
    mine = actions.c.id == action.id
    if fence is not None:
        mine &= actions.c.fence == fence
    row = (
        connection.execute(
            actions.update()
            .where(mine)
            .values(
                state=State.CONFIRMED,
                record_id=receipt.record_id or None,
                record_url=receipt.url,
                reason=reason,
                problems=[problem.as_json() for problem in receipt.problems],
                ended_at=datetime.now(UTC),
                updated_at=sa.func.now(),
            )
            .returning(actions)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise Fenced("another run has taken this action over")
    if action.reference and receipt.record_id:
        slot = {
            "case_source": action.case_source,
            "case_reference": action.case_reference,
            "name": action.reference,
            "system": action.system,
            "record": action.record,
            "record_id": receipt.record_id,
        }
        # An update leaves the Reference that it used as it is.
        is_there = sa.exists().where(*(references.c[name] == value for name, value in slot.items()))
        new = sa.select(*(sa.literal(value) for value in slot.values()), sa.literal(action.id)).where(~is_there)
        connection.execute(
            insert(references)
            .from_select([*slot, "action_id"], new)
            .on_conflict_do_nothing(index_elements=["action_id"])
        )
    return Action.from_row(row)
