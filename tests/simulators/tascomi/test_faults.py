"""Faults as a client of the REST API meets them, parallel calls, and requests nobody expects."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simulators.tascomi.tables import TABLES
from tests.simulators.tascomi.client import FORM, REQUIRED, Tascomi, sign

RESET = "reset"


def outcome(tascomi: Tascomi, reference: str = "CASE-1") -> str:
    """What a client that raises a Service Request sees: an HTTP status, or a broken connection."""
    try:
        return str(tascomi.put("complaints", **REQUIRED, external_reference=reference).status_code)
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
        ({"kind": "business_error", "code": 422, "description": "Not now"}, "422", 0),
        ({"kind": "business_error", "code": "E1", "description": "Not now"}, "400", 0),
        ({"kind": "business_error", "code": 0, "description": ""}, "200", 0),
    ],
    ids=lambda value: f"{value['kind']}{value.get('code', '')}" if isinstance(value, dict) else None,
)
def test_a_fault_is_met_exactly_as_often_as_told_and_stores_what_it_says(
    tascomi: Tascomi, fault: dict[str, object], seen: str, stored: int
) -> None:
    tascomi.set("faults", **fault, times=2)
    assert [outcome(tascomi) for _ in range(2)] == [seen, seen]
    assert len(tascomi.look("records")["complaints"]) == 2 + 2 * stored
    assert outcome(tascomi) == "200"


def test_the_answers_of_faults_are_what_they_claim(tascomi: Tascomi) -> None:
    tascomi.set("faults", kind="wrong_credentials")
    assert tascomi.get("titles").text == tascomi.send("GET", "titles", headers={}).text
    tascomi.set("faults", kind="business_error", code=400, description="Not now")
    assert tascomi.get("titles").json() == {"error": "Not now"}
    tascomi.set("faults", kind="business_error", code=0, description="")
    assert tascomi.get("titles").text == '{"id": 0}'
    tascomi.set("faults", kind="malformed")
    with pytest.raises(ValueError, match=r"."):
        tascomi.get("titles").json()
    tascomi.set("faults", kind="html_login")
    assert "<form" in tascomi.get("titles").text


@pytest.mark.parametrize(
    ("method", "path", "operation", "reference"),
    [
        ("PUT", "complaints?external_reference=CASE-1", "PUT complaints", "CASE-1"),
        ("GET", "complaints?external_reference=CASE-1", "GET complaints", "CASE-1"),
        ("GET", "complaints?reference_number=2026%2F00411%2FSR", "GET complaints", "2026/00411/SR"),
        ("POST", "complaints/8801?external_reference=CASE-1", "POST complaints", "CASE-1"),
        ("POST", "complaints/8801?details=x", "POST complaints", "8801"),
        ("DELETE", "complaints/8801", "DELETE complaints", "8801"),
        ("GET", "contacts?reference=PER000101", "GET contacts", "PER000101"),
        ("PUT", "contacts?reference=PER000101", "PUT contacts", "PER000101"),
        ("GET", "titles", "GET titles", None),
        ("GET", "applications?reference=X", None, None),
    ],
)
def test_a_call_is_known_by_method_and_table_and_by_the_callers_reference(
    tascomi: Tascomi, method: str, path: str, operation: str | None, reference: str | None
) -> None:
    other = {"operation": "PUT titles"} if operation is None else {"operation": operation, "reference": "another"}
    tascomi.set("faults", kind="status_503", **other)
    wanted = {name: value for name, value in (("operation", operation), ("reference", reference)) if value is not None}
    tascomi.set("faults", kind="status_503", **wanted)
    assert tascomi.send(method, path).status_code == 503
    assert len(tascomi.look("faults")["faults"]) == 1
    [seen] = tascomi.look("requests")["requests"]
    assert (seen["operation"], seen["reference"], seen["status"], seen["fault"]) == (
        operation,
        reference,
        503,
        "status_503",
    )


def test_received_calls_tell_what_came_of_each(tascomi: Tascomi) -> None:
    tascomi.set("faults", kind="cut_after_commit", operation="PUT complaints")
    tascomi.get("contacts", reference="NOBODY")
    assert outcome(tascomi) == RESET
    tascomi.post("complaints", 1, details="x")
    tascomi.send("GET", "titles", headers={})
    assert [(one["status"], one["code"], one["fault"]) for one in tascomi.look("requests")["requests"]] == [
        (202, "202", None),
        (None, "200", "cut_after_commit"),
        (200, "0", None),
        (401, "401", None),
    ]


def test_a_service_request_whose_answer_was_lost_is_found_by_the_callers_reference(tascomi: Tascomi) -> None:
    """There is no idempotency key: looking first is the only way not to create it twice."""
    tascomi.set("faults", kind="cut_after_commit", operation="PUT complaints")
    assert outcome(tascomi, "CASE-7") == RESET
    assert [row["id"] for row in tascomi.rows("complaints", external_reference="CASE-7")] == ["8803"]


def test_parallel_creates_each_get_an_id_and_a_number_of_their_own(tascomi: Tascomi) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: tascomi.put("complaints", **REQUIRED).json()["id"], range(24)))
    assert set(answers) == {str(number) for number in range(8803, 8827)}
    assert len({row["reference_number"] for row in tascomi.look("records")["complaints"]}) == 26


def test_faults_are_counted_exactly_under_parallel_calls(tascomi: Tascomi) -> None:
    tascomi.set("faults", kind="cut_after_commit", times=5)
    with ThreadPoolExecutor(12) as pool:
        seen = Counter(pool.map(lambda number: outcome(tascomi, str(number)), range(15)))
    assert seen == {"200": 10, RESET: 5}
    assert len(tascomi.look("records")["complaints"]) == 2 + 15


TEXTS = st.one_of(
    st.text(max_size=12),
    st.integers(-(10**30), 10**30).map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.sampled_from(["t", "f", "now", "today", "", "7", "3", "21", "9999-12-31 23:59:59.999999", "1e999", "0" * 5000]),
)
COLUMNS = st.one_of(
    st.sampled_from(sorted({*TABLES["complaints"].columns, *TABLES["contacts"].columns, "page"})), st.text(max_size=6)
)
FORMS = st.dictionaries(COLUMNS, TEXTS, max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    table=st.sampled_from(list(TABLES)),
    row_id=st.sampled_from(["", "/8801", "/5001", "/7", "/x"]),
    query=FORMS,
    form=FORMS,
    lenient=st.booleans(),
)
@example("PUT", "complaints", "", {}, {**REQUIRED, "target_date": "0001-01-01"}, False)
@example("POST", "contacts", "/5001", {}, {"title_id": "9" * 5000}, False)
def test_no_values_make_it_fail_and_what_it_took_it_can_show_and_find(
    tascomi: Tascomi, method: str, table: str, row_id: str, query: dict[str, str], form: dict[str, str], lenient: bool
) -> None:
    tascomi.set(
        "settings",
        unknown_columns="ignore" if lenient else "refuse",
        rights={table: ["view", "create_update", "delete"]},
    )
    answer = tascomi.session.request(
        method, f"{tascomi.url}/rest/v1/{table}{row_id}", params=query, data=form, headers=sign(), timeout=20
    )
    assert answer.status_code in (200, 202, 400, 405), answer.text
    shown = tascomi.look("records")
    if method == "PUT" and answer.status_code == 200:
        made = answer.json()
        [kept] = [row for row in shown[table] if row["id"] == made["id"]]
        assert made.items() <= kept.items()
        found = tascomi.get(table, **{name: value or "" for name, value in made.items()}).json()
        assert made["id"] in [row["id"] for row in found]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["PUT", "POST"]),
    body=st.one_of(st.binary(max_size=60), st.text("=&;%+aF0[]\x00é", max_size=30).map(str.encode)),
    query=st.text("=&;%+aF0[]é", max_size=20),
)
def test_no_body_and_no_query_makes_it_fail(tascomi: Tascomi, method: str, body: bytes, query: str) -> None:
    tascomi.set("settings", unknown_columns="ignore")
    path = "contacts/5001" if method == "POST" else "contacts"
    answer = tascomi.session.request(
        method,
        f"{tascomi.url}/rest/v1/{path}?{query}",
        data=body,
        headers={**sign(), "Content-Type": FORM},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.sampled_from(["contacts", "5001", "t"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=4,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    call=st.sampled_from(["settings", "tascomi/create", "tascomi/update", "tascomi/delete"]),
    body=st.dictionaries(
        st.sampled_from(
            ["table", "id", "fields", "rights", "keys", "column_names", "errors", "time_zone", "page_size"]
        ),
        st.one_of(
            JSON,
            st.sampled_from(
                [
                    {"contacts": ["view"]},
                    {"contacts": {"town": "x"}},
                    {"surname": "x", "title_id": "4"},
                    {"k": {"private_key": "p"}},
                    "Europe/Paris",
                ]
            ),
        ),
        max_size=4,
    ),
)
def test_no_admin_call_makes_it_fail(tascomi: Tascomi, call: str, body: dict[str, object]) -> None:
    answer = tascomi.session.post(f"{tascomi.url}/_sim/{call}", data=json.dumps(body).encode(), timeout=20)
    assert answer.status_code in (200, 400), answer.text
    for name in ("records", "settings", "info"):
        tascomi.look(name)
