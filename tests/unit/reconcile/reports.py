"""A report to test with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from casebridge.core.drift import FINDINGS, Drift
from casebridge.reconcile.report import Earlier, Line, Report

NOW = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)


def report(**changes: Any) -> Report:
    """A report with two findings of each kind, a month after the first reconciliation."""
    findings = [
        Line(10 * number + part, drift, f"CASE-{number}{part}", "worksheet", f"24{number}{part}", NOW)
        for number, drift in enumerate(FINDINGS, 1)
        for part in range(2)
    ]
    trend = [
        Earlier(
            NOW - timedelta(days=30 - day),
            {Drift.MATCHED: 900 + day, **{drift: (day * (number + 2)) % 7 for number, drift in enumerate(FINDINGS)}},
        )
        for day in range(14)
    ]
    values: dict[str, Any] = {
        "system": "Whitespace",
        "record": "worksheet",
        "since": NOW - timedelta(days=30),
        "until": NOW,
        "ended_at": NOW,
        "listed": 1234,
        "counts": {Drift.MATCHED: 1180, Drift.CHANGED: 12, **dict.fromkeys(FINDINGS, 2), Drift.UNRELATED: 7},
        "mended": {Drift.CHANGED: 12},
        "findings": findings,
        "trend": trend,
        **changes,
    }
    return Report(**values)
