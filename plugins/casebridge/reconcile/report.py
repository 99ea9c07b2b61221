"""The drift report: a page with charts that loads nothing from outside, a table for spreadsheets, and JSON.

It names cases and records by their numbers and holds no value of a case.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template

from casebridge.core.drift import FINDINGS, MEANING, TITLES, WAYS, Drift, Way

MOST_ROWS = 2_000
"""Findings on the page; the table for spreadsheets has them all."""

_HOME = Path(__file__).parent
_PROBLEMS = (Drift.CHANGED, *FINDINGS)
_OPTIONS = {
    Way.ADOPT: "--adopt",
    Way.SEND_AGAIN: "--send-again",
    Way.CLOSE: '--close "reason"',
    Way.IGNORE: '--ignore "reason"',
}
_NEEDS_ID = (Drift.DECIDABLE, Drift.IN_DOUBT)


@dataclass(frozen=True)
class Line:
    """A finding as the report shows it. Times are in UTC.

    Attributes:
        id: Its number, for the command.
        drift: Its class.
        case: Reference number of the case.
        reference: The Reference.
        record_id: The target's id of the record, "" when there is none.
        found_at: When it was found first.
        record_url: Address of the record's page, or "".
    """

    id: int
    drift: Drift
    case: str
    reference: str
    record_id: str
    found_at: datetime
    record_url: str = ""

    @property
    def ways(self) -> list[str]:
        """The commands that decide it."""
        options = dict(_OPTIONS)
        if self.drift in _NEEDS_ID:
            options[Way.ADOPT] = "--adopt --record ID"
        return [f"casebridge findings resolve {self.id} {options[way]}" for way in WAYS[self.drift]]


@dataclass(frozen=True)
class Earlier:
    """An earlier reconciliation, for the trend. The time is in UTC."""

    ended_at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Report:
    """A reconciliation that has come to its end. Times are in UTC.

    Attributes:
        system: Title of the target system.
        record: The kind of record.
        since: The period began here.
        until: The period ended here.
        ended_at: When it came to its end.
        listed: How many records the target listed.
        counts: How many are in each class.
        mended: How many of them were put right.
        findings: Those that are open, the newest first.
        trend: The reconciliations up to this one, oldest first.
    """

    system: str
    record: str
    since: datetime
    until: datetime
    ended_at: datetime
    listed: int
    counts: Mapping[str, int]
    mended: Mapping[str, int]
    findings: Sequence[Line]
    trend: Sequence[Earlier]

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.system}: {self.record}s"

    @property
    def summary(self) -> str:
        """The outcome in a line."""
        parts = [
            f"{self.listed:,} {self.record}s listed",
            f"{self.counts.get(Drift.MATCHED, 0):,} matched",
            f"{sum(self.mended.values()):,} put right",
            f"{len(self.findings):,} findings for a person" if self.findings else "nothing left for a person",
        ]
        return ", ".join(parts)


def as_json(report: Report) -> str:
    """The report for programs."""
    data = asdict(report)
    for line, shown in zip(report.findings, data["findings"], strict=True):
        shown["commands"] = line.ways
    return json.dumps(data, indent=2, default=_plain, ensure_ascii=False) + "\n"


def as_csv(report: Report) -> str:
    """The findings for a spreadsheet, which must not take a text for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Finding", "What", "Case", "Reference", "Record", "Found (UTC)", "Decide with"])
    for line in report.findings:
        cells = [
            str(line.id),
            TITLES[line.drift],
            line.case,
            line.reference,
            line.record_id,
            f"{line.found_at:%Y-%m-%d %H:%M}",
            "; ".join(line.ways),
        ]
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells])
    return out.getvalue()


