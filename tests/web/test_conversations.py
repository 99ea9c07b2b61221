"""Closed conversations as three desks tell them, from the simulator, over real HTTP, into a real inbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from pydantic import SecretStr

from casebridge.core.arrival import ArrivalKind
from casebridge.store.inbox import Inbox
from casebridge.web.app import create_app
from casebridge.web.settings import InboxSettings
from tests.simulators.jadu_cxm.receiver import Received, Receiver
from tests.simulators.witiop.client import Witiop
from tests.web.serving import serving

FACES = {"witiop": "witiop", "chatwoot": "chatwoot", "twilio": "twilio", "twilio_events": "twilio"}

every_face = pytest.mark.parametrize("name", sorted(FACES))


@pytest.fixture
def desk(simulator: Callable[[str], str]) -> Iterator[Witiop]:
    """The WitiOp simulator with its sample data and no faults."""
    client = Witiop(simulator("witiop"))
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def settings(desk: Witiop) -> InboxSettings:
    """The secrets of the simulator."""
    known = desk.get("credentials")
    return InboxSettings(
        witiop_secret=SecretStr(known["webhook_secret"]),
        chatwoot_secret=SecretStr(known["chatwoot_webhook_secret"]),
        twilio_secret=SecretStr(known["twilio_auth_token"]),
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Keeps what the desk sends, so that a test can send it on otherwise."""
    one = Receiver()
    yield one
    one.close()


def told(desk: Witiop, url: str, name: str) -> dict[str, Any]:
    """The desk tells the inbox that a conversation was closed; its last delivery."""
    desk.set("settings", webhook_url=f"{url}/inbox/{FACES[name]}", face=name)
    found: dict[str, Any] = desk.act("close", conversation=1793, profile={"disposition": "sold"})["deliveries"][-1]
    return found


@every_face
def test_a_closed_conversation_is_in_the_inbox_before_the_desk_is_answered(
    name: str, desk: Witiop, url: str, inbox: Inbox
) -> None:
    delivery = told(desk, url, name)

    assert 202 == delivery["attempts"][-1]["http_status"], delivery
    (entry,) = inbox.latest()
    arrival = entry.arrival
    assert (FACES[name], ArrivalKind.CASE_EVENT, "conversation.closed") == (arrival.system, arrival.kind, arrival.event)
    assert ("conversation", "closed") == (arrival.details["case_type"], arrival.details["status"])
    assert ("1793" if FACES[name] != "twilio" else "CH") == arrival.subject[: 4 if FACES[name] != "twilio" else 2]


@every_face
def test_only_witiop_whom_nobody_can_ask_has_its_conversation_kept(
    name: str, desk: Witiop, url: str, inbox: Inbox
) -> None:
    """The others are asked when the action is planned: no personal value is stored for them."""
    told(desk, url, name)
    content = inbox.latest()[0].arrival.content

    if name == "witiop":
        assert content is not None
        assert "ciao" == json.loads(content["conversation"])["messages"][0]["text"]
    else:
        assert content is None


@every_face
def test_what_is_told_twice_is_there_once(name: str, desk: Witiop, url: str, inbox: Inbox) -> None:
    told(desk, url, name)
    desk.act("redeliver")
    assert 1 == len(inbox.latest())


@every_face
def test_closed_again_is_another_event(name: str, desk: Witiop, url: str, inbox: Inbox) -> None:
    """It brings the messages that came since."""
    told(desk, url, name)
    desk.set("clock", skew_s=120)
    desk.act("reopen", conversation=1793)
    desk.act("close", conversation=1793)

    kinds = [entry.arrival.kind for entry in inbox.latest()]
    assert 2 == kinds.count(ArrivalKind.CASE_EVENT)
    assert {ArrivalKind.CASE_EVENT, ArrivalKind.NOTICE} >= set(kinds)


def kept(desk: Witiop, receiver: Receiver, name: str) -> Received:
    """What the desk sends, with the signature for the address of the receiver."""
    desk.set("settings", webhook_url=receiver.url, face=name)
    desk.act("close", conversation=1793)
    return receiver.messages[-1]


