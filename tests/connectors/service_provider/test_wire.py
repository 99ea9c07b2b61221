"""What is sent to a provider, compared with golden files; and other APIs by configuration alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from casebridge.connectors import registry
from casebridge.core.errors import InDoubtError, NotConfigured, NotFound, RejectedError
from casebridge.core.payload import Payload
from casebridge.core.record import Receipt
from tests.connectors.parts import MemoryParts
from tests.connectors.wire import RecordedSession, golden_text, reply

WIRE = Path(__file__).parent / "wire"
VALUES = {"host": "https://desk.example", "password": "the-token"}
TICKET = {"ticket": {"number": "SD-1", "status": "in_progress", "updates": []}}
PAYLOADS: dict[str, Payload] = {
    "submit": Payload(
        fields={"reference": "TSK1", "title": "Printer", "description": "Blank pages", "priority": "high"},
        keyed={
            "body": [{"key": "contact.name", "value": "Sample Colleague"}],
            "body_number": [{"key": "impact", "value": "2"}],
            "body_boolean": [{"key": "contact.vip", "value": True}],
        },
    ),
    "update": Payload(fields={"text": "Please hurry.", "author": "Sample Colleague"}, record_id="SD-1"),
    "decline_solution": Payload(fields={"reason": "Still blank."}, record_id="SD-1"),
    "close": Payload(fields={"note": "It works."}, record_id="SD-1"),
}


def send(action: str, session: RecordedSession, payload: Payload | None = None, **settings: Any) -> Receipt:
    made = registry.connector("service_provider", {**VALUES, **settings}, where="test", session=session)
    return made.send(made.manifest.action(action), payload or PAYLOADS[action], MemoryParts())


def answers(action: str) -> list[Any]:
    """What the provider says: before an update, its ticket is read."""
    told = reply(json.dumps(TICKET), Content_Type="application/json")
    return [told, told] if action == "update" else [told]


@pytest.mark.parametrize("action", PAYLOADS)
def test_what_is_sent_is_as_the_golden_file_has_it(action: str) -> None:
    session = RecordedSession(*answers(action))
    send(action, session)
    request = session.sent[-1]
    sent = {
        "request": f"{request.method} {request.path_url}",
        "authorization": request.headers["Authorization"],
        "body": json.loads(request.body or "null"),
    }
    expected, text = golden_text(WIRE, f"{action}.json", json.dumps(sent, indent=2) + "\n")
    assert expected == text


@pytest.mark.parametrize(
    ("settings", "header", "value"),
    [
        ({"authentication": "header", "auth_header": "X-Key"}, "X-Key", "the-token"),
        ({"authentication": "basic", "login": "us\u00e9r"}, "Authorization", "Basic dXPDqXI6dGhlLXRva2Vu"),
    ],
)
def test_credentials_go_where_the_settings_say(settings: dict[str, Any], header: str, value: str) -> None:
    session = RecordedSession(*answers("close"))
    send("close", session, **settings)
    assert value == session.sent[0].headers[header]


def test_another_api_needs_configuration_alone() -> None:
    """Another method, path and body, fixed members, and the number in a header."""
    submit = {
        "method": "PUT",
        "path": "incidents",
        "body": {"reference": "external.id", "title": "summary"},
        "fixed": {"source": "council", "external": {"system": "SSP7"}},
        "number": "header:X-Number",
    }
    session = RecordedSession(reply("", 201, X_Number="INC-7"))
    receipt = send("submit", session, profile={"submit": submit}, path="/rest")
    assert ("INC-7", "PUT", "/rest/incidents") == (receipt.record_id, session.sent[0].method, session.sent[0].path_url)
    body = json.loads(session.sent[0].body or "")
    assert {"system": "SSP7", "id": "TSK1"} == body["external"]
    assert ("council", "Printer") == (body["source"], body["summary"])


def test_a_ticket_without_a_number_in_its_answer_is_in_doubt() -> None:
    with pytest.raises(InDoubtError):
        send("submit", RecordedSession(reply("{}", 201, Content_Type="application/json")))


def test_a_ticket_that_is_gone_is_told() -> None:
    gone = reply('{"message": "Not found."}', 404, Content_Type="application/json")
    with pytest.raises(NotFound, match="no ticket SD-1"):
        send("close", RecordedSession(gone))


def test_a_path_that_leads_through_a_text_is_told() -> None:
    payload = Payload(fields={"note": "x"}, keyed={"body": [{"key": "note.more", "value": "y"}]}, record_id="SD-1")
    with pytest.raises(RejectedError, match=r"note\.more"):
        send("close", RecordedSession(), payload)


# e-mail


def mailed(action: str, **settings: Any) -> tuple[Receipt, list[tuple[str, str, str]]]:
    values = {**VALUES, "channel": "email", "email_to": "desk@provider.example", **settings}
    made = registry.connector("service_provider", values, where="test", session=RecordedSession())
    sent: list[tuple[str, str, str]] = []
    made.send_email = lambda *mail: sent.append(mail)
    return made.send(made.manifest.action(action), PAYLOADS[action], MemoryParts()), sent


def test_a_ticket_by_e_mail_has_its_fields_as_tags_and_is_unconfirmed() -> None:
    receipt, [(to, subject, text)] = mailed("submit")
    assert (True, "desk@provider.example", "Printer") == (receipt.unconfirmed, to, subject)
    lines = text.splitlines()
    assert "ExternalId: TSK1" == lines[0]
    assert {"[[Priority]]: high", "[[contact.name]]: Sample Colleague"} <= set(lines)
    assert "Blank pages" == lines[-1]


def test_formats_of_e_mail_are_configuration() -> None:
    mail = {"tag": "#{label}={value}", "reference": "Ref {number}"}
    _, [(_, _, text)] = mailed("submit", profile={"mail": mail})
    assert ("Ref TSK1", True) == (text.splitlines()[0], "#Priority=high" in text)


@pytest.mark.parametrize(
    ("action", "subject", "text"),
    [
        ("update", "TicketId: SD-1", "Please hurry."),
        ("decline_solution", "[Declined] TicketId: SD-1", "Still blank."),
        ("close", "[Closed] TicketId: SD-1", "It works."),
    ],
)
def test_every_other_message_names_the_ticket(action: str, subject: str, text: str) -> None:
    receipt, [(_, given, body)] = mailed(action)
    assert (subject, text, True, "SD-1") == (given, body.splitlines()[-1], receipt.unconfirmed, receipt.record_id)


def test_without_a_mail_server_nothing_is_sent() -> None:
    values = {**VALUES, "channel": "email", "email_to": "desk@provider.example"}
    made = registry.connector("service_provider", values, where="test", session=RecordedSession())
    with pytest.raises(NotConfigured, match="tasks of Airflow"):
        made.send(made.manifest.action("submit"), PAYLOADS["submit"], MemoryParts())


# search


def rows(*numbers: int, reference: str = "TSK1", **more: Any) -> Any:
    """A page of a search."""
    found = [{"number": f"SD-{number}", "reference": reference} for number in numbers]
    return reply(json.dumps({"tickets": found, **more}), Content_Type="application/json")


def found(session: RecordedSession, **settings: Any) -> list[str]:
    made = registry.connector("service_provider", {**VALUES, **settings}, where="test", session=session)
    return [one.id for one in made.find(made.manifest.action("submit"), PAYLOADS["submit"])]


def asked(session: RecordedSession) -> list[str]:
    return [one.path_url.partition("?")[2] for one in session.sent]


def test_a_search_ends_where_all_are_told_to_be_found() -> None:
    session = RecordedSession(rows(1, 2, total=2))
    assert (["SD-1", "SD-2"], ["reference=TSK1"]) == (found(session), asked(session))


def test_a_search_reads_every_page() -> None:
    """A provider that does not know the parameter gives all of its tickets: ours may be on the last page."""
    session = RecordedSession(rows(1, 2, reference="X", total=3), rows(3, total=3))
    assert (["SD-3"], ["reference=TSK1", "reference=TSK1&page=2"]) == (found(session), asked(session))


def test_without_a_total_pages_are_read_until_one_brings_nothing_new() -> None:
    session = RecordedSession(rows(1), rows(2), rows(2))
    assert (["SD-1", "SD-2"], 3) == (found(session, profile={"search": {"total": ""}}), len(session.sent))


def test_a_provider_without_pages_is_asked_once() -> None:
    session = RecordedSession(rows(1))
    assert (["SD-1"], 1) == (found(session, profile={"search": {"page": ""}}), len(session.sent))


def test_a_search_that_does_not_end_is_no_answer() -> None:
    """Nothing may be concluded from it: a ticket would be made a second time."""
    session = RecordedSession(*(rows(number, reference="X") for number in range(300)))
    with pytest.raises(NotConfigured, match="more than 200 pages"):
        found(session)
