"""A worksheet after its creation: found by every read, changed by the caller, completed by the crew, poked about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lxml import etree

from tests.simulators.client import Whitespace

NOT_OPEN, NO_RESULTS = 5, 6


@pytest.fixture
def sheet(whitespace: Whitespace) -> str:
    """The id of a worksheet with an item, a property and a message."""
    whitespace.now("2026-07-01T09:00:00Z")
    return whitespace.create(
        more="<WorksheetMessage>Bin missed</WorksheetMessage>"
        "<ServiceItemInputs><ServiceItemInput><ServiceItemId>22</ServiceItemId>"
        "<ServiceItemQuantity>1</ServiceItemQuantity></ServiceItemInput></ServiceItemInputs>"
        "<ServicePropertyInputs><ServicePropertyInput><ServicePropertyId>79</ServicePropertyId>"
        "<ServicePropertyValue>Yes</ServicePropertyValue></ServicePropertyInput></ServicePropertyInputs>"
    ).worksheet_id


def full(whitespace: Whitespace, sheet: str) -> object:
    inner = f"<fullworksheetDetailsInput><WorksheetId>{sheet}</WorksheetId></fullworksheetDetailsInput>"
    return whitespace.call("GetFullWorksheetDetails", inner)


READS = [
    ("GetFullWorksheetDetails", "fullworksheetDetailsInput", "WorksheetId", "{sheet}", "WorksheetSubject"),
    ("GetFullWorksheetDetails", "fullworksheetDetailsInput", "WorksheetRef", "CASE-1", "WorksheetSubject"),
    ("GetWorksheetDetails", "worksheetDetailsInput", "WorksheetId", "{sheet}", "WorksheetSubject"),
    ("GetWorksheetsByReference", "worksheetsByRefInput", "WorksheetReference", "CASE-1", "WorksheetSubject"),
    ("GetSiteWorksheets", "worksheetInput", "Uprn", "10001", "WorksheetSubject"),
    ("GetWorksheetDetailServiceItems", "worksheetDetailServiceItemsInput", "WorksheetId", "{sheet}", "ServiceItemName"),
    ("GetWorksheetDetailExtraInfoFields", "worksheetDetailExtraInfoFieldsInput", "WorksheetId", "{sheet}",
     "ServicePropertyValue"),
    ("GetWorksheetDetailEvents", "worksheetDetailEventsInput", "WorksheetId", "{sheet}", "WorkflowEventName"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "wrapper", "member", "value", "shows"), READS)
def test_a_created_worksheet_is_found_by_every_read(
    whitespace: Whitespace, face: str, sheet: str, operation: str, wrapper: str, member: str, value: str, shows: str
) -> None:
    inner = f"<{wrapper}><{member}>{value.format(sheet=sheet)}</{member}></{wrapper}>"
    answer = whitespace.call(operation, inner, face)
    assert (answer.code, answer.one("SuccessFlag"), len(answer.all(shows))) == (0, "true", 1)


@pytest.mark.parametrize(("operation", "wrapper", "member", "_value", "_shows"), READS)
@pytest.mark.parametrize("unknown", ["1", "99999999"])
def test_what_is_not_there_is_code_6(
    whitespace: Whitespace, operation: str, wrapper: str, member: str, unknown: str, _value: str, _shows: str
) -> None:
    answer = whitespace.call(operation, f"<{wrapper}><{member}>{unknown}</{member}></{wrapper}>")
    assert (answer.status, answer.code, answer.one("ErrorDescription")) == (200, NO_RESULTS, "No results returned")


@pytest.mark.parametrize("bad", ["x", "2147483648", "", "-"])
def test_a_worksheet_id_that_is_no_number_is_a_business_error(whitespace: Whitespace, bad: str) -> None:
    answer = full(whitespace, bad)
    assert (answer.status, answer.code) == (200, 1)


def test_a_date_that_was_never_set_is_the_minimum(whitespace: Whitespace, sheet: str) -> None:
    answer = full(whitespace, sheet)
    assert answer.one("WorksheetCompletedDate") == "0001-01-01T00:00:00"
    assert answer.one("WorksheetCreatedDate") == "2026-07-01T10:00:00"


def test_only_the_exactly_equal_reference_is_found(whitespace: Whitespace) -> None:
    for reference in ("A 1", "A 1 ", "a 1", "A&amp;1 – é"):
        whitespace.create(reference)
    for reference, ids in (("A 1", ["242259"]), ("A&amp;1 – é", ["242262"]), ("A", [])):
        inner = f"<worksheetsByRefInput><WorksheetReference>{reference}</WorksheetReference></worksheetsByRefInput>"
        assert whitespace.call("GetWorksheetsByReference", inner).all("WorksheetID") == ids


def test_a_new_worksheet_is_not_found_by_its_reference_during_the_visibility_lag(
    whitespace: Whitespace, sheet: str
) -> None:
    inner = "<worksheetsByRefInput><WorksheetReference>CASE-1</WorksheetReference></worksheetsByRefInput>"
    whitespace.set("settings", visibility_lag_s=30)
    whitespace.now("2026-07-01T09:00:29Z")
    assert whitespace.call("GetWorksheetsByReference", inner).code == NO_RESULTS
    assert full(whitespace, sheet).code == 0
    whitespace.now("2026-07-01T09:00:30Z")
    assert whitespace.call("GetWorksheetsByReference", inner).code == 0


@pytest.mark.parametrize("named", ["<WorksheetId>{sheet}</WorksheetId>", "<WorksheetRef>CASE-1</WorksheetRef>"])
def test_cancelling_closes_the_worksheet_once(whitespace: Whitespace, sheet: str, named: str) -> None:
    inner = f"<cancelWorksheetInput>{named.format(sheet=sheet)}</cancelWorksheetInput>"
    assert whitespace.call("CancelWorksheet", inner).code == 0
    answer = full(whitespace, sheet)
    assert answer.one("WorksheetStatusName") == "Cancelled"
    assert answer.all("WorkflowEventName") == ["Create", "Cancel"]
    assert whitespace.call("CancelWorksheet", inner).code == NOT_OPEN


def test_asking_for_a_cancel_leaves_the_worksheet_open(whitespace: Whitespace, sheet: str) -> None:
    inner = f"<WorksheetId>{sheet}</WorksheetId><WorksheetMessage>Not needed</WorksheetMessage>"
    answer = whitespace.call(
        "RaiseCancelWorksheetRequest", f"<raiseCancelWorksheetInput>{inner}</raiseCancelWorksheetInput>"
    )
    assert answer.all("anyType") == [sheet, ""]
    answer = full(whitespace, sheet)
    assert (answer.one("WorksheetStatusName"), answer.one("WorksheetNoteText")) == ("Open", "Not needed")


def test_an_update_changes_what_is_given_and_nothing_else(whitespace: Whitespace, sheet: str) -> None:
    inner = (
        f"<worksheetDetailInput><WorksheetId>{sheet}</WorksheetId><WorksheetMessage>Second try</WorksheetMessage>"
        "<WorksheetImportanceID>2</WorksheetImportanceID><WorksheetDueDate>2026-07-04 23:59</WorksheetDueDate>"
        "<ServicePropertyInputs><UpdateServicePropertyInput><ServicePropertyId>79</ServicePropertyId>"
        "<ServicePropertyValue>No</ServicePropertyValue></UpdateServicePropertyInput></ServicePropertyInputs>"
        "</worksheetDetailInput>"
    )
    answer = whitespace.call("UpdateWorksheet", inner)
    assert (answer.one("WorksheetMessage"), answer.one("WorksheetRef")) == ("Second try", "CASE-1")
    answer = full(whitespace, sheet)
    assert (answer.one("WorksheetImportanceID"), answer.one("WorksheetDueDate")) == ("2", "2026-07-04T23:59:00")
    assert answer.all("ServicePropertyValue") == ["No"]


def test_an_update_with_id_and_reference_gives_the_worksheet_that_reference(whitespace: Whitespace, sheet: str) -> None:
    members = f"<WorksheetId>{sheet}</WorksheetId><WorksheetReference>CASE-2</WorksheetReference>"
    whitespace.call("UpdateWorksheet", f"<worksheetDetailInput>{members}</worksheetDetailInput>")
    found = {}
    for reference in ("CASE-1", "CASE-2"):
        inner = f"<worksheetsByRefInput><WorksheetReference>{reference}</WorksheetReference></worksheetsByRefInput>"
        found[reference] = whitespace.call("GetWorksheetsByReference", inner).all("WorksheetID")
    assert found == {"CASE-1": [], "CASE-2": [sheet]}


@pytest.mark.parametrize(
    "bad", ["<WorksheetDueDate>never</WorksheetDueDate>", "<WorksheetImportanceID>x</WorksheetImportanceID>"]
)
def test_a_refused_update_changes_nothing(whitespace: Whitespace, sheet: str, bad: str) -> None:
    before = whitespace.worksheets
    inner = f"<WorksheetId>{sheet}</WorksheetId><WorksheetMessage>Second try</WorksheetMessage>{bad}"
    assert whitespace.call("UpdateWorksheet", f"<worksheetDetailInput>{inner}</worksheetDetailInput>").code == 1
    assert whitespace.worksheets == before


@pytest.mark.parametrize("wrapper", ["worksheetNotesInput", "addWorksheetNotesInput"])
def test_a_note_is_added_whatever_its_wrapper_is_called(whitespace: Whitespace, sheet: str, wrapper: str) -> None:
    """No source shows the wrapper's name."""
    inner = f"<{wrapper}><WorksheetId>{sheet}</WorksheetId><NoteText>Behind the shed</NoteText></{wrapper}>"
    assert whitespace.call("AddWorksheetNotes", inner).code == 0
    notes = f"<worksheetDetailsNotesInput><WorksheetId>{sheet}</WorksheetId></worksheetDetailsNotesInput>"
    answer = whitespace.call("GetWorksheetDetailNotes", notes)
    assert (answer.one("WorksheetNoteText"), answer.one("WorksheetNoteDate")) == (
        "Behind the shed",
        "2026-07-01T10:00:00",
    )


