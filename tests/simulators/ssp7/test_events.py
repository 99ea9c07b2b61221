"""Which event leaves when, with which direction, what it carries, and what its answer does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulators.ssp7.client import Ssp7
from tests.simulators.ssp7.receiver import Receiver

PROVIDER, CONTRACTOR = "External Service Provider", "Waste Contractor"
SUBMIT = ("Ticketing.TaskAssignment", "Submit Request", "Out", "External integration")
ANSWER = (
    b"<r:Result xmlns:r='urn:hub'><r:ActionId>7</r:ActionId><r:ExternalReference>EXT-7</r:ExternalReference></r:Result>"
)


def test_only_an_integrated_group_triggers_anything(desk: Ssp7, receiver: Receiver) -> None:
    assert desk.act("assign", task="9001", group="Facilities")["event"] is None
    assert desk.act("update", task="9001", text="x")["event"] is None
    assert desk.act("close", task="9001")["event"] is None
    assert desk.update("x", task="9002").result == "OK"
    assert ([], []) == (desk.events, receiver.messages)


def test_the_first_assignment_submits_a_request(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("clock", now="2026-01-12T12:00:00Z")
    done = desk.act("assign", task="9001", group=PROVIDER)
    assert desk.events == [SUBMIT]
    (message,) = receiver.messages
    assert "text/xml; charset=utf-8" == message.headers["Content-Type"]
    expected = {
        "Task_ExternalRequestType": "Submit Request",
        "Task_ExternalRequestDirection": "Out",
        "Task_ExternalReference": "",
        "Task_Id": "9001",
        "Task_Number": "TSK0009001",
        "Task_Title": "Repair the printer",
        "Task_Status": "Assigned",
        "Task_AssignmentGroup": PROVIDER,
        "Ticket_Number": "TCK0005001",
        "Ticket_Priority": "High",
        "Ticket_RequesterEmail": "colleague@example.org",
        "Ticket_CreationDate": "2026-01-12T08:30:00Z",
        "UpdateMessage_Text": "",
    }
    assert expected == {name: message.fields[name] for name in expected}
    assert message.fields["Process_Id"] == str(done["event"]["id"])
    assert b'<FormField Label="Asset">PRN-0042</FormField>' in message.body
    assert ("delivered", message.body.decode()) == (done["delivery"]["status"], done["delivery"]["body"])


def test_a_reassignment_submits_again_only_with_an_external_reference(desk: Ssp7, receiver: Receiver) -> None:
    """The same type as a first assignment: who takes it for a create makes a duplicate."""
    desk.act("assign", task="9001", group=PROVIDER)
    desk.act("assign", task="9001", group="First Line")
    assert desk.act("assign", task="9001", group=PROVIDER)["event"] is None
    desk.acknowledge("EXT-1")
    desk.act("assign", task="9001", group="First Line")
    desk.act("assign", task="9001", group=PROVIDER)
    assert receiver.kinds == [("Submit Request", "Out")] * 2
    assert [one.fields["Task_ExternalReference"] for one in receiver.messages] == ["", "EXT-1"]


def test_each_event_by_hand_has_its_type_app_and_process_and_goes_out(desk: Ssp7, receiver: Receiver) -> None:
    desk.act("assign", task="9001", group=CONTRACTOR)
    desk.act("update", task="9001", text="Please hurry.", author="Sample Colleague")
    desk.set("settings", sent_incoming=[])
    desk.reassign("Done.")
    desk.act("reject", task="9001", text="It still smells.")
    desk.act("close", task="9001")
    assert desk.events == [
        ("Ticketing.TaskAssignment", "Submit Request", "Out", "Send to contractor"),
        ("Ticketing.TaskUpdateMessage", "Update", "Out", "Tell contractor"),
        ("Ticketing.TaskExternalReassignment", "Reassigned", "In", "Send to contractor"),
        ("Ticketing.TaskAssignment", "Resolution Rejection", "Out", "Send to contractor"),
        ("Ticketing.TaskClosure", "Closed", "Out", "Withdraw from contractor"),
    ]
    assert [kind for kind, _ in receiver.kinds] == ["Submit Request", "Update", "Resolution Rejection", "Closed"]
    texts = [one.fields["UpdateMessage_Text"] for one in receiver.messages]
    assert texts == ["", "Please hurry.", "It still smells.", ""]
    assert receiver.messages[-1].fields["Task_Status"] == "Closed"


def test_what_a_write_back_raises_has_the_direction_in(desk: Ssp7, receiver: Receiver) -> None:
    """The pair of type and direction is the key: Update is both, and an echo must be told from what a person wrote."""
    desk.act("assign", task="9001", group=PROVIDER)
    desk.acknowledge("EXT-1")
    desk.update("From outside.", p_strAuthor="Technician")
    desk.reassign("Fixed.")
    desk.reassign(status="Closed")
    assert [one[:3] for one in desk.events[1:]] == [
        ("Ticketing.TaskExternalAcknowledgement", "", "In"),
        ("Ticketing.TaskExternalUpdateMessage", "Update", "In"),
        ("Ticketing.TaskExternalReassignment", "Reassigned", "In"),
        ("Ticketing.TaskExternalReassignment", "Reassigned", "In"),
    ]
    assert receiver.kinds[1:] == [("Update", "In"), ("Reassigned", "In"), ("Reassigned", "In")]
    assert [one.fields["Task_Status"] for one in receiver.messages[1:]] == ["Assigned", "Ready", "Closed"]
    desk.set("settings", sent_incoming=["acknowledgement"])
    desk.act("assign", task="9002", group=PROVIDER)
    desk.acknowledge("EXT-2", task="9002")
    desk.update("x", task="9002")
    desk.act("settle")
    assert receiver.kinds[4:] == [("Submit Request", "Out"), ("", "In")]


def test_people_cannot_do_what_makes_no_sense(desk: Ssp7) -> None:
    desk.act("assign", task="9001", group=PROVIDER)
    assert "There is no solution to decline" in desk.refused("reject", task="9001")
    assert "assigned to External Service Provider already" in desk.refused("assign", task="9001", group=PROVIDER)
    desk.act("close", task="9001")
    for action, more in (("close", {}), ("update", {"text": "x"}), ("assign", {"group": "Facilities"})):
        assert "The task is closed" in desk.refused(action, task="9001", **more)
    assert "there is no '1'" in desk.refused("close", task="1")
    assert 'Field "group" must be one of' in desk.refused("assign", task="9002", group="Nobody")


def test_a_person_can_raise_a_ticket_and_further_tasks(desk: Ssp7, receiver: Receiver) -> None:
    form = {"UPRN": "10001", "Where is it?": "Rear lane"}
    made = desk.act("create_ticket", title="Bin", requester="resident.one@example.org", form=form, group=PROVIDER)
    assert ("TCK0005004", form) == (made["ticket"]["number"], made["ticket"]["form"])
    more = desk.act("create_task", ticket="TCK0005004", title="Second", group=CONTRACTOR, due="2026-02-01")
    assert ("5004", "2026-02-01") == (more["task"]["ticket"], more["task"]["due"])
    assert len(receiver.messages) == 2
    assert b'Label="Where is it?">Rear lane<' in receiver.messages[0].body


def test_a_group_is_integrated_only_with_all_three_processes(desk: Ssp7) -> None:
    assert "processes.new_assignment" in desk.refused("group", name="Facilities", integrated=True)
    processes = dict.fromkeys(("new_assignment", "update_message", "closure"), "Any event")
    desk.act("group", name="Facilities", integrated=True, processes=processes)
    assert desk.act("assign", task="9001", group="Facilities")["event"]["process"] == "Any event"
    desk.act("group", name="Facilities", integrated=False)
    assert desk.act("update", task="9001", text="x")["event"] is None


def test_a_declined_solution_goes_back_to_the_group_that_gave_it(desk: Ssp7, receiver: Receiver) -> None:
    """Reported ready, the task may go back to the desk; nobody outside would be told if it stayed there."""
    desk.act("assign", task="9001", group=PROVIDER)
    desk.reassign("Done.", group="First Line")
    assert desk.task()["group"] == "First Line"
    assert desk.act("reject", task="9001")["task"]["group"] == PROVIDER
    assert receiver.kinds[-1] == ("Resolution Rejection", "Out")


# how it leaves


def test_soap_is_the_default_format(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("settings", web_service={"format": "soap", "soap_action": "urn:hub/Event", "headers": {"X-Key": "k"}})
    desk.act("assign", task="9001", group=PROVIDER)
    (message,) = receiver.messages
    assert ('"urn:hub/Event"', "k") == (message.headers["SOAPAction"], message.headers["X-Key"])
    assert message.body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<soapenv:Envelope')
    assert message.fields["Task_ExternalRequestType"] == "Submit Request"


IN = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/SSPAdapterCall"><hub><xsl:for-each select="Field"><f n="{@Name}"><xsl:value-of select="."/></f>
  </xsl:for-each></hub></xsl:template></xsl:stylesheet>"""
