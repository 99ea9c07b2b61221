"""Faults as a client of the service API meets them, parallel calls, and bodies nobody expects."""

from __future__ import annotations

import json
import string
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.simulators.jadu_cxm.client import Cxm

RESET = "reset"


def outcome(cxm: Cxm, number: str = "1") -> str:
    """What a client that creates a case sees: an HTTP status, or a broken connection."""
    try:
        return str(cxm.create({"details": number}).status_code)
    except requests.ConnectionError as error:
        # A reset may reach the client while it connects, sends or reads: the same thing at three moments.
        known = ("Connection reset", "Broken pipe", "RemoteDisconnected")
        return RESET if any(sign in repr(error) for sign in known) else repr(error)


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
        ({"kind": "wrong_credentials"}, "401", 0),
        ({"kind": "business_error", "code": 409, "description": "Not now"}, "409", 0),
        ({"kind": "business_error", "code": "E1", "description": "Not now"}, "422", 0),
    ],
    ids=lambda value: value.get("kind") if isinstance(value, dict) else None,
)
def test_a_fault_is_met_exactly_as_often_as_told_and_stores_what_it_says(
    cxm: Cxm, fault: dict[str, object], seen: str, stored: int
) -> None:
    cxm.set("faults", **fault, times=2)
    assert [outcome(cxm) for _ in range(2)] == [seen, seen]
    assert len(cxm.get("records")["cases"]) == 8 + 2 * stored
    assert outcome(cxm) == "200"


def test_the_answers_of_faults_are_what_they_claim(cxm: Cxm) -> None:
    cxm.set("faults", kind="wrong_credentials", times=2)
    assert cxm.send("GET", "case/MBN001001").text == cxm.send("GET", "case/MBN001001", key="x").text
    assert cxm.send("POST", "sign-in").text == cxm.send("POST", "sign-in", json={}).text
    cxm.set("faults", kind="business_error", code=400, description="Not now")
    assert cxm.send("GET", "case/MBN001001").json() == {"message": "Not now"}
    cxm.set("faults", kind="malformed")
    with pytest.raises(ValueError, match=r"."):
        cxm.send("GET", "case/MBN001001").json()
    cxm.set("faults", kind="html_login")
    assert "<form" in cxm.send("GET", "case/MBN001001").text


def test_a_fault_may_be_for_one_operation_and_one_case(cxm: Cxm) -> None:
    cxm.set("faults", kind="status_503", operation="edit_case", reference="MBN001002")
    assert cxm.send("GET", "case/MBN001002").status_code == 200
    assert cxm.edit({"details": "x"}, "MBN001001").status_code == 200
    assert cxm.edit({"details": "x"}, "MBN001002").status_code == 503
    assert cxm.edit({"details": "x"}, "MBN001002").status_code == 200


def test_a_cut_answer_hides_a_transition_that_was_applied(cxm: Cxm) -> None:
    cxm.set("faults", kind="cut_after_commit", operation="transition_case")
    with pytest.raises(requests.ConnectionError):
        cxm.transition("close-case")
    assert cxm.transition("close-case").status_code == 422
    assert cxm.read()["status"] == {"title": "Closed"}


def test_received_calls_name_the_operation_the_case_and_what_came_of_it(cxm: Cxm) -> None:
    cxm.set("faults", kind="cut_after_commit", operation="edit_case")
    cxm.read()
    with pytest.raises(requests.ConnectionError):
        cxm.edit({"details": "x"})
    cxm.page()
    cxm.send("GET", "nothing")
    seen = [
        (one["operation"], one["reference"], one["status"], one["code"], one["fault"])
        for one in cxm.get("requests")["requests"]
    ]
    assert seen == [
        ("read_case", "MBN001001", 200, "200", None),
        ("edit_case", "MBN001001", None, "200", "cut_after_commit"),
        ("list_cases", None, 200, "200", None),
        (None, None, 404, "404", None),
    ]


