"""WorkflowService.asmx: WSDL, help pages, the three operations, and every way to be refused."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import zeep
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulators.ssp7.client import ACKNOWLEDGE, HASH, NS, PATH, REASSIGN, SOAP_12, UPDATE, Outcome, Ssp7

PROVIDER = "External Service Provider"
UNHANDLED = "Server was unable to process request. ---> "


def test_any_client_can_call_by_the_wsdl_alone_on_both_ports(ssp7: Ssp7) -> None:
    client = zeep.Client(f"{ssp7.url}{PATH}?WSDL")
    for port in ("WorkflowServiceSoap", "WorkflowServiceSoap12"):
        call = client.bind("WorkflowService", port)[ACKNOWLEDGE]
        result = call(p_strProcessInstanceTaskId="9001", p_strExternalReference=f"EXT-{port}", p_strHash=HASH)
        assert ("OK", f"EXT-{port}") == (result, ssp7.task()["external_reference"])


def test_the_other_profile_has_other_parts_another_namespace_and_another_result(ssp7: Ssp7) -> None:
    """Nobody outside knows the real parts: a client that hard-codes one profile fails on the other."""
    ssp7.set("settings", profile="alternative")
    client = zeep.Client(f"{ssp7.url}{PATH}?wsdl")
    service = client.bind("WorkflowService", "WorkflowServiceSoap")
    common = {"taskNumber": "TSK0009001", "accessHash": HASH}
    assert service[ACKNOWLEDGE](externalId="EXT-1", **common) is True
    assert service[UPDATE](updateText="Parts ordered.", writtenBy="Provider", writtenAt=None, **common) is True
    assert service[REASSIGN](solutionText="Drum replaced.", newStatus="Closed", **common) is True
    task = ssp7.task()
    assert ("EXT-1", "Drum replaced.", "Closed") == (task["external_reference"], task["solution"], task["status"])
    assert ssp7.acknowledge("EXT-2").fault[0] == "Client"
    assert "http://www.smt-x.com/" in requests.get(f"{ssp7.url}{PATH}?WSDL", timeout=30).text


def test_a_date_that_is_none_is_the_callers_mistake(ssp7: Ssp7) -> None:
    ssp7.set("settings", profile="alternative")
    parts = {"taskNumber": "9001", "writtenAt": "yesterday", "updateText": "x", "accessHash": HASH}
    answer = ssp7.call(UPDATE, parts, ns="http://www.smt-x.com/")
    code, text = answer.fault
    assert (500, "Client") == (answer.status, code)
    assert "The string 'yesterday' is not a valid AllXsd value." in text


def test_the_path_may_be_spelled_in_either_way(ssp7: Ssp7) -> None:
    parts = {"p_strProcessInstanceTaskId": "9001", "p_strExternalReference": "EXT-1", "p_strHash": HASH}
    answer = ssp7.call(ACKNOWLEDGE, parts, path="/Workflow/WebService/WorkflowService.asmx")
    assert answer.result == "OK"


def test_help_pages_show_samples_and_no_form(ssp7: Ssp7) -> None:
    page = requests.get(f"{ssp7.url}{PATH}?op={UPDATE}", timeout=30)
    assert page.status_code == 200
    assert f"{NS}{UPDATE}" in page.text
    assert "p_strMessage" in page.text
    assert "The test form is only available for requests from the local machine." in page.text
    assert REASSIGN in requests.get(f"{ssp7.url}{PATH}", timeout=30).text
    assert requests.get(f"{ssp7.url}{PATH}?op=Nothing", timeout=30).status_code == 404


def test_a_method_cannot_be_called_by_http_get(ssp7: Ssp7) -> None:
    page = requests.get(f"{ssp7.url}{PATH}/{ACKNOWLEDGE}?p_strHash={HASH}", timeout=30)
    assert page.status_code == 500
    assert f"Request format is unrecognized for URL unexpectedly ending in '/{ACKNOWLEDGE}'." in page.text
    assert requests.get(f"{ssp7.url}/Workflow/Other.asmx", timeout=30).status_code == 404


# the operations


def test_an_acknowledgement_sets_the_external_reference(ssp7: Ssp7) -> None:
    assert ssp7.acknowledge("EXT-1").result == "OK"
    assert ssp7.task()["external_reference"] == "EXT-1"


def test_the_same_acknowledgement_again_is_accepted_and_another_replaces_or_is_refused(ssp7: Ssp7) -> None:
    """Whether a second one is accepted is ASSUMED, so both can be chosen."""
    assert [ssp7.acknowledge(one).result for one in ("EXT-1", "EXT-1", "EXT-2")] == ["OK", "OK", "OK"]
    ssp7.set("settings", second_reference="refuse")
    assert ssp7.acknowledge("EXT-2").result == "OK"
    assert "has an external reference already" in ssp7.acknowledge("EXT-3").fault[1]
    assert ssp7.task()["external_reference"] == "EXT-2"


def test_an_update_is_found_by_task_or_by_external_reference(ssp7: Ssp7) -> None:
    ssp7.acknowledge("EXT-1")
    ssp7.update("By id.", p_strAuthor="Technician", p_strDate="2026-01-12")
    ssp7.update("By number.", task="TSK0009001")
    ssp7.call(UPDATE, {"p_strExternalReference": "EXT-1", "p_strMessage": "By reference.", "p_strHash": HASH})
    updates = [(one["text"], one["author"], one["direction"]) for one in ssp7.task()["updates"]]
    assert updates == [
        ("By id.", "Technician", "In"),
        ("By number.", "External system", "In"),
        ("By reference.", "External system", "In"),
    ]


def test_a_reassignment_reports_the_task_ready_or_closed(ssp7: Ssp7) -> None:
    assert ssp7.reassign("Drum replaced.").result == "OK"
    assert ("Ready", "Drum replaced.") == (ssp7.task()["status"], ssp7.task()["solution"])
    assert ssp7.reassign(status="closed", group="Facilities").result == "OK"
    assert ("Closed", "Facilities", "Drum replaced.") == tuple(
        ssp7.task()[name] for name in ("status", "group", "solution")
    )
    assert ssp7.get("records")["tickets"][0]["status"] == "Closed"


REFUSED: list[tuple[str, dict[str, str], str]] = [
    (ACKNOWLEDGE, {"p_strProcessInstanceTaskId": "1", "p_strExternalReference": "E"}, "task 1 was not found"),
    (ACKNOWLEDGE, {"p_strProcessInstanceTaskId": "9001"}, "Parameter name: p_strExternalReference"),
    (ACKNOWLEDGE, {"p_strExternalReference": "E"}, "Parameter name: p_strProcessInstanceTaskId"),
    (UPDATE, {"p_strProcessInstanceTaskId": "9001"}, "Parameter name: p_strMessage"),
    (UPDATE, {"p_strExternalReference": "NONE", "p_strMessage": "x"}, "task NONE was not found"),
    (REASSIGN, {"p_strProcessInstanceTaskId": "9001", "p_strStatus": "Done"}, "Status Done is not known"),
    (REASSIGN, {"p_strProcessInstanceTaskId": "9001", "p_strGroup": "Nobody"}, "Group Nobody was not found"),
]


@pytest.mark.parametrize(("operation", "parts", "expected"), REFUSED)
def test_what_cannot_be_done_is_a_server_fault_and_changes_nothing(
    ssp7: Ssp7, operation: str, parts: dict[str, str], expected: str
) -> None:
    """ASP.NET makes every exception a soap:Server, so its code tells nothing about trying again."""
    before = ssp7.get("records")
    answer = ssp7.call(operation, {**parts, "p_strHash": HASH})
    code, text = answer.fault
    assert (500, "Server") == (answer.status, code)
    assert text.startswith(UNHANDLED)
    assert expected in text
    assert before == ssp7.get("records")


def test_one_reference_on_two_tasks_names_neither(ssp7: Ssp7) -> None:
    ssp7.acknowledge("EXT-1")
    ssp7.acknowledge("EXT-1", task="9002")
    answer = ssp7.call(REASSIGN, {"p_strExternalReference": "EXT-1", "p_strHash": HASH})
    assert "More than one task has reference EXT-1" in answer.fault[1]


def test_a_closed_task_takes_write_backs_only_where_that_is_chosen(ssp7: Ssp7) -> None:
    ssp7.act("close", task="9001")
    assert "Task TSK0009001 is closed" in ssp7.update("Late.").fault[1]
    ssp7.set("settings", closed_task="accept")
    assert ssp7.update("Late.").result == "OK"


def test_a_refusal_may_come_as_a_result_of_http_200(ssp7: Ssp7) -> None:
    """A client needs a success expression: HTTP 200 is none."""
    ssp7.set("settings", errors={"unknown_task": {"style": "result", "text": "ERROR: no task {detail}"}})
    assert ssp7.acknowledge("EXT-1", task="1").result == "ERROR: no task 1"
    ssp7.set("settings", profile="alternative")
    parts = {"taskNumber": "1", "externalId": "E", "accessHash": HASH}
    assert ssp7.call(ACKNOWLEDGE, parts, ns="http://www.smt-x.com/").result == "false"


def test_which_key_names_a_task_can_be_chosen(ssp7: Ssp7) -> None:
    ssp7.set("settings", task_key="number")
    assert "was not found" in ssp7.acknowledge("EXT-1", task="9001").fault[1]
    assert ssp7.acknowledge("EXT-1", task="TSK0009001").result == "OK"


# messages that are none


def test_a_soap_action_must_be_there_and_known(ssp7: Ssp7) -> None:
    parts = {"p_strProcessInstanceTaskId": "9001", "p_strExternalReference": "E", "p_strHash": HASH}
    body = ssp7.envelope(ACKNOWLEDGE, parts)
    expected = "Server did not recognize the value of HTTP Header SOAPAction: "
    assert ssp7.post(body).fault == ("Client", f"{expected}.")
    assert ssp7.post(body, headers={"SOAPAction": '"urn:other"'}).fault == ("Client", f"{expected}urn:other.")
    ssp7.set("settings", soap_action_required=False)
    assert ssp7.post(body).result == "OK"


def test_soap_12_takes_its_action_from_the_content_type(ssp7: Ssp7) -> None:
    parts = {"p_strProcessInstanceTaskId": "9001", "p_strExternalReference": "E", "p_strHash": HASH}
    body, media = ssp7.envelope(ACKNOWLEDGE, parts, soap=SOAP_12), "application/soap+xml; charset=utf-8"
    assert ssp7.post(body, headers={"Content-Type": f'{media}; action="{NS}{ACKNOWLEDGE}"'}).result == "OK"
    assert ssp7.post(body, headers={"Content-Type": media}).status == 400


@given(st.text(max_size=200))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_breaks_it(ssp7_process: str, body: str) -> None:
    answer = Ssp7(ssp7_process).post(body, headers={"SOAPAction": f'"{NS}{ACKNOWLEDGE}"'})
    assert (500, "Client") == (answer.status, answer.fault[0])


TEXT = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\x7f\ufffe\uffff"), max_size=80
)


@given(TEXT.filter(str.strip))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_kept_as_it_came(ssp7_process: str, text: str) -> None:
    client = Ssp7(ssp7_process)
    assert client.update(text, task="9002").result == "OK"
    assert client.task("9002")["updates"][-1]["text"] == text


# who may call


def test_a_wrong_hash_is_refused_and_stores_nothing(ssp7: Ssp7) -> None:
    assert ssp7.acknowledge("EXT-1", key="wrong").fault == ("Server", f"{UNHANDLED}The hash is not valid.")
    assert ssp7.task()["external_reference"] == ""
    ssp7.set("credentials", hash="changed")
    assert ssp7.acknowledge("EXT-1", key="changed").result == "OK"
    ssp7.set("settings", authentication="anonymous")
    assert ssp7.acknowledge("EXT-2", key="").result == "OK"


def _acknowledge_as(ssp7: Ssp7, **more: Any) -> Outcome:
    return ssp7.call(ACKNOWLEDGE, {"p_strProcessInstanceTaskId": "9001", "p_strExternalReference": "E"}, **more)


def test_basic_authentication_guards_the_calls_and_the_wsdl(ssp7: Ssp7) -> None:
    ssp7.set("settings", authentication="basic")
    right, wrong = ("EXAMPLE\\integration", "demo-password"), ("EXAMPLE\\integration", "x")
    assert _acknowledge_as(ssp7, auth=right).result == "OK"
    refused = _acknowledge_as(ssp7, auth=wrong)
    assert (401, 'Basic realm="ssp7"') == (refused.status, refused.headers["WWW-Authenticate"])
    assert requests.get(f"{ssp7.url}{PATH}?WSDL", timeout=30).status_code == 401
    assert requests.get(f"{ssp7.url}{PATH}?WSDL", auth=right, timeout=30).status_code == 200


def test_windows_authentication_is_a_challenge(ssp7: Ssp7) -> None:
    ssp7.set("settings", authentication="windows")
    refused = _acknowledge_as(ssp7, auth=("EXAMPLE\\integration", "demo-password"))
    assert (401, "Negotiate, NTLM") == (refused.status, refused.headers["WWW-Authenticate"])


def test_a_login_page_is_html_of_200_at_the_end_of_a_redirect(ssp7: Ssp7) -> None:
    """A client that takes 200 for success would lose the write-back here."""
    ssp7.set("settings", authentication="login_page")
    assert _acknowledge_as(ssp7).status == 302
    followed = _acknowledge_as(ssp7, allow_redirects=True)
    assert (200, "text/html; charset=utf-8") == (followed.status, followed.headers["content-type"])
    assert ssp7.task()["external_reference"] == ""


# faults


def test_a_fault_can_be_aimed_at_an_operation_and_a_task(ssp7: Ssp7) -> None:
    ssp7.set("faults", kind="status_503", operation=UPDATE, reference="9002")
    assert ssp7.update("x", task="9001").result == "OK"
    assert ssp7.acknowledge("EXT-1", task="9002").result == "OK"
    assert ssp7.update("x", task="9002").status == 503
    assert ssp7.update("x", task="9002").result == "OK"
    listed = [
        (one["operation"], one["reference"], one["status"], one["fault"]) for one in ssp7.get("requests")["requests"]
    ]
    assert (UPDATE, "9002", 503, "status_503") == listed[2]


@pytest.mark.parametrize(("kind", "stored"), [("cut_after_commit", True), ("cut_before_commit", False)])
def test_a_cut_connection_leaves_the_write_back_done_or_not(ssp7: Ssp7, kind: str, stored: bool) -> None:
    ssp7.set("faults", kind=kind)
    with pytest.raises(requests.ConnectionError):
        ssp7.acknowledge("EXT-1")
    assert stored is (ssp7.task()["external_reference"] == "EXT-1")


def test_other_faults_look_as_the_vendor_would(ssp7: Ssp7) -> None:
    ssp7.set("faults", kind="html_login")
    ssp7.set("faults", kind="wrong_credentials")
    ssp7.set("faults", kind="business_error", code="Server", description=f"{UNHANDLED}Deadlock victim.")
    ssp7.set("faults", kind="business_error", code=7, description="ERROR 7")
    assert "Log in" in ssp7.acknowledge("EXT-1").text
    assert ssp7.acknowledge("EXT-1").fault == ("Server", f"{UNHANDLED}The hash is not valid.")
    assert ssp7.acknowledge("EXT-1").fault == ("Server", f"{UNHANDLED}Deadlock victim.")
    assert ssp7.acknowledge("EXT-1").result == "ERROR 7"
    assert ssp7.task()["external_reference"] == ""
