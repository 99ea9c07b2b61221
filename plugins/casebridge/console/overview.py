"""The overview: how the integrations do, in charts and in tables that say the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from casebridge.console.desk import At
from casebridge.console.screen import TONES, title_of
from casebridge.core.outcome import MEANING, State
from casebridge.store.figures import Duration, Outcomes

router = APIRouter()


@dataclass(frozen=True)
class Span:
    """A stretch of time to look back on.

    Attributes:
        title: In words.
        length: How long.
        each: How long one column of a chart is.
        label: How a column is written.
    """

    title: str
    length: timedelta
    each: timedelta
    label: str


SPANS = {
    "day": Span("last 24 hours", timedelta(days=1), timedelta(hours=1), "%H:%M"),
    "week": Span("last 7 days", timedelta(days=7), timedelta(hours=12), "%d %b %H:%M"),
    "month": Span("last 30 days", timedelta(days=30), timedelta(days=1), "%d %b"),
}
_ORDER = (
    State.CONFIRMED,
    State.UNCONFIRMED,
    State.REFUSED,
    State.FAILED,
    State.NEEDS_PERSON,
    State.IN_DOUBT,
    State.CLOSED,
    State.PLANNED,
    State.INTENT,
)


@router.get("/")
def show(desk: At, span: str = "week", system: str = "") -> HTMLResponse:
    """The overview of all integrations, or of one."""
    chosen = SPANS.get(span, SPANS["week"])
    if system:
        desk.viewer.must_look_at(system)
    systems = frozenset({system}) if system else desk.viewer.systems
    now = datetime.now(UTC)
    since = _floor(now - chosen.length + chosen.each, chosen.each)
    figures = desk.installation.figures
    outcomes = figures.outcomes(since, chosen.each, systems)
    durations = figures.durations(since, chosen.each, systems)
    standing = figures.standing(systems, now - timedelta(days=1))
    begins = _columns(since, now, chosen.each)
    rows = figures.refused_rows(since, systems)
    charts = {
        "labels": [f"{one:{chosen.label}}" for one in begins],
        "outcomes": _outcome_series(outcomes, begins),
        "durations": _duration_series(durations, begins),
        "rows": {
            "labels": [f"{one.template}, row {one.row}" if one.row else one.template for one in rows],
            "fields": [one.field for one in rows],
            "counts": [one.count for one in rows],
        },
        "backlog": {
            "labels": [title_of(name) for name in sorted(standing)],
            "waiting": [standing[name].waiting for name in sorted(standing)],
            "doubt": [standing[name].in_doubt + standing[name].needs_person for name in sorted(standing)],
        },
    }
    total = {state: sum(one.count for one in outcomes if one.state is state) for state in _ORDER}
    return desk.page(
        "overview.html",
        spans=SPANS,
        span=span if span in SPANS else "week",
        chosen=chosen,
        system=system,
        systems=sorted(desk.viewer.systems),
        total={state: count for state, count in total.items() if count},
        everything=sum(total.values()),
        standing=standing,
        findings=sum(desk.installation.findings.open(systems).values()),
        rows=rows,
        reasons=figures.refused_reasons(since, systems),
        durations=durations,
        begins=begins,
        outcomes={(one.begins.astimezone(UTC), one.state): one.count for one in outcomes},
        states=[state for state in _ORDER if total[state]],
        since=since,
        charts=_for_a_script(charts),
    )


def _floor(at: datetime, each: timedelta) -> datetime:
    beginning = datetime(2001, 1, 1, tzinfo=UTC)
    return at - (at - beginning) % each


def _columns(since: datetime, until: datetime, each: timedelta) -> list[datetime]:
    return [since + number * each for number in range(int((until - since) / each) + 1)]


def _outcome_series(outcomes: list[Outcomes], begins: list[datetime]) -> list[dict[str, object]]:
    counts = {(one.begins.astimezone(UTC), one.state): one.count for one in outcomes}
    return [
        {
            "label": MEANING[state],
            "tone": TONES[state],
            "state": state,
            "counts": [counts.get((begin, state), 0) for begin in begins],
        }
        for state in _ORDER
        if any(one.state is state for one in outcomes)
    ]


def _duration_series(durations: list[Duration], begins: list[datetime]) -> dict[str, list[float | None]]:
    found = {one.begins.astimezone(UTC): one for one in durations}
    known = [found.get(begin) for begin in begins]
    return {
        "median": [round(one.median_s, 1) if one else None for one in known],
        "p95": [round(one.p95_s, 1) if one else None for one in known],
    }


def _for_a_script(data: object) -> str:
    """JSON that can stand inside of a page's data block: nothing in it can end the block."""
    return json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
