"""What is sent, to the byte that matters, and what each answer means."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
import urllib3

from casebridge.core.case import CaseChanges
from casebridge.core.errors import (
    CasebridgeError,
    InDoubtError,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from casebridge.sources import registry
from tests.connectors.wire import RecordedSession
from tests.connectors.wire import reply as raw_reply
from tests.sources.jadu_cxm.wire import API, KEY, VALUES, case, reply, source

CASE = "MBN001001"
PRIVATE = "Mrs Private of 1 Private Street"
CHANGES = CaseChanges({"details": PRIVATE})
HTML = {"Content_Type": "text/html"}


def never_connected() -> requests.ConnectionError:
    reason = urllib3.exceptions.NewConnectionError(None, "refused")  # type: ignore[arg-type]
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


ANSWERS = [
    (never_connected(), Unreachable),
    (requests.ConnectTimeout("-"), Unreachable),
    (requests.ReadTimeout("-"), Unreachable),
    (requests.ConnectionError("reset"), Unreachable),
    (requests.exceptions.InvalidURL("-"), NotConfigured),
    (raw_reply("", 302, Location="/login"), NotConfigured),
    (reply({"message": "bad"}, 400), RefusedByTarget),
    (reply({"message": "no key"}, 401), NotAuthorised),
    (reply({"message": "no"}, 403), NotAuthorised),
    (reply({"message": "none"}, 404), NotFound),
    (raw_reply("<html>none</html>", 404, **HTML), NotConfigured),
    (raw_reply("", 405), NotConfigured),
    (raw_reply("", 408), Unreachable),
    (reply({"message": "locked"}, 409), RefusedByTarget),
    (reply({"message": "wrong", "errors": {"details": [PRIVATE]}}, 422), RefusedByTarget),
    (reply(["nothing", "of", "an", "object"], 422), RefusedByTarget),
    (raw_reply("", 429, Retry_After="9"), Throttled),
    (reply({"message": "oops"}, 500), Unreachable),
    (raw_reply("<html>gone</html>", 502, **HTML), Unreachable),
    (raw_reply("", 503), Unreachable),
    (raw_reply("<html>Sign in</html>", 200, **HTML), NotConfigured),
    (raw_reply("  <!doctype html>"), NotConfigured),
]


@pytest.mark.parametrize(("answer", "error"), ANSWERS)
def test_each_answer_to_a_read_means_one_thing(answer: Any, error: type[CasebridgeError]) -> None:
    with pytest.raises(CasebridgeError) as raised:
        source(RecordedSession(answer)).read(CASE)
    assert error is type(raised.value), raised.value
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(("answer", "error"), ANSWERS)
def test_each_answer_to_an_edit_means_one_thing_and_repeats_no_value(answer: Any, error: type[CasebridgeError]) -> None:
    with pytest.raises(CasebridgeError) as raised:
        source(RecordedSession(case(details="before"), answer)).write(CASE, CHANGES)
    assert error is type(raised.value), raised.value
    assert not raised.value.may_have_happened
    assert "private" not in str(raised.value).lower()


@pytest.mark.parametrize("answer", [requests.ReadTimeout("-"), reply({}, 500), reply({}, 503)])
def test_what_would_be_there_twice_is_in_doubt_without_an_answer(answer: Any) -> None:
    for add in ("attach", "note"):
        with pytest.raises(InDoubtError):
            getattr(source(RecordedSession(answer)), add)(CASE, "a", *([b"b"] if add == "attach" else []))


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "[" * 100_000])
def test_an_answer_to_a_read_that_is_no_object_is_tried_again(body: str) -> None:
    with pytest.raises(Unreachable, match="cannot be read"):
        source(RecordedSession(raw_reply(body))).read(CASE)


@pytest.mark.parametrize("answer", [raw_reply("", 204), raw_reply("", 200), raw_reply("whatever", 202)])
def test_what_a_success_of_an_edit_says_does_not_matter(answer: requests.Response) -> None:
    session = RecordedSession(case(), answer)
    source(session).write(CASE, CHANGES)
    assert 2 == len(session.sent)


@pytest.mark.parametrize(
    "told",
    [
        {"errors": {f"x {PRIVATE}": ["-"]}},
        {"errors": [PRIVATE]},
        {"errors": PRIVATE},
        {"message": f"{PRIVATE} is wrong"},
        {"message": {"deep": PRIVATE}},
    ],
)
def test_a_refusal_of_any_shape_repeats_no_value(told: Any) -> None:
    with pytest.raises(RefusedByTarget) as raised:
        source(RecordedSession(case(), reply(told, 422))).write(CASE, CHANGES)
    assert "private" not in str(raised.value).lower()
    assert "422" == raised.value.code


def test_a_pause_is_the_one_that_is_asked_for() -> None:
    with pytest.raises(Throttled) as raised:
        source(RecordedSession(raw_reply("", 429, Retry_After="9"))).read(CASE)
    assert 9 == raised.value.retry_after


def test_a_read_sends_the_key_in_the_header_and_nowhere_else() -> None:
    session = RecordedSession(case())
    source(session).read(CASE)
    (sent,) = session.sent
    assert ("GET", f"{API}/case/{CASE}", None) == (sent.method, sent.url, sent.body)
    assert KEY == sent.headers["X-API-KEY"]
    assert "X-API-TOKEN" not in sent.headers


def test_an_edit_sends_only_what_differs_in_kebab_case_and_the_vendors_dates() -> None:
    session = RecordedSession(case(worksheet_status="Open", item_count=1), reply({}))
    fields: dict[str, Any] = {"worksheet_status": "Open", "worksheet_number": "7", "item_count": Decimal("2.50")}
    fields |= {"first_name": "Sam", "customer_has_updated": False, "worksheet_outcome": None}
    dates = {"worksheet_due": datetime(2026, 7, 1, 12, tzinfo=UTC), "collection_date": date(2026, 7, 2), "gone": None}
    source(session).write(CASE, CaseChanges(fields, dates))
    sent = session.sent[1]
    assert ("PATCH", f"{API}/case/{CASE}/edit") == (sent.method, sent.url)
    assert "application/json" == sent.headers["Content-Type"]
    assert {
        "worksheet-number": "7",
        "item-count": "2.50",
        "sys-first-name": "Sam",
        "customer-has-updated": False,
        "worksheet-due": "2026-07-01T13:00:00+0100",
        "collection-date": "2026-07-02",
    } == json.loads(sent.body or b"")


def test_a_transition_is_a_post_without_a_body() -> None:
    session = RecordedSession(reply({}))
    source(session).transition(CASE, "close_case")
    (sent,) = session.sent
    assert ("POST", f"{API}/case/{CASE}/transition/close-case", None) == (sent.method, sent.url, sent.body)


def test_a_file_is_sent_in_two_parts() -> None:
    session = RecordedSession(reply({}))
    source(session).attach(CASE, "a.txt", b"hello")
    (sent,) = session.sent
    body = bytes(sent.body or b"")
    assert f"{API}/case/{CASE}/attach" == sent.url
    assert b'name="json"\r\nContent-Type: application/json\r\n\r\n{"name": "a.txt"}' in body
    assert b'name="file"; filename="a.txt"' in body
    assert b"hello" in body


def test_a_page_of_a_filter_is_asked_for_by_its_number() -> None:
    session = RecordedSession(reply({"total": 0, "num_items": 0, "items": []}))
    assert [] == list(source(session).changed(None))
    assert f"{API}/filters/recently-updated/summaries?page=1" == session.sent[0].url


def test_a_sign_in_precedes_and_its_token_goes_into_a_header() -> None:
    session = RecordedSession(reply({"id": 1, "token": "t-1"}), case())
    source(session, login="u", user_password="p").read(CASE)
    sign_in, read = session.sent
    assert ("POST", f"{API}/sign-in") == (sign_in.method, sign_in.url)
    assert {"username": "u", "password": "p"} == json.loads(sign_in.body or b"")
    assert (KEY, "t-1") == (read.headers["X-API-KEY"], read.headers["X-API-TOKEN"])


def test_a_sign_in_without_a_token_is_tried_again() -> None:
    with pytest.raises(Unreachable, match="no token"):
        source(RecordedSession(reply({"id": 1})), login="u", user_password="p").read(CASE)


def test_an_older_answer_in_kebab_case_is_read_too() -> None:
    held = source(RecordedSession(case(**{"first-name": "old", "first_name": "new", "bin-was-out": "Yes"}))).read(CASE)
    assert ("new", "Yes") == (held.fields["first_name"], held.fields["bin_was_out"])


def test_the_page_of_a_case_is_not_on_the_host_of_the_api() -> None:
    held = source(RecordedSession(case()), host="council.api.q.jadu.example").read(CASE)
    named = source(RecordedSession(case()), case_page="https://t/{reference}").read(CASE)
    assert f"https://council.q.jadu.example/q/case/{CASE}/timeline" == held.url
    assert f"https://t/{CASE}" == named.url


def test_what_is_assumed_can_be_overridden_without_touching_code() -> None:
    profile = {
        "members": {"type": ["kind"], "person": ["customer"]},
        "person": {"phone": ["tel"]},
        "written_as": {"worksheet_number": "ws-no"},
        "formats": {"date": "DD/MM/YYYY", "empty": None},
        "refusal": {"fields": ["violations"]},
        "note": {"path": "case/{reference}/comment", "member": "text"},
    }
    body = {"reference": CASE, "status": {"title": "Open"}, "kind": "missed-bin", "customer": {"tel": "1"}}
    assert ("missed_bin", "1") == (
        (held := source(RecordedSession(reply(body)), profile=profile).read(CASE)).type,
        held.person["phone"],
    )
    session = RecordedSession(case(a="x"), reply({"violations": {"ws-no": []}}, 422), reply({}))
    made = source(session, profile=profile)
    with pytest.raises(RefusedByTarget, match="ws_no"):
        made.write(CASE, CaseChanges({"worksheet_number": "7", "a": None}, {"due": date(2026, 7, 1)}))
    assert {"ws-no": "7", "a": None, "due": "01/07/2026"} == json.loads(session.sent[1].body or b"")
    made.note(CASE, "hello")
    assert f"{API}/case/{CASE}/comment" == session.sent[2].url
    assert {"text": "hello"} == json.loads(session.sent[2].body or b"")


@pytest.mark.parametrize(
    "profile", [{"memberz": {}}, {"members": {"typo": []}}, {"note": {"path": "note"}}, {"token_minutes": 0}]
)
def test_a_wrong_override_is_told_at_its_place(profile: dict[str, Any]) -> None:
    with pytest.raises(NotConfigured, match="profile in the connection's extra is not right"):
        source(RecordedSession(), profile=profile)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"password": "key\nwith a line"}, "API key"),
        ({"password": "clé"}, "API key"),
        ({"login": "u"}, "give both or neither"),
        ({"user_password": "p"}, "give both or neither"),
        ({"api_name": "a/b"}, "Service API"),
        ({"changes_pages": 0}, "Pages of the filter"),
    ],
)
def test_a_setting_that_cannot_be_right_is_told_without_its_value(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotConfigured, match=sentence) as raised:
        registry.settings("jadu_cxm", {**VALUES, **wrong}, where="t")
    assert "with a line" not in str(raised.value)
    assert 'connection "t"' in str(raised.value)


def test_a_listing_without_a_time_is_told() -> None:
    session = RecordedSession(reply({"items": [{"reference": CASE, "status": {"title": "Open"}}]}))
    with pytest.raises(NotConfigured, match="time of its last update"):
        list(source(session).changed(None))