def test_parallel_creates_each_get_a_reference_of_their_own(cxm: Cxm) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: cxm.create({"details": str(number)}), range(24)))
    assert [answer.status_code for answer in answers] == [200] * 24
    assert {answer.json()["reference"] for answer in answers} == {f"MBN{1005 + number:06}" for number in range(24)}


def test_of_parallel_transitions_one_is_applied(cxm: Cxm) -> None:
    with ThreadPoolExecutor(10) as pool:
        seen = Counter(pool.map(lambda _: cxm.transition("close-case").status_code, range(10)))
    assert seen == {200: 1, 422: 9}
    assert len(cxm.record()["timeline"]) == 1


def test_faults_are_counted_exactly_under_parallel_calls(cxm: Cxm) -> None:
    cxm.set("faults", kind="cut_after_commit", times=5)
    with ThreadPoolExecutor(12) as pool:
        seen = Counter(pool.map(lambda number: outcome(cxm, str(number)), range(15)))
    assert seen == {"200": 10, RESET: 5}
    assert len(cxm.get("records")["cases"]) == 8 + 15


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**400), 10**400),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["Yes", "2026-07-01", "9999-12-31T23:59:59Z", "1900-01-01T00:00:00+1400", "10001", "1e999"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=5,
)
FIELDS = "details bin-was-out due reported worksheet-due customer-has-updated item-count sys-email person address"
OTHERS = "note username password name type description json file"
NAMES = st.one_of(st.sampled_from(f"{FIELDS} {OTHERS}".split()), st.text(string.printable, max_size=8))
BODIES = st.one_of(
    st.binary(max_size=80), st.dictionaries(NAMES, VALUES, max_size=5).map(lambda it: json.dumps(it).encode())
)
PATHS = st.sampled_from(
    [
        ("POST", "missed-bin/case/create"),
        ("POST", "bulky-collection/case/create"),
        ("PATCH", "case/BLK001001/edit"),
        ("PATCH", "case/MBN001001/edit"),
        ("POST", "case/MBN001001/note"),
        ("POST", "case/MBN001001/attach"),
        ("POST", "sign-in"),
    ]
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, body=BODIES, multipart=st.booleans())
@example(path=("PATCH", "case/MBN001001/edit"), body=b'{"due": "0001-01-01"}', multipart=False)
@example(path=("PATCH", "case/BLK001001/edit"), body=b'{"item-count": 1e999}', multipart=False)
def test_no_body_makes_it_fail_and_what_it_took_it_can_show(
    cxm: Cxm, path: tuple[str, str], body: bytes, multipart: bool
) -> None:
    headers = {}
    if multipart:
        body = b'--b\r\nContent-Disposition: form-data; name="json"\r\n\r\n' + body + b"\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = cxm.session.request(
        path[0],
        f"{cxm.url}/api/service-api/council/{path[1]}",
        data=body,
        headers={"X-API-KEY": "demo-api-key", **headers},
        timeout=20,
    )
    assert answer.status_code < 500, answer.text
    assert answer.status_code < 300 or answer.json()["message"]
    assert cxm.session.get(f"{cxm.url}/_sim/records", timeout=20).status_code == 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=st.sampled_from(["create", "update", "event", "rule", "webhook", "filter", "redeliver", "attach"]),
    body=st.dictionaries(
        st.sampled_from(
            [
                "case",
                "type",
                "fields",
                "event",
                "case_type",
                "condition",
                "url",
                "events",
                "name",
                "content",
                "deliveries",
            ]
        ),
        st.one_of(
            VALUES, st.sampled_from(["MBN001001", "missed_bin", "updated", {"details": "x"}, {"fields": {"due": 1}}])
        ),
        max_size=5,
    ),
)
def test_no_admin_call_makes_it_fail(cxm: Cxm, action: str, body: dict[str, object]) -> None:
    answer = cxm.session.post(f"{cxm.url}/_sim/jadu_cxm/{action}", data=json.dumps(body).encode(), timeout=20)
    assert answer.status_code in (200, 400), answer.text
    assert cxm.session.get(f"{cxm.url}/_sim/records", timeout=20).status_code == 200