OUT = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">
  <r><Field Name="Task_ExternalReference"><xsl:value-of select="/ok/@ref"/></Field>
  <Field Name="Task_HubAction"><xsl:value-of select="/ok/@action"/></Field>
  <Field Name="Task_Id">1</Field></r></xsl:template></xsl:stylesheet>"""
OUT_TEXT = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output method="text"/>
  <xsl:template match="/"><xsl:value-of select="/ok/@ref"/></xsl:template></xsl:stylesheet>"""


def test_both_stylesheets_are_the_administrators_own(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("settings", web_service={"xslt_in": IN, "xslt_out": OUT})
    receiver.answers = [(201, b'<ok ref="EXT-9" action="42"/>')]
    done = desk.act("assign", task="9001", group=PROVIDER)
    assert b'<f n="Task_Number">TSK0009001</f>' in receiver.messages[0].body
    written = {"Task_ExternalReference": "EXT-9", "Task_HubAction": "42"}
    assert written == done["delivery"]["attempts"][0]["written"]
    assert ("EXT-9", {"Task_HubAction": "42"}) == (done["task"]["external_reference"], done["task"]["fields"])


def test_a_text_alone_goes_into_the_field_for_it(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("settings", web_service={"xslt_out": OUT_TEXT})
    receiver.answers = [(200, b'<ok ref="EXT-9"/>')]
    assert desk.act("assign", task="9001", group=PROVIDER)["task"]["external_reference"] == "EXT-9"


def test_without_stylesheets_an_external_reference_in_the_answer_is_taken(desk: Ssp7, receiver: Receiver) -> None:
    receiver.answers = [(200, ANSWER), (200, b""), (200, b"no XML")]
    assert desk.act("assign", task="9001", group=PROVIDER)["task"]["external_reference"] == "EXT-7"
    assert desk.act("update", task="9001", text="x")["task"]["external_reference"] == "EXT-7"
    odd = desk.act("update", task="9001", text="x")
    assert ("delivered", "EXT-7") == (odd["delivery"]["status"], odd["task"]["external_reference"])
    assert "The answer is not XML" in odd["delivery"]["attempts"][0]["answer_error"]


def test_json_is_made_of_placeholders_and_read_by_selectors(desk: Ssp7, receiver: Receiver) -> None:
    """FACT: capitals and ||JSON; a field is the same whichever app is named."""
    template = (
        '{"number": #TASK_NUMBER||JSON#, "quoted": "#REPLACE-EXTAPPFIELD-Ticketing.TaskClosure-Task_Id#",'
        ' "source": #REPLACE-FORMFIELD-Source||JSON#, "text": #UPDATEMESSAGE_TEXT||JSON#, "odd": "#NOTHING#"}'
    )
    selector = {"Task_ExternalReference": "$.tickets[0].number"}
    desk.set("settings", web_service={"format": "json", "input_json": template, "output_selector": selector})
    receiver.answers = [(200, b"{}"), (200, b'{"tickets": [{"number": 17}]}')]
    desk.act("assign", task="9001", group=PROVIDER)
    done = desk.act("update", task="9001", text='say "x"')
    assert json.loads(receiver.messages[1].body) == {
        "number": "TSK0009001",
        "quoted": "9001",
        "source": "Portal",
        "text": 'say "x"',
        "odd": "#NOTHING#",
    }
    assert (receiver.messages[1].headers["Content-Type"], done["task"]["external_reference"]) == (
        "application/json",
        "17",
    )


def test_what_an_answer_has_set_is_in_later_events(desk: Ssp7, receiver: Receiver) -> None:
    selector = {"Task_ExternalReference": "ref", "Task_HubAction": "action"}
    desk.set("settings", web_service={"format": "json", "output_selector": selector})
    receiver.answers = [(200, b'{"ref": "A\\u0000B", "action": 42}')]
    desk.act("assign", task="9001", group=PROVIDER)
    desk.set("settings", web_service={"format": "xml"})
    desk.act("update", task="9001", text="x")
    fields = receiver.messages[-1].fields
    assert ("A\ufffdB", "42") == (fields["Task_ExternalReference"], fields["Task_HubAction"])


def test_json_without_a_template_has_every_field(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("settings", web_service={"format": "json"})
    receiver.answers = [(200, b'{"external_reference": "EXT-1"}')]
    assert desk.act("assign", task="9001", group=PROVIDER)["task"]["external_reference"] == "EXT-1"
    sent = json.loads(receiver.messages[0].body)
    assert ("Submit Request", "PRN-0042") == (sent["Task_ExternalRequestType"], sent["Form_Asset"])


def test_names_of_fields_and_statuses_can_be_chosen(desk: Ssp7, receiver: Receiver) -> None:
    names, statuses = {"request_type": "Task_RequestType"}, {"assigned": "In behandeling", "ready": "Gereed"}
    desk.set("settings", field_names=names, statuses=statuses)
    desk.act("assign", task="9001", group=PROVIDER)
    fields = receiver.messages[0].fields
    assert ("Submit Request", "In behandeling") == (fields["Task_RequestType"], fields["Task_Status"])
    assert desk.reassign("x", status="gereed").result == "OK"


# tries


def test_what_is_not_accepted_is_tried_again_and_then_has_failed(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("settings", deliveries={"attempts": 3, "retry_wait_s": 0})
    receiver.answers = [(503, b""), (500, b""), (200, ANSWER)]
    done = desk.act("assign", task="9001", group=PROVIDER)["delivery"]
    assert [503, 500, 200] == [one["http_status"] for one in done["attempts"]]
    assert len({one.fields["Process_Id"] for one in receiver.messages}) == 1
    receiver.answers = [(400, b"")] * 3
    failed = desk.act("update", task="9001", text="x")["delivery"]
    assert ("failed", 3) == (failed["status"], len(failed["attempts"]))
    (again,) = desk.act("resend")["deliveries"]
    assert ("delivered", 4) == (again["status"], len(again["attempts"]))


def test_an_address_that_nobody_listens_at_fails_with_a_reason(desk: Ssp7) -> None:
    desk.set("settings", web_service={"url": "http://127.0.0.1:9/"})
    done = desk.act("assign", task="9001", group=PROVIDER)["delivery"]
    assert ("failed", None) == (done["status"], done["attempts"][0]["http_status"])
    assert "ConnectError" in done["attempts"][0]["error"]


def test_without_an_address_the_event_is_logged_and_not_sent(ssp7: Ssp7) -> None:
    assert ssp7.act("assign", task="9001", group=PROVIDER)["delivery"]["status"] == "not_sent"
    assert ssp7.events == [SUBMIT]


def test_held_events_go_in_any_order_and_as_often_as_wanted(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("settings", deliveries={"hold": True})
    ids = [desk.act("assign", task="9001", group=PROVIDER)["event"]["id"]]
    ids += [desk.act("update", task="9001", text=str(n))["event"]["id"] for n in (1, 2)]
    assert receiver.messages == []
    desk.act("resend", order="reversed")
    assert [int(one.fields["Process_Id"]) for one in receiver.messages] == ids[::-1]
    desk.act("resend", delivery=ids[0], times=2)
    assert [int(one.fields["Process_Id"]) for one in receiver.messages[3:]] == [ids[0]] * 2
    desk.set("settings", deliveries={"hold": False, "copies": 3})
    desk.act("update", task="9001", text="3")
    assert len(receiver.messages) == 8


def test_an_event_tells_what_was_then_however_late_it_is_sent(desk: Ssp7, receiver: Receiver) -> None:
    desk.set("settings", deliveries={"hold": True})
    desk.act("assign", task="9001", group=PROVIDER)
    desk.act("close", task="9001")
    desk.act("resend")
    assert [one.fields["Task_Status"] for one in receiver.messages] == ["Assigned", "Closed"]


# settings


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"web_service": {"xslt_in": "<no"}}, "web_service.xslt_in"),
    ({"web_service": {"xslt_out": "<a/>"}}, "web_service.xslt_out"),
    ({"web_service": {"url": "ftp://x"}}, '"url" must be an http or https address'),
    ({"web_service": {"format": "csv"}}, "soap, xml, json"),
    ({"web_service": {"headers": {"a b": "c"}}}, "web_service.headers"),
    ({"web_service": {"output_selector": {"a": "$..*"}}}, "web_service.output_selector"),
    ({"profile": "third"}, "standard, alternative"),
    ({"sent_incoming": ["closed"]}, "sent_incoming"),
    ({"field_names": {"task_id": "Task_Number"}}, "field_names"),
    ({"field_names": {"colour": "x"}}, "Unknown field"),
    ({"errors": {"nothing": {}}}, "errors.nothing"),
    ({"deliveries": {"attempts": 0}}, "deliveries.attempts"),
    ({"mail": {"tag_format": "LABEL"}}, "mail.tag_format"),
    ({"mail": {"task_number_formats": "TaskId:"}}, "mail.task_number_formats"),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG)
def test_a_setting_that_cannot_be_used_is_named_and_changes_nothing(
    ssp7: Ssp7, wrong: dict[str, Any], expected: str
) -> None:
    before = ssp7.get("settings")
    answer = ssp7.admin("settings", **wrong)
    assert answer.status_code == 400
    assert expected in answer.json()["error"]
    assert before == ssp7.get("settings")


def test_a_stylesheet_reads_nothing_but_its_document(desk: Ssp7) -> None:
    reads = IN.replace('select="."', "select=\"document('/etc/hostname')\"")
    desk.set("settings", web_service={"xslt_in": reads})
    done = desk.act("assign", task="9001", group=PROVIDER)["delivery"]
    assert ("failed", None) == (done["status"], done["body"])
    assert "XSLT In" in done["attempts"][0]["error"]


def test_settings_as_shown_can_be_set(ssp7: Ssp7) -> None:
    shown = ssp7.get("settings")
    assert shown == ssp7.set("settings", **shown)
