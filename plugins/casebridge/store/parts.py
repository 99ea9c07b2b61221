"""The parts of an action that makes several writes: which were sent, which are confirmed, with which record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from casebridge.core.errors import Fenced
from casebridge.core.record import Receipt
from casebridge.store.action import Action
from casebridge.store.story import tell
from casebridge.store.tables import action_parts, actions


class PartState(StrEnum):
    """Where a part stands. One that certainly did not reach the target has no row."""

    SENT = "sent"
    """About to be sent, or sent and not answered."""
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Part:
    """One write of an action. Times are in UTC."""

    action_id: str
    name: str
    record: str
    state: PartState
    record_id: str | None
    record_url: str = field(repr=False)
    detail: str
    there_before: list[str]
    first_sent_at: datetime
    sent_at: datetime
    confirmed_at: datetime | None

    @property
    def receipt(self) -> Receipt:
        """What the target said."""
        return Receipt(self.record_id or "", url=self.record_url, detail=self.detail)

    @classmethod
    def from_row(cls, row: sa.RowMapping) -> Part:
        """The part in a row of the table."""
        return cls(**{**row, "state": PartState(row["state"])})


def parts_of(connection: Connection, action_id: str) -> dict[str, Part]:
    """The parts of an action by name, in the order in which they were sent first."""
    query = (
        sa.select(action_parts)
        .where(action_parts.c.action_id == action_id)
        .order_by(action_parts.c.first_sent_at, action_parts.c.name)
    )
    return {row["name"]: Part.from_row(row) for row in connection.execute(query).mappings()}


class ClaimedParts:
    """Writes the parts of a claimed action, each step committed before the next begins.

    Args:
        connection: The database session that holds the action.
        action: The action, with the fencing number of its claim.
        attempt: Airflow's try number, from 1.
    """

    def __init__(self, connection: Connection, action: Action, attempt: int) -> None:
        self._connection = connection
        self._action = action
        self._attempt = attempt
        self._parts = parts_of(connection, action.id)
        connection.commit()

    def __getitem__(self, name: str) -> Part | None:
        """The part of that name, or None for one that was not sent."""
        return self._parts.get(name)

    @property
    def confirmed(self) -> Mapping[str, Part]:
        """The confirmed parts by name."""
        return {name: part for name, part in self._parts.items() if part.state is PartState.CONFIRMED}

    @property
    def unanswered(self) -> list[str]:
        """The parts that were sent, and of which nobody knows yet."""
        return [name for name, part in self._parts.items() if part.state is PartState.SENT]

    def intend(self, name: str, record: str, *, there_before: Collection[str] = ()) -> None:
        """Nothing is sent before this is committed.

        Args:
            name: The part.
            record: The kind of record.
            there_before: Ids of like records that the target held before this was sent first: none of them is ours.
        """
        now = datetime.now(UTC)
        row: dict[str, object] = {
            "name": name,
            "record": record,
            "state": PartState.SENT,
            "there_before": sorted(there_before),
            "first_sent_at": now,
            "sent_at": now,
        }
        self._write([row], keep=("first_sent_at", "there_before"))
        self._commit("part_sending", f"the {name} is about to be sent")

    def not_sent(self, name: str, reason: str) -> None:
        """It is certain that this part was not written."""
        self._check_claim()
        mine = (action_parts.c.action_id == self._action.id) & (action_parts.c.name == name)
        self._connection.execute(action_parts.delete().where(mine & (action_parts.c.state == PartState.SENT)))
        del self._parts[name]
        self._commit("part_not_sent", f"the {name} was not written: {reason}")

    def confirm(self, name: str, record: str, receipt: Receipt, *, found: bool = False) -> None:
        """The target said yes to a part, or its record was found."""
        self.confirm_all(record, {name: receipt}, found=found)

    def confirm_all(self, record: str, receipts: Mapping[str, Receipt], *, found: bool = False) -> None:
        """The target said yes to several parts that went in one call."""
        now = datetime.now(UTC)
        rows: list[dict[str, object]] = [
            {
                "name": name,
                "record": record,
                "state": PartState.CONFIRMED,
                "record_id": receipt.record_id or None,
                "record_url": receipt.url,
                "detail": receipt.detail,
                "there_before": [],
                "first_sent_at": now,
                "sent_at": now,
                "confirmed_at": now,
            }
            for name, receipt in receipts.items()
        ]
        self._write(rows, keep=("first_sent_at", "sent_at", "there_before"))
        how = "found again after a lost answer" if found else "confirmed"
        told = ", ".join(f"{name} {receipt.record_id}".strip() for name, receipt in receipts.items())
        self._commit("part_found" if found else "part_confirmed", f"{told}: {how}")

    def _write(self, rows: Sequence[dict[str, object]], *, keep: Sequence[str]) -> None:
        values = [{"action_id": self._action.id, **row} for row in rows]
        statement = insert(action_parts).values(values)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in ("name", *keep)}
        statement = statement.on_conflict_do_update(index_elements=["action_id", "name"], set_=changed)
        self._check_claim()
        for row in self._connection.execute(statement.returning(action_parts)).mappings():
            self._parts[row["name"]] = Part.from_row(row)

    def _check_claim(self) -> None:
        """Nobody else can claim the action until this transaction ends."""
        mine = (actions.c.id == self._action.id) & (actions.c.fence == self._action.fence)
        if self._connection.execute(sa.select(actions.c.id).where(mine).with_for_update(read=True)).scalar() is None:
            self._connection.rollback()
            raise Fenced("another run has taken this action over")

    def _commit(self, kind: str, text: str) -> None:
        tell(self._connection, self._action.id, kind, text, attempt=self._attempt)
        self._connection.commit()
