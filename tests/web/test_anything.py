"""Whatever is sent, the inbox answers: never with an error of its own, and never by storing what it should not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from requests.auth import AuthBase
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from casebridge.core.arrival import Arrival
from casebridge.store.inbox import Entry
from casebridge.web.app import create_app
from casebridge.web.settings import InboxSettings
from tests.web.senders import JADU_SECRET, POKE, WHITESPACE_SECRET, XML, poke, signed
from tests.web.serving import serving

LIMITS = InboxSettings(
    jadu_cxm_secret=SecretStr(JADU_SECRET),
    whitespace_secret=SecretStr(WHITESPACE_SECRET),
    ssp7_secret=SecretStr("ssp7-secret-of-the-tests"),
    service_provider_secret=SecretStr("provider-secret-of-the-tests"),
    witiop_secret=SecretStr("witiop-secret-of-the-tests"),
    chatwoot_secret=SecretStr("chatwoot-secret-of-the-tests"),
    twilio_secret=SecretStr("twilio-secret-of-the-tests"),
    rate=10**6,
    burst=10**6,
)


class Kept:
    """An inbox in memory that takes what the database would take, and nothing else."""

    def __init__(self) -> None:
        self.keys: set[tuple[str, str]] = set()

    def put(self, arrivals: Sequence[Arrival]) -> int:
        """Keeps them; a text that PostgreSQL refuses is refused."""
        for one in arrivals:
            for text in (one.key, one.subject, one.event, *one.details.values()):
                text.encode("utf-8")
                assert "\x00" not in text
            assert one.subject
        before = len(self.keys)
        self.keys |= {(one.system, one.key) for one in arrivals}
        return len(self.keys) - before

    def latest(self, limit: int = 50) -> list[Entry]:
        """One sender sends at a time here, so that nobody asks."""
        raise NotImplementedError

    def count_pending(self) -> int:
        """How many are kept."""
        return len(self.keys)


APP = create_app(Kept(), LIMITS)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server that all of these share."""
    with serving(APP) as address:
        yield address


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    """A client that goes through no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
cases = values | st.fixed_dictionaries(
    {}, optional={"reference": values, "type": values, "status": st.fixed_dictionaries({"title": values})}
)
payloads = values | st.fixed_dictionaries(
    {"event": values, "case": cases},
    optional={"transition": values, "from_status": values, "occurred_at": values, "delivery_id": values},
)
jadu_bodies = st.binary() | payloads.map(lambda payload: json.dumps(payload).encode())


@given(body=jadu_bodies, content_type=st.sampled_from(["application/json", "text/plain", ""]))
@settings(max_examples=200, deadline=None)
def test_any_webhook_is_answered(url: str, http: requests.Session, body: bytes, content_type: str) -> None:
    """Signed as it should be, so that everything behind the signature is reached."""
    answer = http.post(f"{url}/inbox/jadu_cxm", body, headers=signed(body) | {"Content-Type": content_type})

    assert answer.status_code in (202, 400, 415)
    assert set(answer.json()) <= {"stored", "error"}


@given(header=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")), body=st.binary())
@settings(max_examples=100, deadline=None)
def test_no_guess_is_a_signature(url: str, http: requests.Session, header: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "X-Webhook-Signature": header.strip().encode("latin-1")}

    assert 401 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code


texts = st.dictionaries(st.sampled_from(list(POKE)), st.text() | st.none())


@given(children=texts)
@settings(max_examples=100, deadline=None)
def test_any_poke_is_answered(url: str, http: requests.Session, children: dict[str, Any]) -> None:
    """Texts that are no texts of XML among them."""
    body = poke(**children).decode().encode("utf-8", "surrogatepass")

    assert http.post(f"{url}/inbox/whitespace", body, headers=XML).status_code in (200, 400, 401)


@given(body=st.binary() | st.text(st.sampled_from("<>&;/!-[]'\"= abEnvelope\n")).map(str.encode))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_answered(url: str, http: requests.Session, body: bytes) -> None:
    answer = http.post(f"{url}/inbox/whitespace", body, headers=XML)

    assert 400 == answer.status_code
    assert "<faultcode>soap:Client</faultcode>" in answer.text


class Signing(AuthBase):
    """Signs what a made-up request has for a body."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the right signature in place of the made-up one."""
        body = request.body or b""
        name = "X-Webhook-Signature"
        request.headers[name] = signed(body if isinstance(body, bytes) else body.encode())[name]
        return request


described = schemathesis.openapi.from_dict(APP.openapi())
CONFORMANCE = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("sign", [True, False], ids=["signed", "unsigned"])
@described.parametrize()
@settings(max_examples=30, deadline=None)
def test_the_inbox_is_as_its_description_says(case: Case, url: str, sign: bool) -> None:
    """Statuses, types and shapes of the answers; the requests are made from the OpenAPI document."""
    with requests.Session() as session:
        session.trust_env = False
        session.auth = Signing() if sign else None
        case.call_and_validate(base_url=url, session=session, checks=CONFORMANCE)
