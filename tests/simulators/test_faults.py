"""Faults: each kind as a client meets it, whether its effect is stored, and that it is counted exactly."""

from __future__ import annotations

import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.simulators.client import FACES, Whitespace

RESET = "reset"


def outcome_of_create(whitespace: Whitespace, reference: str = "CASE-1") -> str:
    """What a client sees: an HTTP status, or the kind of broken connection."""
    message = whitespace.envelope(
        "CreateWorksheet",
        "<worksheetInput><Uprn>10001</Uprn><ServiceId>289</ServiceId>"
        f"<WorksheetReference>{reference}</WorksheetReference></worksheetInput>",
    )
    try:
        url = whitespace.url + FACES["wcf"]
        answer = requests.post(url, message.encode(), headers={"Content-Type": "text/xml"}, timeout=20)
    except requests.ConnectionError as error:
        # A reset may reach the client while it connects, sends or reads: the same thing at three moments.
        # urllib3 goes on to read after a broken pipe, and then reports the end of the stream instead.
        if any(sign in repr(error) for sign in ("Connection reset", "Broken pipe", "RemoteDisconnected")):
            return RESET
        return "refused" if "refused" in repr(error) else repr(error)
    return str(answer.status_code)


@pytest.mark.parametrize(
    ("fault", "seen", "stored"),
    [
        ({"kind": "refuse"}, RESET, 0),
        ({"kind": "slow", "seconds": 0.05}, "200", 1),
        ({"kind": "cut_after_commit"}, RESET, 1),
        ({"kind": "cut_before_commit"}, RESET, 0),
        ({"kind": "hang_after_commit", "seconds": 0.05}, RESET, 1),
        ({"kind": "status_503"}, "503", 0),
        ({"kind": "status_429", "retry_after": 7}, "429", 0),
        ({"kind": "malformed"}, "200", 1),
        ({"kind": "html_login"}, "200", 0),
        ({"kind": "wrong_credentials"}, "500", 0),
        ({"kind": "business_error", "code": 99, "description": "An unexpected error has occurred"}, "200", 0),
    ],
    ids=lambda value: value.get("kind") if isinstance(value, dict) else None,
)
def test_a_fault_is_met_exactly_as_often_as_told_and_stores_what_it_says(
    whitespace: Whitespace, fault: dict[str, object], seen: str, stored: int
) -> None:
    whitespace.set("faults", **fault, times=2)
    assert [outcome_of_create(whitespace, f"F{index}") for index in range(2)] == [seen, seen]
    assert len(whitespace.worksheets) == 2 * stored
    assert whitespace.get("faults") == {"faults": []}
    assert outcome_of_create(whitespace, "after") == "200"
    assert len(whitespace.worksheets) == 2 * stored + 1


@pytest.mark.parametrize("kind", ["refuse", "cut_before_commit", "cut_after_commit"])
def test_a_broken_connection_is_a_reset_and_not_a_polite_end(whitespace: Whitespace, kind: str) -> None:
    """A refused one even before a byte was sent."""
    whitespace.set("faults", kind=kind)
    host, port = whitespace.url.removeprefix("http://").split(":")
    body = whitespace.envelope("GetServices", "<serviceInput/>").encode()
    head = f"POST {FACES['wcf']} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"

    def answer() -> bytes:
        with socket.create_connection((host, int(port)), timeout=20) as raw:
            if kind != "refuse":
                raw.sendall(head.encode() + body)
            return raw.recv(1)

    # A refusal may be so quick that connecting itself reports it.
    with pytest.raises(ConnectionResetError):
        answer()


def test_the_answers_of_faults_are_what_they_claim(whitespace: Whitespace) -> None:
    whitespace.set("faults", kind="status_503")
    answer = whitespace.create()
    assert "text/html" in answer.response.headers["content-type"]
    whitespace.set("faults", kind="status_429", retry_after=7)
    assert whitespace.create().response.headers["retry-after"] == "7"
    whitespace.set("faults", kind="html_login")
    answer = whitespace.create()
    assert (answer.status, "<form" in answer.text) == (200, True)
    whitespace.set("faults", kind="wrong_credentials")
    assert whitespace.create().text == whitespace.call("GetServices", password="wrong").text
    whitespace.set("faults", kind="business_error", code=99, description="An unexpected error has occurred")
    answer = whitespace.create()
    assert (answer.code, answer.one("ErrorDescription"), answer.one("SuccessFlag")) == (
        99,
        "An unexpected error has occurred",
        "false",
    )


def test_a_malformed_answer_is_no_xml(whitespace: Whitespace) -> None:
    whitespace.set("faults", kind="malformed")
    with pytest.raises(SyntaxError):
        whitespace.create()
    assert len(whitespace.worksheets) == 1


def test_a_fault_may_be_for_one_operation_and_one_reference(whitespace: Whitespace) -> None:
    whitespace.set("faults", kind="status_503", operation="CreateWorksheet", reference="B")
    assert whitespace.call("GetServices", "<serviceInput/>").status == 200
    assert outcome_of_create(whitespace, "A") == "200"
    assert outcome_of_create(whitespace, "B") == "503"
    assert outcome_of_create(whitespace, "B") == "200"


def test_faults_are_met_oldest_first(whitespace: Whitespace) -> None:
    whitespace.set("faults", kind="status_503")
    whitespace.set("faults", kind="status_429", retry_after=1)
    assert [fault["kind"] for fault in whitespace.get("faults")["faults"]] == ["status_503", "status_429"]
    assert [outcome_of_create(whitespace) for _ in range(3)] == ["503", "429", "200"]


