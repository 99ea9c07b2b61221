"""The reads of worksheets."""

from __future__ import annotations

from typing import Any

from simulators.whitespace import rows
from simulators.whitespace.errors import Refusal, invalid
from simulators.whitespace.inputs import Input
from simulators.whitespace.operations.registry import operation
from simulators.whitespace.powersuite import PowerSuite
from simulators.whitespace.worksheets import Worksheet


def asked_worksheet(suite: PowerSuite, given: Input, reference_member: str | None = None) -> Worksheet:
    """The worksheet asked for by WorksheetId, or else by reference: the newest of several (ASSUMED)."""
    worksheet_id = given.integer("WorksheetId")
    if worksheet_id:
        return suite.worksheets.get(worksheet_id)
    if reference_member and given.text(reference_member):
        return suite.worksheets.by_reference(given.text(reference_member))[-1]
    raise invalid("WorksheetId")


def some(found: list[Any]) -> list[Any]:
    """The rows found; none at all is answered as "no results"."""
    if not found:
        raise Refusal("no_results")
    return found


@operation("GetFullWorksheetDetails")
def full_details(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """Everything about one worksheet."""
    sheet = asked_worksheet(suite, given, "WorksheetRef")
    return {
        "FullWSDetails": {
            "Worksheet": rows.worksheet(suite.council, sheet),
            "WorkflowHistories": rows.history(sheet),
            "WSNotes": rows.notes(sheet),
            "WSServiceItems": rows.service_items(suite.council, sheet),
            "WSServiceProperties": rows.service_properties(suite.council, sheet),
        }
    }


@operation("GetWorksheetDetails")
def details(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """One worksheet."""
    return {"Worksheet": rows.worksheet(suite.council, asked_worksheet(suite, given))}


@operation("GetWorksheetsByReference")
def by_reference(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The worksheets with exactly that reference, oldest first."""
    reference = given.text("WorksheetReference")
    if not reference:
        raise invalid("WorksheetReference")
    return {"Worksheets": [rows.worksheet(suite.council, sheet) for sheet in suite.worksheets.by_reference(reference)]}


@operation("GetSiteWorksheets")
def of_site(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The worksheets of one site. How sorting and filtering work is ASSUMED: by the name of a member, and its value."""
    site = suite.council.site_by_uprn(given.text("Uprn"))
    found = [rows.worksheet(suite.council, sheet) for sheet in suite.worksheets if sheet.location.uprn == site.uprn]
    name, wanted = given.text("WorksheetFilter"), given.text("WorksheetFilterString")
    if name and wanted:
        found = [row for row in found if str(row.get(name)) == wanted]
    order, ascending = given.text("WorksheetSortOrder"), given.flag("OrderAscending")
    if order:
        found.sort(key=lambda row: str(row.get(order)), reverse=not ascending)
    return {"Worksheets": some(found)}


@operation("GetWorksheetDetailServiceItems")
def items(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The service items of one worksheet."""
    return {"Worksheetserviceitems": some(rows.service_items(suite.council, asked_worksheet(suite, given)))}


@operation("GetWorksheetDetailExtraInfoFields")
def properties(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The Service Properties of one worksheet."""
    return {"WorksheetServiceProperties": some(rows.service_properties(suite.council, asked_worksheet(suite, given)))}


@operation("GetWorksheetDetailNotes")
def notes(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The notes of one worksheet."""
    return {"WorksheetNotes": some(rows.notes(asked_worksheet(suite, given)))}


@operation("GetWorksheetDetailEvents")
def events(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The workflow history of one worksheet."""
    return {"WorkflowHistories": rows.history(asked_worksheet(suite, given))}
