"""The integration log: searched, page by page, live, and as a file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from casebridge.connectors import registry
from casebridge.console.desk import At, Desk
from casebridge.console.screen import moment
from casebridge.core.errors import NotFound
from casebridge.core.outcome import ENDED, MEANING, State
from casebridge.store.search import Listed, Search

router = APIRouter()

GROUPS: dict[str, tuple[State, ...]] = {
    "open": tuple(state for state in State if state not in ENDED),
    "attention": (State.REFUSED, State.FAILED, State.NEEDS_PERSON, State.IN_DOUBT),
}
"""States that people ask for together."""

COLUMNS = (
    "asked_for_utc",
    "ended_utc",
    "case_source",
    "case",
    "system",
    "action",
    "template",
    "state",
    "tries",
    "reference",
    "record_id",
    "reason",
    "problems",
    "action_id",
    "dag",
    "run",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Asked:
    """The search form, as it was filled in. Times are in UTC."""

    case: str = ""
    reference: str = ""
    system: str = ""
    action: str = ""
    template: str = ""
    state: str = ""
    words: str = ""
    since: str = ""
    until: str = ""

    def search(self, desk: Desk) -> Search:
        """The search, within what the viewer may look at.

        Raises:
            NotFound: A time or a state is not one.
        """
        names = {one.reference for system in desk.viewer.systems for one in desk.installation.catalogue.valid(system)}
        every = desk.viewer.systems >= registry.manifests().keys()
        return Search(
            case=self.case,
            reference=self.reference,
            system=self.system,
            action=self.action,
            template=self.template,
            states=_states(self.state),
            words=self.words,
            since=_moment(self.since),
            until=_moment(self.until),
            systems=None if every else desk.viewer.systems,
            references=frozenset(names),
        )


def asked(request: Request) -> Asked:
    """The search form in the address."""
    return Asked(**{name: request.query_params.get(name, "").strip() for name in Asked.__dataclass_fields__})


AskedFor = Annotated[Asked, Depends(asked)]


@router.get("/log")
def show(desk: At, form: AskedFor, after: str = "") -> HTMLResponse:
    """A page of the log."""
    page = desk.installation.search.page(form.search(desk), after=after)
    return desk.page("log.html", form=form, found=page, after=after, query=vars(form), **_offered(desk))


@router.get("/log/rows")
def rows(desk: At, form: AskedFor) -> Response:
    """The first page's rows alone, for who is watching; nothing when they are the same as before."""
    page = desk.installation.search.page(form.search(desk))
    text = desk.screen.text(desk.request, "log_rows.html", {"found": page})
    mark = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"etag": mark}
    if desk.request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(text, headers=headers)


@router.get("/log.csv")
def export(desk: At, form: AskedFor) -> StreamingResponse:
    """Everything that the search finds, as a file for a spreadsheet; no case values are in it."""
    lines = _csv(desk.installation.search.every(form.search(desk)))
    name = f"integration-log-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _csv(found: Iterator[Listed]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for number, one in enumerate(found):
        problems = " | ".join(str(problem) for problem in one.problems)
        values = (
            moment(one.created_at),
            moment(one.ended_at),
            one.case_source,
            one.case_reference,
            one.system,
            one.action_type,
            one.template,
            MEANING[one.state],
            str(one.tries),
            one.reference,
            one.record_id or "",
            one.reason,
            problems,
            one.id,
            one.dag_id,
            one.run_id,
        )
        writer.writerow([plain(value) for value in values])
        if number % 200 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def plain(text: str) -> str:
    """The text as a spreadsheet takes it for a text: one that begins like a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _offered(desk: Desk) -> dict[str, Any]:
    manifests = {name: registry.manifest(name) for name in sorted(desk.viewer.systems)}
    types = {name: one.title for manifest in manifests.values() for name, one in manifest.actions.items()}
    templates = {path.stem for system in manifests for path in desk.installation.catalogue.files(system)}
    return {"systems": manifests, "types": types, "templates": sorted(templates)}


def _states(name: str) -> tuple[State, ...]:
    if not name or name in GROUPS:
        return GROUPS.get(name, ())
    if name not in set(State):
        raise NotFound("there is no such state")
    return (State(name),)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise NotFound("that is not a time; write it as 2026-01-31T14:30") from None
