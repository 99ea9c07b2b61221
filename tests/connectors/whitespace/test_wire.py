"""What goes over the wire to Whitespace, compared with golden files that are reviewed like code."""

from __future__ import annotations

from pathlib import Path

import pytest

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.payload import Payload
from tests.connectors.parts import MemoryParts
from tests.connectors.wire import RecordedSession, golden, reply

WIRE = Path(__file__).parent / "wire"
CREATE = registry.manifest("whitespace").action("create_worksheet")
NS = "http://webservices.whitespacews.com/"

PAYLOAD = Payload(
    fields={
        "uprn": "100020194783",
        "service_id": 289,
        "worksheet_reference": "CASE-1",
        "worksheet_message": "Front & side <gate>\nsecond line ünïcode 🗑\x0b",
        "worksheet_due_date": "2026-07-04 23:59",
        "ad_hoc_round_instance_id": "304",
        "role_id": 7,
    },
    keyed={
        "service_item_quantity": [{"key": 22, "value": "1"}, {"key": 144, "value": "2.5"}],
        "service_property": [
            {"key": 80, "value": "Rear"},
            {"key": 80, "value": "Assisted"},
            {"key": 79, "value": "Yes"},
        ],
    },
)


def connector(session: RecordedSession, face: str = "asmx") -> ConnectorBase:
    values = {
        "host": "https://w.example",
        "login": "WSAPI_DEMO",
        "password": "secret-word",
        "face": face,
        "wsdl": "bundled",
    }
    return registry.connector("whitespace", values, where="w", session=session)


def result(operation: str, inner: str) -> str:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{operation}Response xmlns="{NS}"><{operation}Result>{inner}</{operation}Result></{operation}Response>'
        "</s:Body></s:Envelope>"
    )


SUCCESS = "<ErrorCode>0</ErrorCode><ErrorDescription>Success</ErrorDescription><SuccessFlag>true</SuccessFlag>"
CREATED = result(
    "CreateWorksheet", f"{SUCCESS}<WorksheetResponse><anyType>242259</anyType><anyType></anyType></WorksheetResponse>"
)


@pytest.mark.behaviour("W1")
@pytest.mark.behaviour("W3")
@pytest.mark.behaviour("W4")
@pytest.mark.parametrize("face", ["asmx", "wcf"])
def test_a_create_is_sent_in_the_declared_order_with_the_arrays_of_the_face(face: str) -> None:
    session = RecordedSession(reply(CREATED))
    receipt = connector(session, face).send(CREATE, PAYLOAD, MemoryParts())
    (sent,) = session.sent
    expected, text = golden(WIRE, f"create_worksheet_{face}.xml", sent.body)
    assert expected == text
    assert "242259" == receipt.record_id
    assert f'"{NS}CreateWorksheet"' == sent.headers["SOAPAction"]
    assert "text/xml; charset=utf-8" == sent.headers["Content-Type"]


@pytest.mark.parametrize(
    ("face", "path"), [("asmx", "/PowerSuiteDomesticWebService.asmx"), ("wcf", "/WSAPIService.svc")]
)
def test_each_face_has_its_path(face: str, path: str) -> None:
    session = RecordedSession(reply(CREATED))
    connector(session, face).send(CREATE, PAYLOAD, MemoryParts())
    assert f"https://w.example{path}" == session.sent[0].url


def test_the_password_stands_in_the_header_only_and_in_no_address() -> None:
    session = RecordedSession(reply(CREATED))
    connector(session).send(CREATE, PAYLOAD, MemoryParts())
    assert "secret-word" not in str(session.sent[0].url)
    assert "secret-word" not in str(session.sent[0].headers)
    assert 1 == str(session.sent[0].body).count("secret-word")


def test_a_read_asks_by_id_alone() -> None:
    details = "<FullWSDetails><Worksheet><WorksheetID>7</WorksheetID></Worksheet></FullWSDetails>"
    session = RecordedSession(reply(result("GetFullWorksheetDetails", SUCCESS + details)))
    connector(session).fetch("worksheet", "7")
    expected, text = golden(WIRE, "get_full_worksheet_details.xml", session.sent[0].body)
    assert expected == text


def test_a_look_up_asks_by_our_reference_first() -> None:
    none = result("GetWorksheetsByReference", "<ErrorCode>6</ErrorCode><SuccessFlag>false</SuccessFlag>")
    session = RecordedSession(reply(none))
    assert [] == connector(session).find(CREATE, PAYLOAD)
    expected, text = golden(WIRE, "get_worksheets_by_reference.xml", session.sent[0].body)
    assert expected == text
