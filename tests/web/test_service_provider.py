"""Webhooks of a service provider: signed, kept with their texts, each once."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from casebridge.core.arrival import ArrivalKind
from casebridge.store.inbox import Inbox
from casebridge.web.app import create_app
from casebridge.web.profile import read_profile
from casebridge.web.settings import InboxSettings
from tests.web.serving import serving

SECRET = "provider-secret-of-the-tests"
EVENT = {
    "id": 7,
    "event": "ticket.updated",
    "origin": "provider",
    "ticket": {"number": "SD-1", "reference": "TSK1", "status": "in_progress"},
    "update": {"id": 3, "text": "A part\nis on its way.", "author": "Technician"},
}


@pytest.fixture
def settings() -> InboxSettings:
    return InboxSettings(service_provider_secret=SecretStr(SECRET))


@pytest.fixture
def url(inbox: Inbox, settings: InboxSettings) -> Iterator[str]:
    with serving(create_app(inbox, settings)) as address:
        yield f"{address}/inbox/service_provider"


def post(
    url: str,
    http: requests.Session,
    *,
    at: float | None = None,
    secret: str = SECRET,
    dotted: bool = False,
    **more: Any,
) -> requests.Response:
    payload = {**EVENT, **more}
    body, moment = json.dumps(payload).encode(), str(int(time.time() if at is None else at))
    signed = moment.encode() + b"." + body if dotted else body
    headers = {
        "Content-Type": "application/json",
        "X-Signature": f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}",
        "X-Timestamp": moment,
        "X-Delivery": str(payload["id"]),
    }
    return http.post(url, body, headers=headers)


def test_an_update_is_kept_with_its_text_and_in_its_place(url: str, http: requests.Session, inbox: Inbox) -> None:
    assert (202, {"stored": True}) == ((answer := post(url, http)).status_code, answer.json())
    arrival = inbox.latest()[0].arrival
    assert (ArrivalKind.RECORD_UPDATE, "SD-1", 7, {"reference": "TSK1"}) == (
        arrival.kind,
        arrival.subject,
        arrival.position,
        arrival.details,
    )
    assert {"status": "in_progress", "update_text": "A part\nis on its way.", "update_author": "Technician"} == (
        arrival.content
    )
    assert "way" not in repr(arrival)


def test_the_same_delivery_again_is_the_same(url: str, http: requests.Session, inbox: Inbox) -> None:
    assert [True, False, False] == [post(url, http).json()["stored"] for _ in range(3)]
    assert 1 == inbox.count_pending()


@pytest.mark.parametrize(
    ("event", "more", "content"),
    [
        ("ticket.solved", {"solution": "Fixed."}, {"solution": "Fixed."}),
        ("ticket.closed", {"solution": None, "note": "Done."}, {"closing_note": "Done.", "closed": "yes"}),
    ],
)
def test_a_solution_and_a_closure_are_told(
    url: str, http: requests.Session, inbox: Inbox, event: str, more: dict[str, Any], content: dict[str, str]
) -> None:
    post(url, http, event=event, update=None, **more)
    assert {"status": "in_progress", **content} == inbox.latest()[0].arrival.content


@pytest.mark.parametrize("more", [{"origin": "customer"}, {"event": "ticket.read"}])
def test_what_we_wrote_ourselves_and_what_nobody_knows_is_only_recorded(
    url: str, http: requests.Session, inbox: Inbox, more: dict[str, str]
) -> None:
    assert 202 == post(url, http, **more).status_code
    assert (ArrivalKind.NOTICE, None) == (inbox.latest()[0].arrival.kind, inbox.latest()[0].arrival.content)


def test_a_wrong_signature_is_refused(url: str, http: requests.Session, inbox: Inbox) -> None:
    assert 401 == post(url, http, secret="guess").status_code
    assert [] == inbox.latest()


def test_an_old_webhook_is_refused(url: str, http: requests.Session) -> None:
    assert 400 == post(url, http, at=time.time() - 7200).status_code


def test_the_timestamp_may_be_signed_too(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """Then it cannot be exchanged for a newer one."""
    profile = read_profile()
    signed = profile.service_provider.model_copy(update={"signed": "timestamp.body"})
    chosen = dataclasses.replace(settings, profile=profile.model_copy(update={"service_provider": signed}))
    with serving(create_app(inbox, chosen)) as address:
        url = f"{address}/inbox/service_provider"
        assert (202, 401) == (post(url, http, dotted=True).status_code, post(url, http).status_code)


@pytest.mark.parametrize("more", [{"ticket": {}}, {"event": ""}, {"update": {"text": 7}}])
def test_what_makes_no_sense_is_refused(url: str, http: requests.Session, more: dict[str, Any]) -> None:
    assert 400 == post(url, http, **more).status_code