def test_progress_follows_the_workflow(whitespace: Whitespace, sheet: str) -> None:
    def progress(event: str) -> int:
        inner = f"<WorksheetId>{sheet}</WorksheetId><WorkflowEventName>{event}</WorkflowEventName>"
        return whitespace.call("ProgressWorkflow", f"<progressWorkflowInput>{inner}</progressWorkflowInput>").code

    assert [progress(event) for event in ("StartWork", "Fly", "Complete", "StartWork")] == [0, 2, 0, NOT_OPEN]
    answer = full(whitespace, sheet)
    assert (answer.one("WorksheetStatusName"), answer.one("InstanceCurrentState")) == ("Complete", "Completed")
    assert answer.all("WorkflowEventName") == ["Create", "StartWork", "Complete"]


def test_the_crews_outcome_is_in_the_services_outcome_property(whitespace: Whitespace, sheet: str) -> None:
    """Not in the status: that is how a production council reads it."""
    whitespace.now("2026-07-02T05:46:12Z")
    whitespace.set("whitespace/complete", worksheet_id=int(sheet), outcome="Not Out")
    answer = full(whitespace, sheet)
    assert answer.one("WorksheetStatusName") == "Complete"
    assert answer.one("WorksheetCompletedDate") == "2026-07-02T06:46:12"
    rows = dict(zip(answer.all("ServicePropertyID"), answer.all("ServicePropertyValue"), strict=True))
    assert rows == {"79": "Yes", "68": "Not Out"}
    assert answer.all("WorkflowEventName") == ["Create", "Complete"]


