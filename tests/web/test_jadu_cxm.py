"""Webhooks of Jadu CXM: authenticated by their signature, stored once, without anything personal."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
from typing import Any

import pytest
import requests

from casebridge.core.arrival import ArrivalKind, ArrivalState
from casebridge.store.inbox import Inbox
from casebridge.web.app import create_app
from casebridge.web.profile import Profile, read_profile
from casebridge.web.senders import jadu_cxm
from casebridge.web.settings import InboxSettings
from tests.web.senders import JADU_SECRET, PERSONAL, event, moment, signed, webhook
from tests.web.serving import serving
from tests.web.wire import exchange


def post(url: str, http: requests.Session, payload: Any = None) -> requests.Response:
    """Send a webhook that is signed as it should be."""
    body, headers = webhook(payload)
    return http.post(f"{url}/inbox/jadu_cxm", body, headers=headers)


def with_profile(settings: InboxSettings, **parts: Any) -> InboxSettings:
    """Settings with another profile."""
    held = settings.profile.model_dump()
    for name, part in parts.items():
        old = held["jadu_cxm"][name]
        held["jadu_cxm"][name] = old | part if isinstance(old, dict) else part
    return dataclasses.replace(settings, profile=Profile.model_validate(held))


def test_an_event_is_stored_before_it_is_answered(url: str, http: requests.Session, inbox: Inbox) -> None:
    payload = event()
    answer = post(url, http, payload)

    assert (202, {"stored": True}) == (answer.status_code, answer.json())
    [entry] = inbox.latest()
    assert entry.state is ArrivalState.PENDING
    assert ("jadu_cxm", ArrivalKind.CASE_EVENT) == (entry.arrival.system, entry.arrival.kind)
    assert ("EMA001330", "case.transitioned") == (entry.arrival.subject, entry.arrival.event)
    assert entry.arrival.details == {
        "case_type": "contact",
        "status": "Open",
        "transition": "close-case",
        "from_status": "open",
        "occurred_at": payload["occurred_at"],
    }


def test_nothing_personal_is_stored(url: str, http: requests.Session, inbox: Inbox) -> None:
    """Who did it is in the webhook; nobody needs it to look at the case."""
    post(url, http, event(values={"email": PERSONAL}))

    assert PERSONAL not in str(inbox.latest())


def test_a_repeated_event_is_stored_once(url: str, http: requests.Session, inbox: Inbox) -> None:
    """A sender that got no answer sends again, and so does somebody who listened in."""
    payload = event()

    assert [True, False, False] == [post(url, http, payload).json()["stored"] for _ in range(3)]
    assert 1 == inbox.count_pending()


@pytest.mark.parametrize(
    "other",
    [
        {"event": "case.updated"},
        {"transition": "reopen"},
        {"occurred_at": moment(minutes=-3)},
        {"case": {"reference": "EMA001331", "type": "contact", "status": {"title": "Open"}}},
        {"case": {"reference": "EMA001330", "type": "contact", "status": {"title": "Closed"}}},
    ],
)
def test_another_event_is_another_entry(url: str, http: requests.Session, inbox: Inbox, other: dict[str, Any]) -> None:
    payload = event()
    assert post(url, http, payload).json()["stored"]
    assert post(url, http, payload | other).json()["stored"]
    assert 2 == inbox.count_pending()


def test_a_delivery_id_tells_repetitions(url: str, http: requests.Session, inbox: Inbox) -> None:
    """A delivery that is told again with another time is the same one."""
    assert post(url, http, event(delivery_id="d-1")).json()["stored"]
    assert not post(url, http, event(delivery_id="d-1", occurred_at=moment(minutes=1))).json()["stored"]
    assert post(url, http, event(delivery_id="d-2")).json()["stored"]
    assert 2 == inbox.count_pending()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "0" * 64,
        "sha1=" + "0" * 40,
        "sha256=\xe9\xff",
        "sha256=" + "0" * 5000,
    ],
)
def test_a_forged_event_is_refused(url: str, http: requests.Session, inbox: Inbox, header: str | None) -> None:
    body, headers = webhook()
    del headers["X-Webhook-Signature"]
    if header is not None:
        headers["X-Webhook-Signature"] = header.encode("latin-1")  # type: ignore[assignment]
    answer = http.post(f"{url}/inbox/jadu_cxm", body, headers=headers)

    assert (401, {"error": "the signature is missing or wrong"}) == (answer.status_code, answer.json())
    assert [] == inbox.latest()


def test_a_signature_holds_for_every_byte_and_one_secret(url: str, http: requests.Session, inbox: Inbox) -> None:
    """A changed body, and one that somebody else signed."""
    body, headers = webhook()

    assert 401 == http.post(f"{url}/inbox/jadu_cxm", body + b" ", headers=headers).status_code
    other = signed(body, "another secret")
    assert 401 == http.post(f"{url}/inbox/jadu_cxm", body, headers=other).status_code
    assert [] == inbox.latest()


def test_two_signatures_are_none(url: str) -> None:
    """Which of them counts would depend on who reads."""
    body, headers = webhook()
    lines = [*headers.items(), ("X-Webhook-Signature", "sha256=0"), ("Content-Length", str(len(body)))]
    assert 401 == exchange(url, "/inbox/jadu_cxm", lines, body)[0]


def test_the_signature_is_compared_in_constant_time(
    url: str, http: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the function that is made for it, with the bytes as they came."""
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(jadu_cxm.hmac, "compare_digest", lambda one, two: not compared.append((one, two)))
    body, headers = webhook()

    assert 202 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code
    assert [(headers["X-Webhook-Signature"].encode(),) * 2] == compared


