"""What goes over the wire to M3PP, compared with golden files that are reviewed like code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casebridge.core.manifest import ActionType
from casebridge.core.payload import Payload
from tests.connectors.m3pp.samples import (
    ASSET,
    BY_PROPERTY,
    CREATE_ASSET,
    CREATE_WORKSHEET,
    UPDATE_BY_PROPERTY,
    UPDATE_LISTED,
    WORKSHEET,
    connector,
    listed,
)
from tests.connectors.parts import MemoryParts
from tests.connectors.wire import RecordedSession, golden, reply

WIRE = Path(__file__).parent / "wire"
NS = "http://m3pp.casebridge.example/assumed/"
SUCCESS = "<Success>true</Success><ErrorCode/><ErrorMessage/>"


def result(operation: str, inner: str) -> str:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{operation}Response xmlns="{NS}"><OpResult>{inner}</OpResult></{operation}Response>'
        "</s:Body></s:Envelope>"
    )


@pytest.mark.parametrize(
    ("action", "payload", "operation", "answer"),
    [
        pytest.param(
            CREATE_ASSET,
            ASSET,
            "CreateAsset",
            "<AssetKey>7</AssetKey>",
            marks=[pytest.mark.behaviour("M1"), pytest.mark.behaviour("M2")],
        ),
        pytest.param(
            CREATE_WORKSHEET,
            WORKSHEET,
            "CreateWorksheet",
            "<WorksheetReference>WK7</WorksheetReference>",
            marks=[pytest.mark.behaviour("M3"), pytest.mark.behaviour("M8")],
        ),
        pytest.param(
            UPDATE_BY_PROPERTY,
            BY_PROPERTY,
            "UpdateAssetAttributeByProperty",
            "<UpdatedCount>1</UpdatedCount>",
            marks=pytest.mark.behaviour("M4"),
        ),
        pytest.param(
            UPDATE_LISTED, listed("30001,30002"), "UpdateAssetAttribute", "", marks=pytest.mark.behaviour("M5")
        ),
    ],
)
def test_a_write_has_the_elements_of_the_profile_in_their_order(
    action: ActionType, payload: Payload, operation: str, answer: str
) -> None:
    session = RecordedSession(reply(result(operation, SUCCESS + answer)))
    connector(session=session).send(action, payload, MemoryParts())
    (sent,) = session.sent
    expected, text = golden(WIRE, f"{action.name}.xml", sent.body)
    assert expected == text
    assert f'"{NS}{operation}"' == sent.headers["SOAPAction"]
    assert "text/xml; charset=utf-8" == sent.headers["Content-Type"]
    assert "https://m3.example/M3PP/M3PPWebService.asmx" == sent.url


def test_a_look_up_asks_by_the_field_that_the_setting_names() -> None:
    session = RecordedSession(reply(result("FindWorksheets", SUCCESS)))
    assert [] == list(connector(session=session, external_reference_field="CRMRef").find(CREATE_WORKSHEET, WORKSHEET))
    expected, text = golden(WIRE, "find_worksheets.xml", session.sent[0].body)
    assert expected == text


def test_a_read_asks_by_the_id_alone() -> None:
    answer = f"{SUCCESS}<AssetKey>7</AssetKey>"
    session = RecordedSession(reply(result("GetAsset", answer)))
    connector(session=session).fetch("asset", "7")
    expected, text = golden(WIRE, "get_asset.xml", session.sent[0].body)
    assert expected == text


@pytest.mark.parametrize(("auth", "in_header", "in_body"), [("basic", 1, 0), ("username_token", 0, 1)])
def test_the_credentials_go_one_way_only(auth: str, in_header: int, in_body: int) -> None:
    session = RecordedSession(reply(result("GetVersion", SUCCESS)))
    connector(session=session, auth=auth).check()
    (sent,) = session.sent
    assert in_header == str(sent.headers).count("Basic TTNQUF9ERU1POmRlbW8tcGFzc3dvcmQ=")
    assert in_body == str(sent.body).count("demo-password")
    assert "demo-password" not in str(sent.url)


def test_the_credentials_may_hold_letters_of_any_language() -> None:
    session = RecordedSession(reply(result("GetVersion", SUCCESS)))
    connector(session=session, login="Zoë", password="pässwørd").check()
    assert "Basic Wm/Dqzpww6Rzc3fDuHJk" == session.sent[0].headers["Authorization"]


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"path": "elsewhere.asmx"}, "https://m3.example/elsewhere.asmx"),
        ({"profile": {"path": "/of/the.profile"}}, "https://m3.example/of/the.profile"),
        ({"profile": {"path": "/of/the.profile"}, "path": "/of/setting"}, "https://m3.example/of/setting"),
    ],
)
def test_the_path_is_the_profile_s_unless_the_setting_names_one(settings: dict[str, Any], address: str) -> None:
    session = RecordedSession(reply(result("GetVersion", SUCCESS)))
    connector(session=session, **settings).check()
    assert address == session.sent[0].url
