"""What a caller can do to a worksheet that exists."""

from __future__ import annotations

from typing import Any

from simulators.whitespace import rows
from simulators.whitespace.errors import Refusal, invalid, not_in_matrix
from simulators.whitespace.inputs import Input
from simulators.whitespace.operations.creating import service_properties
from simulators.whitespace.operations.reading import asked_worksheet
from simulators.whitespace.operations.registry import operation
from simulators.whitespace.powersuite import PowerSuite
from simulators.whitespace.worksheets import Worksheet

_TEXTS = (
    "WorksheetMessage",
    "WorkLocationAddress",
    "WorkLocationName",
    "WorkLocationText",
    "WorkLocationLatitude",
    "WorkLocationLongitude",
    "WorkLocationNorthing",
    "WorkLocationEasting",
)
_NUMBERS = (
    "WorksheetAssignedToID",
    "WorksheetAssignedToTypeID",
    "WorkLocationAddressID",
    "WorksheetImportanceID",
)
_DATES = (
    "WorksheetDueDate",
    "WorksheetEscallatedDate",
    "WorksheetCompletedDate",
    "WorksheetApprovedDate",
    "WorksheetPaymentDate",
    "WorksheetExpiryDate",
)


def _open_worksheet(suite: PowerSuite, given: Input, reference_member: str | None = None) -> Worksheet:
    """The worksheet asked for. That a closed one cannot be cancelled or progressed is ASSUMED."""
    sheet = asked_worksheet(suite, given, reference_member)
    if sheet.status != "Open":
        raise Refusal("not_open", sheet.status)
    return sheet


@operation("CancelWorksheet")
def cancel(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The worksheet is cancelled and its slot is free again."""
    sheet = _open_worksheet(suite, given, "WorksheetRef")
    suite.worksheets.close(sheet, "Cancelled")
    suite.worksheets.record(sheet, "Cancel", "Cancelled", "Cancelled", suite.user)
    return {}


@operation("RaiseCancelWorksheetRequest")
def request_cancel(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The office is asked to cancel the worksheet; until it does, the worksheet stays open (ASSUMED)."""
    sheet = _open_worksheet(suite, given, "WorksheetReference")
    message = given.text("WorksheetMessage")
    if message:
        suite.worksheets.note(sheet, message, suite.user)
    suite.worksheets.record(sheet, "CancelRequest", "Cancel requested", "Cancel Requested", suite.user)
    return {"WorksheetResponse": [str(sheet.id), ""]}


@operation("UpdateWorksheet")
def update(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """What is given is changed, what is empty stays (ASSUMED); the worksheet as it now is comes back."""
    sheet = asked_worksheet(suite, given, "WorksheetReference")
    properties = service_properties(given, suite.council.service(sheet.service_id))
    members: dict[str, Any] = {name: given.text(name) for name in _TEXTS if given.text(name)}
    members |= {name: number for name in _NUMBERS if (number := given.integer(name)) is not None}
    members |= {name: moment for name in _DATES if (moment := given.date(name)) is not None}
    subject, reference = given.text("WorksheetSubject"), given.text("WorksheetReference")

    sheet.members |= members
    sheet.subject = subject or sheet.subject
    if reference:
        suite.worksheets.rename(sheet, reference)
    for row in properties:
        sheet.set_property(row.service_property_id, row.value)
    suite.worksheets.record(sheet, "Update", "Worksheet updated", sheet.state, suite.user)
    return {"Worksheet": rows.worksheet(suite.council, sheet)}


@operation("AddWorksheetNotes")
def add_notes(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The worksheet has one more note. The names of the input's members are ASSUMED."""
    sheet = asked_worksheet(suite, given)
    text = given.text("NoteText")
    if not text.strip():
        raise invalid("NoteText")
    suite.worksheets.note(sheet, text, suite.user)
    return {}


@operation("ProgressWorkflow")
def progress(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The event is raised: history and state, and for some events the status. Which events there are is ASSUMED."""
    sheet = _open_worksheet(suite, given)
    event = suite.council.events.get(given.text("WorkflowEventName").strip())
    if event is None:
        raise not_in_matrix("Workflow event not found")
    if event.status is not None:
        suite.worksheets.close(sheet, event.status)
    suite.worksheets.record(sheet, event.name, event.friendly, event.state, suite.user)
    return {}
