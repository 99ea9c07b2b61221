"""One case: its References, its actions, and what its details are now."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from casebridge.console.desk import At, Desk
from casebridge.core.case import Case
from casebridge.core.convert import as_text
from casebridge.core.errors import CasebridgeError
from casebridge.store.search import Search

router = APIRouter()
_MOST_ACTIONS = 200


@router.get("/cases/{source}/{reference:path}")
def show(desk: At, source: str, reference: str, details: bool = False) -> HTMLResponse:
    """A case, as its actions left it."""
    installation, viewer = desk.installation, desk.viewer
    held = [one for one in installation.references.of_case(reference, source) if one.system in viewer.systems]
    page = installation.search.page(Search(case=reference, systems=viewer.systems), limit=_MOST_ACTIONS)
    mine = [one for one in page.rows if one.case_source == source]
    may_read = bool(viewer.acts_on) and viewer.acts_on >= {one.system for one in mine}
    case, note = _read(desk, source, reference) if details and may_read else (None, "")
    return desk.page(
        "case.html",
        source=source,
        reference=reference,
        case_url=next((one.case_url for one in mine if one.case_url), ""),
        current=[one for one in held if one.current],
        earlier=[one for one in held if not one.current],
        record_urls={(one.system, one.record_id): one.record_url for one in mine if one.record_url},
        found=mine,
        more=bool(page.older),
        may_read=may_read,
        case=case,
        parts=_parts(case) if case else {},
        note=note,
    )


def _read(desk: Desk, source: str, reference: str) -> tuple[Case | None, str]:
    try:
        return desk.installation.source(source).read(reference), ""
    except CasebridgeError as error:
        return None, str(error)


def _parts(case: Case) -> dict[str, dict[str, str]]:
    places = {"Case fields": case.fields, "Case dates": case.dates, "Person": case.person, "Address": case.address}
    return {
        title: {name: as_text(value, timezone="Europe/London") for name, value in values.items()}
        for title, values in places.items()
        if values
    }
