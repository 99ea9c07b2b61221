"""Writes the report of a reconciliation: a page, a table and JSON, beside those of earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from casebridge.reconcile.report import Earlier, Line, Report, as_csv, as_html, as_json
from casebridge.store.findings import Finding, Findings
from casebridge.store.reconciliations import Reconciliation, Reconciliations


def write_report(
    mine: Reconciliation,
    *,
    title: str,
    folder: Path,
    reconciliations: Reconciliations,
    findings: Findings,
    record_url: Callable[[str, str], str] = lambda kind, record_id: "",
) -> tuple[Path, Report]:
    """The report of a reconciliation that has come to its end is in the folder, and the ledger says where.

    Args:
        mine: The reconciliation.
        title: What people call the target.
        folder: Where reports are; it is made when it is missing.
        reconciliations: The earlier ones, for the trend.
        findings: Those that are open.
        record_url: Gives the address of a record's page.

    Returns:
        The page and what it shows. The table and the JSON have the same name with another ending.
    """
    report = Report(
        system=title,
        record=mine.record,
        since=mine.since,
        until=mine.until,
        ended_at=mine.ended_at or mine.started_at,
        listed=mine.listed,
        counts=mine.counts,
        mended=mine.mended,
        findings=[
            _line(one, record_url(one.record, one.record_id) if one.record_id else "")
            for one in findings.latest(system=mine.system, record=mine.record)
        ],
        trend=[
            Earlier(one.ended_at, one.counts)
            for one in reconciliations.latest(mine.system, mine.record)
            if one.ended_at is not None
        ],
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    page = folder / f"{mine.system}-{mine.record}-{mine.id}.html"
    for ending, text in ((".csv", as_csv(report)), (".json", as_json(report)), (".html", as_html(report))):
        half = page.with_suffix(f"{ending}.part")
        half.write_text(text, "utf-8")
        half.replace(page.with_suffix(ending))  # who opens it meanwhile sees the old one or the new one
    reconciliations.move(mine, report=str(page))
    return page, report


def _line(finding: Finding, record_url: str) -> Line:
    return Line(
        id=finding.id,
        drift=finding.drift,
        case=finding.case_reference,
        reference=finding.reference,
        record_id=finding.record_id,
        found_at=finding.found_at,
        record_url=record_url,
    )
