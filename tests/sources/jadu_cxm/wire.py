"""A source that sends into a recorded session: what is on the wire, without a network."""

from __future__ import annotations

import json
from typing import Any

import requests

from casebridge.sources import registry
from casebridge.sources.jadu_cxm.source import JaduCxmSource
from tests.connectors.wire import RecordedSession
from tests.connectors.wire import reply as raw_reply

KEY = "demo-api-key"
VALUES: dict[str, Any] = {
    "host": "https://council.q.jadu.example",
    "api_name": "council",
    "password": KEY,
    "changes_filter": "recently-updated",
    "reference_fields": {"worksheet": "worksheet_number"},
}
API = "https://council.q.jadu.example/api/service-api/council"


def reply(body: Any = None, status: int = 200, **headers: str) -> requests.Response:
    """An answer in JSON."""
    return raw_reply(json.dumps(body), status, **{"Content_Type": "application/json", **headers})


def case(**values: Any) -> requests.Response:
    """The answer to a read that holds nothing but what is a fact."""
    return reply({"reference": "MBN001001", "status": {"title": "Open"}, "values": values})


def source(session: RecordedSession, **settings: Any) -> JaduCxmSource:
    """A source on a recorded session."""
    made = registry.source("jadu_cxm", {**VALUES, **settings}, where="jadu_cxm_default", session=session)
    assert isinstance(made, JaduCxmSource)
    return made
