"""What is sent, compared with golden files that are reviewed like code."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from casebridge.core.message import Author
from casebridge.core.payload import Payload
from tests.connectors.parts import MemoryParts
from tests.connectors.salesforce.samples import (
    CREATE,
    CUSTOMER_USER,
    TOKEN,
    answered,
    connector,
    conversation,
    rows,
    said,
)
from tests.connectors.wire import RecordedSession, golden_text

WIRE = Path(__file__).parent / "wire"
USER = {"Id": "0055g0000000003AAA", "IsActive": True}
CUSTOMER = {"Id": "0055g0000000002AAA", "IsActive": True}


def golden(name: str, sent: Any) -> tuple[str, str]:
    """The golden JSON and the JSON that was sent."""
    return golden_text(WIRE, name, json.dumps(sent, indent=2, ensure_ascii=False) + "\n")


def body(request: requests.PreparedRequest) -> Any:
    return json.loads(request.body or b"null")


def question(request: requests.PreparedRequest) -> str:
    return parse_qs(urlsplit(request.url or "").query)["q"][0]


def made(count: int) -> requests.Response:
    """The answer to a Composite with a case and comments."""
    parts = [{"referenceId": "case", "httpStatusCode": 201, "body": {"id": "5005g0000000002AAA", "success": True}}]
    parts += [
        {"referenceId": f"comment{number}", "httpStatusCode": 201, "body": {"id": f"00a{number}", "success": True}}
        for number in range(1, count + 1)
    ]
    return answered({"compositeResponse": parts})


def test_a_conversation_as_it_is_sent() -> None:
    """Every request in its order: what is asked first, what is written, with which headers."""
    messages = [said(1), said(2, "Buongiorno", by=Author.AGENT)]
    messages += [said(number, f"line {number}") for number in range(3, 27)]
    added = answered([{"id": f"00b{number}", "success": True, "errors": []} for number in range(2)])
    session = RecordedSession(
        answered(TOKEN),
        rows(CUSTOMER),
        rows(USER),
        rows(),
        rows(USER),
        rows(),
        answered({"searchRecords": []}),
        answered({"id": "0035g0000000009AAA", "success": True, "errors": []}, 201),
        rows(),
        made(24),
        rows(
            *(
                {"Id": "00a", "CommentBody": one.text, "CreatedDate": _stamp(one), "CreatedById": _by(one)}
                for one in messages[:24]
            )
        ),
        added,
    )
    payload = conversation(*messages, priority="High")
    payload = Payload(
        payload.fields, {"case_field": [{"key": "Product__c", "value": "Bins"}]}, messages=payload.messages
    )
    given = connector(session=session, set_audit_fields=True, customer_username=CUSTOMER_USER)
    receipt = given.send(CREATE, payload, MemoryParts())

    assert "5005g0000000002AAA" == receipt.record_id
    login, contact, case, comments = (session.sent[at] for at in (0, 7, 9, 11))
    assert "https://sf.example/services/oauth2/token" == login.url
    form = parse_qs(str(login.body))
    assert ["demo-passworddemo-security-token"] == form["password"]
    assert {"grant_type", "client_id", "client_secret", "username", "password"} == form.keys()
    for name, request in {"contact.json": contact, "composite.json": case, "collection.json": comments}.items():
        expected, sent = golden(name, {"path": urlsplit(request.url or "").path, "body": body(request)})
        assert expected == sent
    assert "FALSE" == case.headers["Sforce-Auto-Assign"]
    assert "allowSave=true" in contact.headers["Sforce-Duplicate-Rule-Header"]
    expected, sent = golden("questions.json", [question(session.sent[at]) for at in (1, 2, 3, 5, 6, 8, 10)])
    assert expected == sent


def _stamp(message: Any) -> str:
    return f"{message.sent_at:%Y-%m-%dT%H:%M:%S}.000+0000"


def _by(message: Any) -> str:
    return str((USER if message.author is Author.AGENT else CUSTOMER)["Id"])


def test_a_quote_in_a_value_stays_in_its_place() -> None:
    """Never a query by hand: a name or a number may hold anything."""
    session = RecordedSession(answered(TOKEN), rows(), rows(USER))
    made = connector(session=session)
    made.find(CREATE, conversation(conversation_id="17' OR Id != '"))

    assert r"= '17\' OR Id != \''" in question(session.sent[1])


def test_a_file_is_sent_as_two_parts_of_a_form() -> None:
    """As the vendor's example has it: the first part has no file name, the second one has."""
    about = {"PathOnClient": "l'été.pdf"}
    session = RecordedSession(answered(TOKEN), answered({"id": "0685g0000000001AAA", "success": True}, 201))
    made: Any = connector(session=session)
    assert "0685g0000000001AAA" == made._org.upload(about, "l'été.pdf", "application/pdf", io.BytesIO(b"%PDF"))

    request = session.sent[1]
    sent = request.body.read().decode()  # type: ignore[union-attr]
    first, second = sent.split(request.headers["Content-Type"].partition("boundary=")[2])[1:3]
    assert 'name="entity_content"\r\nContent-Type: application/json' in first
    assert json.loads(first.partition("\r\n\r\n")[2].rpartition("\r\n")[0]) == about
    assert 'name="VersionData"; filename' in second
    assert "%PDF" in second
    assert "/services/data/v66.0/sobjects/ContentVersion" == urlsplit(request.url or "").path