@pytest.mark.parametrize("kind", ["status_503", "cut_after_commit", "refuse"])
def test_faults_are_counted_exactly_under_parallel_calls(whitespace: Whitespace, kind: str) -> None:
    whitespace.set("faults", kind=kind, times=7)
    with ThreadPoolExecutor(20) as pool:
        seen = Counter(pool.map(lambda index: outcome_of_create(whitespace, f"P{index}"), range(20)))
    assert seen["200"] == 13
    assert seen["503" if kind == "status_503" else RESET] == 7
    assert len(whitespace.worksheets) == (20 if kind == "cut_after_commit" else 13)


def test_a_refused_connection_is_not_a_received_call(whitespace: Whitespace) -> None:
    whitespace.set("faults", kind="refuse")
    outcome_of_create(whitespace)
    assert whitespace.requests == []


def test_a_closed_port_refuses_until_it_opens_again(whitespace: Whitespace) -> None:
    """The admin connection that is already open stays open through it."""
    whitespace.set("faults", kind="refuse", seconds=30)
    assert [outcome_of_create(whitespace) for _ in range(3)] == ["refused"] * 3
    assert [fault["kind"] for fault in whitespace.get("faults")["faults"]] == ["refuse"]
    whitespace.set("reset")
    assert outcome_of_create(whitespace) == "200"


def test_a_port_closed_for_a_while_opens_by_itself_and_keeps_its_records(whitespace: Whitespace) -> None:
    outcome_of_create(whitespace)
    whitespace.set("faults", kind="refuse", seconds=0.2)
    deadline = time.monotonic() + 20
    while whitespace.get("faults")["faults"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert outcome_of_create(whitespace, "CASE-2") == "200"
    assert [sheet["reference"] for sheet in whitespace.worksheets] == ["CASE-1", "CASE-2"]


@pytest.mark.parametrize("fault", [{"times": 1}, {"seconds": 0.05}])
def test_a_kept_alive_client_meets_the_refusal_too(whitespace: Whitespace, fault: dict[str, object]) -> None:
    message = whitespace.envelope("HelloWorld").encode()
    with requests.Session() as session:
        headers = {"Content-Type": "text/xml"}
        assert session.post(whitespace.url + FACES["wcf"], message, headers=headers, timeout=20).status_code == 200
        whitespace.set("faults", kind="refuse", **fault)
        with pytest.raises(requests.ConnectionError):
            session.post(whitespace.url + FACES["wcf"], message, headers=headers, timeout=20)


def test_a_hanging_call_lets_others_through(whitespace: Whitespace) -> None:
    whitespace.set("faults", kind="hang_after_commit", seconds=60)
    message = whitespace.envelope("GetServices", "<serviceInput/>").encode()
    with pytest.raises(requests.ReadTimeout):
        requests.post(whitespace.url + FACES["wcf"], message, headers={"Content-Type": "text/xml"}, timeout=0.3)
    assert outcome_of_create(whitespace) == "200"


def test_asking_for_the_wsdl_spends_no_fault(whitespace: Whitespace) -> None:
    whitespace.set("faults", kind="status_503")
    assert requests.get(whitespace.url + FACES["wcf"] + "?wsdl", timeout=20).status_code == 200
    assert outcome_of_create(whitespace) == "503"


def test_received_calls_tell_look_ups_from_creates_and_what_came_of_each(whitespace: Whitespace) -> None:
    whitespace.now("2026-10-25T00:30:00Z")
    whitespace.set("faults", kind="cut_after_commit", operation="CreateWorksheet")
    outcome_of_create(whitespace, "R1")
    whitespace.call(
        "GetWorksheetsByReference",
        "<worksheetsByRefInput><WorksheetReference>R1</WorksheetReference></worksheetsByRefInput>",
    )
    whitespace.post("nonsense")
    at = "2026-10-25T00:30:00Z"
    assert whitespace.requests == [
        {"sequence": 1, "at": at, "operation": "CreateWorksheet", "reference": "R1", "status": None, "code": "0",
         "fault": "cut_after_commit"},
        {"sequence": 2, "at": at, "operation": "GetWorksheetsByReference", "reference": "R1", "status": 200,
         "code": "0", "fault": None},
        {"sequence": 3, "at": at, "operation": None, "reference": None, "status": 500, "code": "Client", "fault": None},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "kind"),
        ({"kind": "earthquake"}, "kind"),
        ({"kind": ["refuse"]}, "kind"),
        ({"kind": "status_503", "times": 0}, "times"),
        ({"kind": "status_503", "times": True}, "times"),
        ({"kind": "status_503", "colour": "red"}, "colour"),
        ({"kind": "slow"}, "seconds"),
        ({"kind": "slow", "seconds": -1}, "seconds"),
        ({"kind": "status_429"}, "retry_after"),
        ({"kind": "business_error", "code": 99}, "description"),
        ({"kind": "business_error", "code": None, "description": "x"}, "code"),
        ({"kind": "refuse", "times": 1, "seconds": 1}, "times"),
        ({"kind": "refuse", "operation": "CreateWorksheet"}, "operation"),
        ({"kind": "status_503", "reference": 5}, "reference"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_the_name_of_the_field(
    whitespace: Whitespace, fields: dict[str, object], named: str
) -> None:
    answer = whitespace.admin("faults", **fields)
    assert answer.status_code == 400
    assert f'"{named}"' in answer.json()["error"]
    assert whitespace.get("faults") == {"faults": []}