@every_face
def test_a_changed_body_or_a_wrong_signature_is_refused_and_nothing_is_stored(
    name: str, desk: Witiop, receiver: Receiver, url: str, inbox: Inbox, http: requests.Session
) -> None:
    message = kept(desk, receiver, name)
    header = next(header for header in message.headers if header.lower().endswith(("signature", "signature-256")))
    query = message.path.partition("?")[2]
    address = f"{url}/inbox/{FACES[name]}?{query}"
    tries = [
        (message.headers, message.body.replace(b"1793", b"1794").replace(b"closed", b"Closed")),
        ({**message.headers, header: message.headers[header][:-3] + "AA="}, message.body),
        ({key: value for key, value in message.headers.items() if key != header}, message.body),
    ]
    for headers, body in tries:
        sent = {key: value for key, value in headers.items() if key.lower() not in ("host", "content-length")}
        assert 401 == http.post(address, body, headers=sent, timeout=10).status_code
    assert [] == inbox.latest()


@pytest.mark.parametrize("name", ["witiop", "chatwoot"])
def test_an_old_message_is_refused_though_it_is_signed(name: str, desk: Witiop, url: str, inbox: Inbox) -> None:
    """Who has listened cannot send it again later."""
    desk.set("clock", skew_s=-3600)
    delivery = told(desk, url, name)

    assert 400 == delivery["attempts"][-1]["http_status"]
    assert [] == inbox.latest()


@pytest.mark.parametrize("name", ["twilio", "twilio_events"])
def test_twilio_s_signature_is_over_the_address_as_it_is_called_from_outside(
    name: str, desk: Witiop, receiver: Receiver, inbox: Inbox, settings: InboxSettings, http: requests.Session
) -> None:
    """Behind a proxy that ends TLS, the inbox itself is called otherwise."""
    desk.set("settings", webhook_url=receiver.url.replace("/hook?source=cxm", "/inbox/twilio"), face=name)
    desk.act("close", conversation=1793)
    message = receiver.messages[-1]
    public = receiver.url.partition("/hook")[0]
    outside = InboxSettings(twilio_secret=settings.twilio_secret, public_url=public)
    with serving(create_app(inbox, outside)) as address:
        headers = {
            key: value for key, value in message.headers.items() if key.lower() not in ("host", "content-length")
        }
        assert 202 == http.post(address + message.path, message.body, headers=headers, timeout=10).status_code


@every_face
def test_without_a_secret_everything_is_refused(name: str, desk: Witiop, inbox: Inbox) -> None:
    with serving(create_app(inbox, InboxSettings())) as address:
        assert 500 == told(desk, address, name)["attempts"][-1]["http_status"]
    assert [] == inbox.latest()


def test_several_events_in_one_call_of_twilio_are_refused(
    desk: Witiop, receiver: Receiver, url: str, http: requests.Session
) -> None:
    """One answer cannot tell which of them was stored; the sink can be told to send them one by one."""
    import base64
    import hashlib
    import hmac

    body = json.dumps([{"type": "x", "data": {}}] * 2).encode()
    address = f"{url}/inbox/twilio?{urlencode({'bodySHA256': hashlib.sha256(body).hexdigest()})}"
    token = desk.get("credentials")["twilio_auth_token"].encode()
    signature = base64.b64encode(hmac.new(token, address.encode(), hashlib.sha1).digest()).decode()
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": signature}
    answer = http.post(address, body, headers=headers, timeout=10)

    assert (400, "batching") == (answer.status_code, "batching" if "batching" in answer.text else answer.text)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"event": 1}', b'{"event": "conversation.closed"}'])
def test_nonsense_that_is_signed_is_refused(
    body: bytes, desk: Witiop, url: str, inbox: Inbox, http: requests.Session
) -> None:
    import hashlib
    import hmac
    import time

    moment = str(int(time.time()))
    secret = desk.get("credentials")["webhook_secret"].encode()
    signature = hmac.new(secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Hub-Timestamp": moment,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    assert 400 == http.post(f"{url}/inbox/witiop", body, headers=headers, timeout=10).status_code
    assert [] == inbox.latest()
