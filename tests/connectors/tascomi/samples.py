"""What the tests of Tascomi's connector send, and the connector that sends it."""

from __future__ import annotations

from typing import Any

import requests

from casebridge.connectors import registry
from casebridge.connectors.tascomi.connector import TascomiConnector
from casebridge.core.manifest import MatchRule
from casebridge.core.payload import Payload
from tests.simulators.tascomi.client import PRIVATE, PUBLIC, Tascomi

MANIFEST = registry.manifest("tascomi")
CREATE = MANIFEST.action("create_service_request")
UPDATE = MANIFEST.action("update_service_request")

CODES: dict[str, Any] = {"core_function": "EP", "request_code": "NOISED", "investigating_officer": "OFF1"}
REQUIRED: dict[str, Any] = {**CODES, "external_reference": "ENV1"}


def payload(record_id: str = "", matching: dict[str, MatchRule] | None = None, **fields: Any) -> Payload:
    """A payload as the first task plans it."""
    rules = {name: match.rule for name, match in CREATE.matches.items()}
    return Payload(fields=fields, record_id=record_id, matching={**rules, **(matching or {})})


def create(**fields: Any) -> Payload:
    """What creates a Service Request."""
    return payload(**{**REQUIRED, **fields})


def connector(
    url: str = "https://t.example", session: requests.Session | None = None, **settings: Any
) -> TascomiConnector:
    """The connector to an address."""
    values = {"host": f"{url}/rest", "login": PUBLIC, "password": PRIVATE, **settings}
    made = registry.connector("tascomi", values, where="t", session=session)
    assert isinstance(made, TascomiConnector)
    return made


def contacts(tascomi: Tascomi) -> list[dict[str, str | None]]:
    """The Contacts that the simulator holds."""
    held: list[dict[str, str | None]] = tascomi.look("records")["contacts"]
    return held


def request_of(tascomi: Tascomi, number: str) -> dict[str, str | None]:
    """The Service Request with that number, as the simulator holds it."""
    found: dict[str, str | None] = next(
        row for row in tascomi.look("records")["complaints"] if row["reference_number"] == number
    )
    return found
