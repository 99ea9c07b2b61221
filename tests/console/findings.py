"""Findings as a reconciliation leaves them, without a reconciliation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casebridge.store.findings import Drifted, Finding, Findings
from casebridge.store.reconciliations import Reconciliation, Reconciliations
from tests.hub import Hub


def found(hub: Hub, *drifted: Drifted) -> list[Finding]:
    """The open findings after a reconciliation that saw these drifts; the oldest first."""
    mine = reconciled(hub)
    Findings(hub.database).seen(hub.system, "worksheet", drifted, seen_in=mine.id)
    return Findings(hub.database).latest(system=hub.system)[::-1]


def reconciled(hub: Hub, report: str = "") -> Reconciliation:
    """A reconciliation that has come to its end."""
    reconciliations, now = Reconciliations(hub.database), datetime.now(UTC)
    mine = reconciliations.begin(hub.system, "worksheet", since=now - timedelta(days=30), until=now)
    return reconciliations.move(mine, state="done", ended_at=now, listed=3, counts={"matched": 1}, report=report)