def as_html(report: Report) -> str:
    """The page: figures, charts, and every finding with its commands."""
    return _page().substitute(
        title=escape(report.title),
        summary=escape(report.summary),
        period=f"{report.since:%d %b %Y %H:%M} to {report.until:%d %b %Y %H:%M} UTC",
        ended=f"{report.ended_at:%d %b %Y %H:%M} UTC",
        style=_file("report.css"),
        tiles="".join(_tile(label, count, tone) for label, count, tone in _tiles(report)),
        classes=_classes(report),
        findings=_findings(report),
        data=json.dumps(_chart_data(report)).replace("<", "\\u003c"),
        library=_file("chart.js"),
        script=_file("report.js"),
    )


def _tiles(report: Report) -> list[tuple[str, int, str]]:
    return [
        ("Listed", report.listed, ""),
        ("Matched", report.counts.get(Drift.MATCHED, 0), "good"),
        ("Put right", sum(report.mended.values()), "good"),
        ("For a person", len(report.findings), "bad" if report.findings else "good"),
    ]


def _tile(label: str, count: int, tone: str) -> str:
    return f'<div class="tile {tone}"><b>{count:,}</b><span>{escape(label)}</span></div>'


def _classes(report: Report) -> str:
    rows = [
        f"<tr><th scope=row>{escape(TITLES[drift])}</th><td>{report.counts.get(drift, 0):,}</td>"
        f"<td>{report.mended.get(drift, 0):,}</td></tr>"
        for drift in Drift
        if report.counts.get(drift, 0)
    ]
    return "".join(rows) or "<tr><td colspan=3>Nothing was compared.</td></tr>"


def _findings(report: Report) -> str:
    if not report.findings:
        return "<p>Nothing is left for a person.</p>"
    parts = []
    for drift in FINDINGS:
        lines = [line for line in report.findings if line.drift is drift]
        if not lines:
            continue
        rows = "".join(_row(line) for line in lines[:MOST_ROWS])
        more = f"<p>{len(lines) - MOST_ROWS:,} more are in the CSV file.</p>" if len(lines) > MOST_ROWS else ""
        parts.append(
            f'<section class=kind id="{drift}"><h3>{escape(TITLES[drift])} <span class=count>{len(lines):,}</span></h3>'
            f"<p>{escape(MEANING[drift])}</p>"
            "<table class=findings><thead><tr><th>No.</th><th>Case</th><th>Reference</th>"
            f"<th>Record</th><th>Found (UTC)</th><th>Decide with</th></tr></thead><tbody>{rows}</tbody></table>{more}"
            "</section>"
        )
    return "".join(parts)


def _row(line: Line) -> str:
    record = escape(line.record_id)
    if line.record_url.startswith(("https://", "http://")):
        record = f'<a href="{escape(line.record_url)}" rel=noreferrer>{record}</a>'
    commands = "".join(f"<code>{escape(way)}</code>" for way in line.ways)
    return (
        f'<tr><td data-name="No.">{line.id}</td><td data-name="Case">{escape(line.case)}</td>'
        f'<td data-name="Reference">{escape(line.reference)}</td><td data-name="Record">{record}</td>'
        f'<td data-name="Found (UTC)">{line.found_at:%Y-%m-%d %H:%M}</td>'
        f"<td class=ways><details><summary>{len(line.ways)} ways</summary>{commands}</details></td></tr>"
    )


def _chart_data(report: Report) -> dict[str, object]:
    shown = [drift for drift in _PROBLEMS if report.counts.get(drift) or any(e.counts.get(drift) for e in report.trend)]
    return {
        "now": [
            {"name": TITLES[drift], "key": drift, "count": report.counts.get(drift, 0)}
            for drift in shown
            if report.counts.get(drift)
        ],
        "runs": [f"{earlier.ended_at:%d %b}" for earlier in report.trend],
        "trend": [
            {"name": TITLES[drift], "key": drift, "counts": [earlier.counts.get(drift, 0) for earlier in report.trend]}
            for drift in shown
            if any(earlier.counts.get(drift) for earlier in report.trend)
        ],
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@lru_cache(maxsize=8)
def _file(name: str) -> str:
    return (_HOME / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _page() -> Template:
    return Template(_file("report.html"))
