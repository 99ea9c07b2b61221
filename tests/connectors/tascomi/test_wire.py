"""What goes over the wire to Tascomi, compared with golden files that are reviewed like code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from casebridge.core.payload import Payload
from tests.connectors.parts import MemoryParts
from tests.connectors.tascomi.samples import CREATE, UPDATE, connector, create, payload
from tests.connectors.wire import RecordedSession, reply

WIRE = Path(__file__).parent / "wire"
NOW = datetime(2026, 7, 1, 11, 34, 7, tzinfo=UTC)
NONE = reply("", 202)
SHOWN = ("X-Public", "X-Hash", "Content-Type", "Accept")


def rows(*found: dict[str, Any]) -> requests.Response:
    counted = {"X_Number_Of_Results": str(len(found)), "X_Results_Per_Page": "50", "X_Page_Number": "1"}
    return reply(json.dumps(found), **counted)


def codes() -> list[requests.Response]:
    return [
        rows({"id": "3", "code": "EP", "enabled": "t"}),
        rows({"id": "21", "code": "NOISED", "enabled": "t"}),
        rows({"id": "7", "code": "OFF1", "enabled": "t"}),
    ]


def conversation(session: RecordedSession) -> str:
    """Every request as text: method, address, headers that matter, body."""
    told = []
    for sent in session.sent:
        lines = [f"{sent.method} {sent.url}"]
        lines += [f"{name}: {sent.headers[name]}" for name in SHOWN if name in sent.headers]
        body = sent.body.decode() if isinstance(sent.body, bytes) else sent.body or ""
        told.append("\n".join([*lines, *(["", body] if body else [])]))
    return "\n\n---\n\n".join(told) + "\n"


def golden(name: str, text: str) -> str:
    """The golden text. A new file is written for review, and the test fails once."""
    path = WIRE / name
    if not path.exists():
        path.write_text(text, "utf-8")
        return ""
    return path.read_text("utf-8")


def send(session: RecordedSession, action: Any, sent: Payload) -> Any:
    made = connector(session=session)
    made.tables.clock = lambda: NOW
    return made.send(action, sent, MemoryParts())


@pytest.mark.behaviour("T1")
@pytest.mark.behaviour("T5")
def test_a_create_asks_first_then_makes_the_contact_then_the_service_request_and_reads_its_number() -> None:
    session = RecordedSession(
        *codes(),
        rows({"id": "4", "code": "MS", "enabled": "t"}),
        rows({"id": "521", "usrn": "20400321", "pao_text": "STREET RECORD", "lpi_logical_status_code": "1"}),
        NONE,
        NONE,  # asked again when it is this action's turn
        reply('{"id": "5012", "reference": "P-1"}'),
        reply('{"id": "8803"}'),
        rows({"id": "8803", "reference_number": "2026/00413/SR"}),
    )
    sent = create(
        details="Ünï & <x>\nsecond line",
        location_usrn="20400321",
        requester_reference="P-1",
        requester_title="MS",
        requester_surname="O'Other + Sons",
        requester_agent=False,
    )
    receipt = send(session, CREATE, sent)
    assert golden("create.txt", conversation(session)) == conversation(session)
    assert ("2026/00413/SR", "requester 5012 created") == (receipt.record_id, receipt.detail)


@pytest.mark.behaviour("T2")
@pytest.mark.behaviour("T4")
def test_an_update_finds_the_row_of_the_number_then_updates_the_contact_then_the_service_request() -> None:
    session = RecordedSession(
        rows({"id": "8803", "reference_number": "2026/00413/SR"}),
        rows({"id": "5012", "reference": "P-1"}),
        reply('{"id": "5012", "email": "a@example.org"}'),
        reply('{"id": "8803", "details": "More."}'),
    )
    sent = payload("2026/00413/SR", details="More.", requester_reference="P-1", requester_email="a@example.org")
    receipt = send(session, UPDATE, sent)
    assert golden("update.txt", conversation(session)) == conversation(session)
    assert ("2026/00413/SR", "requester 5012 linked and updated") == (receipt.record_id, receipt.detail)


def test_keys_stand_in_no_address_and_the_private_key_nowhere() -> None:
    session = RecordedSession(rows({"id": "8803", "reference_number": "1/SR"}))
    connector(session=session).fetch("service_request", "1/SR")
    (sent,) = session.sent
    assert "demo-p" not in str(sent.url)
    assert "demo-private-key" not in str(dict(sent.headers))


def test_every_page_of_a_listing_is_signed_for_its_own_minute() -> None:
    paging = {"X_Number_Of_Results": "2", "X_Results_Per_Page": "1"}
    session = RecordedSession(
        reply('[{"id": "1", "enabled": "t"}]', **paging), reply('[{"id": "2", "enabled": "t"}]', **paging)
    )
    made = connector(session=session)
    moments = [NOW, NOW.replace(minute=35)]
    made.tables.clock = lambda: moments.pop(0)
    assert ["1", "2"] == [row["id"] for row in made.tables.rows("users", enabled="t")]
    first, second = (sent.headers["X-Hash"] for sent in session.sent)
    assert first != second
