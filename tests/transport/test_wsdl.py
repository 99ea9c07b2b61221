"""A trimmed WSDL builds the same requests as the whole one."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
import zeep
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from casebridge.connectors.whitespace.connector import OPERATIONS
from casebridge.transport.wsdl import trim
from tests.simulators.client import FACES, Whitespace

LISTS = {"asmx": "{}", "wcf": "Input.CreateWorksheetInput.{}"}


@pytest.fixture(params=list(FACES))
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def served(whitespace: Whitespace, face: str) -> bytes:
    return requests.get(f"{whitespace.url}{FACES[face]}?wsdl", timeout=30).content


def test_a_trimmed_wsdl_builds_the_same_requests(whitespace: Whitespace, face: str, tmp_path: Path) -> None:
    whole = served(whitespace, face)
    item, prop = LISTS[face].format("ServiceItemInput"), LISTS[face].format("ServicePropertyInput")
    message = {
        "worksheetInput": {
            "Uprn": "1",
            "ServiceId": "2",
            "ServiceItemInputs": {item: [{"ServiceItemId": 3, "ServiceItemName": "", "ServiceItemQuantity": "4"}]},
            "ServicePropertyInputs": {prop: [{"ServicePropertyId": 5, "ServicePropertyValue": "6"}]},
        }
    }
    built = []
    for name, content in (("whole", whole), ("trimmed", trim(whole, OPERATIONS))):
        path = tmp_path / f"{name}.wsdl"
        path.write_bytes(content)
        client = zeep.Client(str(path))
        built.append(etree.tostring(client.create_message(client.service, "CreateWorksheet", **message)))
    assert built[0] == built[1]
    assert len(trim(whole, OPERATIONS)) < len(whole) / 2


def test_only_the_named_operations_are_left(whitespace: Whitespace, face: str, tmp_path: Path) -> None:
    path = tmp_path / "trimmed.wsdl"
    path.write_bytes(trim(served(whitespace, face), OPERATIONS))
    client = zeep.Client(str(path))
    for binding in client.wsdl.bindings.values():
        assert set(OPERATIONS) == set(binding._operations)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", b"not xml <", b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'],
)
def test_what_is_no_wsdl_stays_as_it_is(content: bytes) -> None:
    assert content == trim(content, OPERATIONS)


@given(st.binary(max_size=200))
def test_no_document_makes_it_fail(content: bytes) -> None:
    assert isinstance(trim(content, OPERATIONS), bytes)