@pytest.mark.parametrize("minutes", [-61, 61, -60 * 24 * 365])
def test_an_event_far_from_now_is_refused(url: str, http: requests.Session, minutes: float) -> None:
    answer = post(url, http, event(occurred_at=moment(minutes=minutes)))

    assert (400, {"error": "occurred_at is too far from now"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("minutes", [-55, 55])
def test_an_event_within_the_window_is_taken(url: str, http: requests.Session, minutes: float) -> None:
    assert 202 == post(url, http, event(occurred_at=moment(minutes=minutes))).status_code


def test_the_window_can_be_shut_off(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """A sender that comes again after days is heard."""
    body, headers = webhook(event(occurred_at="2020-02-29T10:00:00Z"))
    with serving(create_app(inbox, dataclasses.replace(settings, window_min=0))) as url:
        assert 202 == http.post(f"{url}/inbox/jadu_cxm", data=body, headers=headers).status_code


def test_a_time_without_an_offset_is_local(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """The profile says where."""
    told = moment().removesuffix("+0000")
    body, headers = webhook(event(occurred_at=told))
    for timezone, status in (("UTC", 202), ("Pacific/Kiritimati", 400)):
        with serving(create_app(inbox, with_profile(settings, timezone=timezone))) as url:
            assert status == http.post(f"{url}/inbox/jadu_cxm", data=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ([], "not a JSON object"),
        ("text", "not a JSON object"),
        (event(event=None), "event is missing"),
        (event(event="  "), "event is missing"),
        (event(case=None), "case_reference is missing"),
        (event(case="EMA001330"), "case_reference is missing"),
        (event(case={"reference": ["EMA001330"]}), "case_reference is not a text"),
        (event(case={"reference": True}), "case_reference is not a text"),
        (event(case={"reference": "E" * 201}), "case_reference is too long"),
        (event(event="a\u0000b"), "event is too long or holds control characters"),
        (event(event="a\ud800b"), "event is too long or holds control characters"),
        (event(event="a\nb"), "event is too long or holds control characters"),
        (event(occurred_at="yesterday"), "occurred_at is not a time"),
        (event(occurred_at="0001-01-01T00:00:00"), "occurred_at is too far"),
        (event(occurred_at="9999-12-31T23:59:59-2359"), "occurred_at is too far"),
        (event(occurred_at=None), "occurred_at is missing, and there is no delivery id"),
    ],
)
def test_what_makes_no_sense_is_refused(
    url: str, http: requests.Session, inbox: Inbox, payload: Any, reason: str
) -> None:
    answer = post(url, http, payload)

    assert 400 == answer.status_code
    assert reason in answer.json()["error"]
    assert [] == inbox.latest()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe{\x00}\x00", b"[" * 100_000, b'{"a":' * 20_000, b'{"case": ' + b"9" * 5000 + b"}", b"NaN"],
    ids=["empty", "half", "utf16", "deep", "deeper", "number", "nan"],
)
def test_what_is_not_json_is_refused(url: str, http: requests.Session, body: bytes) -> None:
    """Signed as it should be: the sender may be sick."""
    assert 400 == http.post(f"{url}/inbox/jadu_cxm", body, headers=signed(body)).status_code


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", None])
def test_another_content_type_is_refused(url: str, http: requests.Session, content_type: str | None) -> None:
    body, headers = webhook()

    answer = http.post(f"{url}/inbox/jadu_cxm", body, headers=headers | {"Content-Type": content_type})
    assert 415 == answer.status_code


def test_a_number_is_taken_as_its_text(url: str, http: requests.Session, inbox: Inbox) -> None:
    post(url, http, event(case={"reference": 1001}))

    assert "1001" == inbox.latest()[0].arrival.subject


def test_without_a_secret_nothing_is_taken(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """An empty secret would be one that everybody knows."""
    body = json.dumps(event()).encode()
    with serving(create_app(inbox, InboxSettings(whitespace_secret=settings.whitespace_secret))) as url:
        answer = http.post(f"{url}/inbox/jadu_cxm", data=body, headers=signed(body, ""))
    assert (500, {"error": "the secret of this system is not configured"}) == (answer.status_code, answer.json())
    assert [] == inbox.latest()


def test_what_is_assumed_can_be_overridden(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """Another header, another algorithm, another encoding, other names: no line of code is touched."""
    other = with_profile(
        settings,
        signature={"header": "X-Jadu-Hash", "prefix": "", "algorithm": "sha512", "encoding": "base64"},
        delivery_header="X-Delivery",
        paths={"event": "Transition", "case_reference": "CaseReference", "occurred_at": ""},
        content_types=["text/plain"],
    )
    body = json.dumps({"CaseReference": "EMA001330", "Transition": "close-case"}).encode()
    code = base64.b64encode(hmac.new(JADU_SECRET.encode(), body, hashlib.sha512).digest()).decode()
    with serving(create_app(inbox, other)) as url:
        for delivery, stored in (("1", True), ("1", False), ("2", True)):
            headers = {"X-Jadu-Hash": code, "X-Delivery": delivery, "Content-Type": "text/plain"}
            answer = http.post(f"{url}/inbox/jadu_cxm", data=body, headers=headers)
            assert (202, {"stored": stored}) == (answer.status_code, answer.json())


def test_events_without_a_time_can_be_accepted(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """Told twice, such a hint costs a look; taken for its own repetition, it would be lost."""
    body, headers = webhook(event(occurred_at=None))
    with serving(create_app(inbox, with_profile(settings, untimed="accept"))) as url:
        for _ in range(2):
            assert http.post(f"{url}/inbox/jadu_cxm", data=body, headers=headers).json() == {"stored": True}


def test_the_profile_of_the_package_is_the_default() -> None:
    assert read_profile() == InboxSettings().profile