class Receiver:
    """Another system that is poked: keeps each message, and reads the worksheet back before it answers."""

    def __init__(self, whitespace: Whitespace) -> None:
        self.status, self.messages, self.headers = 200, [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = etree.fromstring(self.rfile.read(int(self.headers["content-length"])))
                outer.messages.append(message)
                outer.headers.append(dict(self.headers))
                full(whitespace, message.findtext(".//worksheetId"))
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(b"OK")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/poke"


@pytest.fixture
def receiver(whitespace: Whitespace) -> Iterator[Receiver]:
    receiver = Receiver(whitespace)
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def test_completing_sends_the_poke_as_public_receivers_know_it(
    whitespace: Whitespace, sheet: str, receiver: Receiver
) -> None:
    whitespace.set("settings", poke_url=receiver.url, secret="shared & secret")
    sent = whitespace.set("whitespace/complete", worksheet_id=sheet, outcome="Not Out", completed="2026-07-02T06:46:12")
    assert (sent["poke"]["http_status"], sent["poke"]["body"]) == (200, "OK")
    (message,) = receiver.messages
    assert message.tag == "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
    header, body = message
    assert len(header) == 0
    assert body[0].tag == "{https://www.jadu.net/hubis/webservices}WorksheetPoke"
    assert [(child.tag, child.text) for child in body[0]] == [
        ("secret", "shared & secret"),
        ("worksheetId", sheet),
        ("worksheetReference", "CASE-1"),
        ("status", "Not Out"),
        ("completedDate", "2026-07-02T06:46:12"),
    ]
    assert receiver.headers[0]["Content-Type"] == "text/xml"
    assert len(whitespace.get("records")["pokes"]) == 1


def test_a_poke_can_be_sent_again_and_again(whitespace: Whitespace, sheet: str, receiver: Receiver) -> None:
    receiver.status = 401
    for _ in range(2):
        sent = whitespace.set(
            "whitespace/poke", worksheet_id=sheet, poke_url=receiver.url, secret="x", status="Overdue"
        )
        assert sent["poke"]["http_status"] == 401
    assert [message.findtext(".//status") for message in receiver.messages] == ["Overdue", "Overdue"]


def test_a_poke_that_reaches_nobody_says_so_and_the_worksheet_is_complete(whitespace: Whitespace, sheet: str) -> None:
    sent = whitespace.set("whitespace/complete", worksheet_id=sheet, poke_url="http://127.0.0.1:9/")
    assert (sent["poke"]["http_status"], bool(sent["poke"]["error"])) == (None, True)
    assert whitespace.worksheets[0]["status"] == "Complete"


def test_no_poke_is_sent_unless_an_address_is_set(whitespace: Whitespace, sheet: str) -> None:
    assert whitespace.set("whitespace/complete", worksheet_id=sheet)["poke"] is None
    assert whitespace.admin("whitespace/poke", worksheet_id=sheet).status_code == 400
