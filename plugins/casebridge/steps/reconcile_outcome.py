"""The outcome of a reconciliation in a few lines: for run notes and tables."""

from __future__ import annotations

from casebridge.core.drift import FINDINGS, TITLES, Drift
from casebridge.store.reconciliations import Reconciliation


def reconciliation_lines(one: Reconciliation) -> list[str]:
    """What became of it, and where its report is."""
    if one.state != "done":
        return [f"{one.record}: {one.listed:,} listed so far; the next run goes on"]
    told = [f"{TITLES[drift]}: {one.counts[drift]:,}" for drift in FINDINGS if one.counts.get(drift)]
    head = (
        f"{one.record}: {one.listed:,} listed, {one.counts.get(Drift.MATCHED, 0):,} matched, "
        f"{sum(one.mended.values()):,} put right"
    )
    lines = ["; ".join([head, *told])]
    if told:
        lines.append(f"Decide: casebridge findings list --system {one.system}")
    if one.report:
        lines.append(f"Report: {one.report}")
    return lines
