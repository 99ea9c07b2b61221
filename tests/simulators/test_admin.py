"""The admin side: what it shows, what it sets, and how it refuses."""

from __future__ import annotations

import pytest
import requests

from tests.simulators.client import Whitespace


def test_a_stranger_can_make_a_valid_call_from_info_alone(whitespace: Whitespace, face: str) -> None:
    info = whitespace.get("info")
    assert set(info) == {"name", "endpoints", "credentials", "samples"}
    first = {kind: ids[0] for kind, ids in info["samples"].items() if ids}
    inner = (
        f"<worksheetInput><Uprn>{first['uprn']}</Uprn><ServiceId>{first['service_id']}</ServiceId>"
        f"<ServiceItemInputs><ServiceItemInput><ServiceItemId>{first['service_item_id']}</ServiceItemId>"
        "<ServiceItemQuantity>1</ServiceItemQuantity></ServiceItemInput></ServiceItemInputs>"
        f"<ServicePropertyInputs><ServicePropertyInput><ServicePropertyId>{first['service_property_id']}"
        "</ServicePropertyId><ServicePropertyValue>Yes</ServicePropertyValue></ServicePropertyInput>"
        f"</ServicePropertyInputs><AdHocRoundInstanceId>{first['ad_hoc_round_instance_id']}</AdHocRoundInstanceId>"
        "</worksheetInput>"
    )
    credentials = {"user": info["credentials"]["username"], "password": info["credentials"]["password"]}
    message = whitespace.envelope("CreateWorksheet", inner, **credentials)
    answer = requests.post(
        whitespace.url + info["endpoints"][face], message.encode(), headers={"Content-Type": "text/xml"}, timeout=20
    )
    assert "<ErrorCode>0</ErrorCode>" in answer.text


def test_reset_puts_everything_back(whitespace: Whitespace) -> None:
    untouched = {name: whitespace.get(name) for name in ("info", "records", "settings", "requests", "faults")}
    whitespace.set("credentials", username="other")
    whitespace.set("clock", now="2026-01-01T00:00:00Z", skew_s=5)
    whitespace.set("settings", strict_order=True, error_codes={"duplicate": {"code": 77}})
    whitespace.set("faults", kind="status_503")
    whitespace.create()
    whitespace.set("reset")
    assert {name: whitespace.get(name) for name in untouched} == untouched
    clock = whitespace.get("clock")
    assert (clock["frozen"], clock["skew_s"]) == (False, 0)
    assert whitespace.create().worksheet_id == "242259"


def test_records_show_worksheets_in_order_of_creation(whitespace: Whitespace) -> None:
    for reference in "CAB":
        whitespace.create(reference)
    assert [sheet["reference"] for sheet in whitespace.worksheets] == ["C", "A", "B"]


def test_the_clock_dates_worksheets_in_uk_wall_time(whitespace: Whitespace) -> None:
    """Summer time ends at 01:00 UTC on that day; a minute before and after are the same wall time, an hour apart."""
    whitespace.now("2026-10-25T00:30:00Z")
    whitespace.create("A")
    whitespace.now("2026-10-25T01:30:00Z")
    whitespace.create("B")
    assert [(sheet["created"], sheet["created_at"]) for sheet in whitespace.worksheets] == [
        ("2026-10-25T01:30:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25T01:30:00", "2026-10-25T01:30:00Z"),
    ]


def test_the_clock_is_frozen_shifted_and_freed(whitespace: Whitespace) -> None:
    assert whitespace.set("clock", now="2026-10-25T02:30:00+02:00") == {
        "now": "2026-10-25T00:30:00Z",
        "frozen": True,
        "skew_s": 0,
    }
    assert whitespace.set("clock", skew_s=-40)["now"] == "2026-10-25T00:29:20Z"
    assert whitespace.call("HelloWorld").response.headers["date"] == "Sun, 25 Oct 2026 00:29:20 GMT"
    assert whitespace.set("clock", now=None)["frozen"] is False
    assert whitespace.get("clock")["skew_s"] == -40


@pytest.mark.parametrize(
    ("call", "fields", "named"),
    [
        ("clock", {"now": "yesterday"}, "now"),
        ("clock", {"now": "2026-10-25T00:30:00"}, "now"),
        ("clock", {"now": "0001-01-01T00:00:00+14:00"}, "now"),
        ("clock", {"now": 5}, "now"),
        ("clock", {"skew_s": "much"}, "skew_s"),
        ("clock", {"skew_s": 1e300}, "skew_s"),
        ("clock", {"skew": 1}, "skew"),
        ("credentials", {"username": 5}, "username"),
        ("credentials", {"token": "x"}, "token"),
        ("reset", {"hard": True}, "hard"),
        ("settings", {"strict": True}, "strict"),
        ("settings", {"visibility_lag_s": -1}, "visibility_lag_s"),
        ("settings", {"poke_url": "ftp://x"}, "poke_url"),
        ("settings", {"secret": "\x00"}, "secret"),
        ("settings", {"duplicate_rule": {"key": ["colour"]}}, "duplicate_rule.key"),
        ("settings", {"duplicate_rule": {"boundary": "fuzzy"}}, "duplicate_rule.boundary"),
        ("settings", {"duplicate_rule": {"x": 1}}, "duplicate_rule.x"),
        ("settings", {"error_codes": {"gone": {"code": 1}}}, "error_codes.gone"),
        ("settings", {"error_codes": {"duplicate": {"code": "x"}}}, "error_codes.duplicate.code"),
        ("whitespace/complete", {"worksheet_id": 1}, "worksheet_id"),
        ("whitespace/complete", {}, "worksheet_id"),
    ],
)
def test_a_wrong_field_is_refused_with_its_name_and_changes_nothing(
    whitespace: Whitespace, call: str, fields: dict[str, object], named: str
) -> None:
    before = {name: whitespace.get(name) for name in ("settings", "credentials", "records")}
    answer = whitespace.admin(call, **fields)
    assert answer.status_code == 400
    assert f'"{named}"' in answer.json()["error"]
    assert {name: whitespace.get(name) for name in before} == before
    assert whitespace.get("clock")["frozen"] is False


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused_in_a_sentence(whitespace: Whitespace, body: bytes) -> None:
    answer = whitespace.session.post(f"{whitespace.url}/_sim/clock", data=body, timeout=20)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The body")


def test_an_admin_call_that_is_not_there_is_404_in_json(whitespace: Whitespace) -> None:
    answer = whitespace.admin("earthquake")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_the_admin_side_is_no_call_of_the_vendors(whitespace: Whitespace) -> None:
    whitespace.get("info")
    assert whitespace.requests == []


def test_error_codes_can_be_replaced(whitespace: Whitespace) -> None:
    """All but 0 and 6 are assumptions: a council that knows better says so."""
    whitespace.set("settings", error_codes={"not_in_matrix": {"code": 42, "description": "No: {detail}"}})
    answer = whitespace.create(service=5)
    assert (answer.code, answer.one("ErrorDescription")) == (42, "No: Service not found")
