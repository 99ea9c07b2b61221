"""The served WSDLs: zeep calls every operation from them alone, and every answer is valid by the declared schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import requests
import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from tests.simulators.client import FACES, NS, Whitespace

XS = "{http://www.w3.org/2001/XMLSchema}"
DAYS = {"NextCollectionFromDate": "2026-07-01", "NextCollectionToDate": "2026-08-01"}

#: Each operation with an input that finds something; {sheet} is a worksheet's id.
CALLS: dict[str, dict[str, Any] | None] = {
    "CreateWorksheet": {
        "Uprn": "10002",
        "ServiceId": "78",
        "WorksheetReference": "Z-1",
        "WorksheetMessage": "Sofa & table – £31",
        "ServiceItemInputs": [(144, "1"), (750, "1"), (753, "2.5")],
        "ServicePropertyInputs": [(80, "Drive"), (80, "Again")],
        "AdHocRoundInstanceId": "304",
    },
    "GetFullWorksheetDetails": {"WorksheetId": "{sheet}"},
    "GetWorksheetDetails": {"WorksheetId": "{sheet}"},
    "GetWorksheetsByReference": {"WorksheetReference": "Z-0"},
    "GetSiteWorksheets": {"Uprn": "10001", "WorksheetSortOrder": "WorksheetID", "OrderAscending": True},
    "GetWorksheetDetailServiceItems": {"WorksheetId": "{sheet}"},
    "GetWorksheetDetailExtraInfoFields": {"WorksheetId": "{sheet}"},
    "AddWorksheetNotes": {"WorksheetId": "{sheet}", "NoteText": "Behind the shed"},
    "GetWorksheetDetailNotes": {"WorksheetId": "{sheet}"},
    "GetWorksheetDetailEvents": {"WorksheetId": "{sheet}"},
    "GetWorksheetExtraInfoFields": {"ServiceId": "280"},
    "GetWorksheetServiceItems": {"ServiceId": "289", "Uprn": "10001"},
    "GetWorksheetChargeMatrix": {"ServiceItemId": "750"},
    "GetServices": {"IncludeCommercial": True},
    "GetServiceItems": {"ServiceId": "285"},
    "UpdateWorksheet": {"WorksheetId": "{sheet}", "WorksheetMessage": "x", "ServicePropertyInputs": [(79, "No")]},
    "ProgressWorkflow": {"WorksheetId": "{sheet}", "WorkflowEventName": "StartWork"},
    "RaiseCancelWorksheetRequest": {"WorksheetId": "{sheet}", "WorksheetMessage": "Not needed"},
    "CancelWorksheet": {"WorksheetId": "{sheet}"},
    "GetSiteInfo": {"Uprn": "10006"},
    "GetAccountSiteId": {"SiteId": "1001"},
    "GetSiteId": {"UPRN": "10001"},
    "GetAddresses": {"Postcode": "lw13ld", "IncludeCommercialSites": False},
    "GetStreets": {"streetName": "", "townName": "", "postcode": "LW1 3NP"},
    "GetSiteCollections": {"Uprn": "10001"},
    "GetFullSiteCollections": {"Uprn": "10001"},
    "GetCollectionByUprnAndDate": {"Uprn": "10001", "NextCollectionFromDate": "2026-07-01T00:00:00"},
    "GetCollectionByUprnAndDatePlus": {"Uprn": "10001", **DAYS},
    "GetCollectionSlots": {"Uprn": "10001", "ServiceId": "78", **DAYS, "ListCount": "3"},
    "GetInCabLogs": {"Usrn": "20400321", "LogFromDate": "2020-01-01", "LogTypeID": [1, 2]},
    "GetSiteIncidents": {"Uprn": "10003"},
    "GetSiteServiceItemRoundSchedules": {"SiteServiceId": "2001"},
    "UpdateSiteServiceItem": {
        "SiteServiceId": "2001",
        "ServiceItemQuantity": "2",
        "ExtraDetailInputs": [("5", "Lid", "Blue")],
    },
    "HelloWorld": None,
}
PORTS = {
    "asmx": ("asmx", "PowerSuiteWebServiceSoap"),
    "asmx12": ("asmx", "PowerSuiteWebServiceSoap12"),
    "wcf": ("wcf", "BasicHttpBinding_IWSAPIService"),
}


class Schema(zeep.Plugin):
    """Holds every answer against the schema that the WSDL declares, stricter than any client would."""

    def __init__(self, wsdl: bytes, folder: Path) -> None:
        schemas = {schema.get("targetNamespace"): schema for schema in etree.fromstring(wsdl).iter(f"{XS}schema")}
        files = {namespace: folder / f"{index}.xsd" for index, namespace in enumerate(schemas)}
        for namespace, schema in schemas.items():
            for imported in schema.findall(f"{XS}import"):
                imported.set("schemaLocation", files[imported.get("namespace")].name)
            files[namespace].write_bytes(etree.tostring(schema))
        self.schema = etree.XMLSchema(etree.parse(files[NS]))
        self.checked = 0

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> Any:
        (body,) = envelope.iterfind("{*}Body")
        self.schema.assertValid(etree.ElementTree(etree.fromstring(etree.tostring(body[0]))))
        self.checked += 1
        return envelope, http_headers


class ZeepClient:
    """A client made from the served WSDL alone, that builds each input from the declared types."""

    def __init__(self, whitespace: Whitespace, port: str, folder: Path) -> None:
        face, port_name = PORTS[port]
        url = whitespace.url + FACES[face] + "?wsdl"
        self.schema = Schema(requests.get(url, timeout=20).content, folder)
        self.client = zeep.Client(url, wsse=UsernameToken("WSAPI_DEMO", "demo-password"), plugins=[self.schema])
        service = next(iter(self.client.wsdl.services))
        self.service = self.client.bind(service, port_name)
        self.operations = list(self.client.wsdl.services[service].ports[port_name].binding._operations)

    def call(self, operation: str, given: dict[str, Any] | None) -> Any:
        if given is None:
            return self.service[operation]()
        body = self.client.get_element(f"{{{NS}}}{operation}")
        ((wrapper, declared),) = body.type.elements
        members = dict(declared.type.elements)
        shaped = {name: self._shaped(members[name].type, value) for name, value in given.items()}
        return self.service[operation](**{wrapper: shaped})

    def _shaped(self, declared: Any, value: Any) -> Any:
        """A list as the array that the face declares: item and member names come from the WSDL."""
        if not isinstance(value, list):
            return value
        ((item, element),) = declared.elements
        rows: list[Any] = value
        if value and isinstance(value[0], tuple):
            names = [name for name, _ in element.type.elements if len(value[0]) == 3 or name[-2:] in ("Id", "ty", "ue")]
            rows = [dict(zip(names, row, strict=True)) for row in value]
        return {item: rows}


@pytest.fixture(params=list(PORTS))
def zeep_client(whitespace: Whitespace, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ZeepClient]:
    client = ZeepClient(whitespace, request.param, tmp_path)
    yield client
    client.client.transport.session.close()


def test_every_operation_works_from_the_served_wsdl_alone(whitespace: Whitespace, zeep_client: ZeepClient) -> None:
    sheet = whitespace.create(
        "Z-0",
        more="<ServiceItemInputs><ServiceItemInput><ServiceItemId>22</ServiceItemId><ServiceItemQuantity>1"
        "</ServiceItemQuantity></ServiceItemInput></ServiceItemInputs><ServicePropertyInputs><ServicePropertyInput>"
        "<ServicePropertyId>79</ServicePropertyId><ServicePropertyValue>Yes</ServicePropertyValue>"
        "</ServicePropertyInput></ServicePropertyInputs>",
    ).worksheet_id
    assert sorted(zeep_client.operations) == sorted(CALLS)
    for operation, given in CALLS.items():
        if given is not None:
            given = {
                name: value.format(sheet=sheet) if isinstance(value, str) else value for name, value in given.items()
            }
        result = zeep_client.call(operation, given)
        if operation == "HelloWorld":
            assert result == "Hello World"
        else:
            assert (result["ErrorCode"], result["ErrorDescription"], result["SuccessFlag"]) == (0, "Success", True), (
                operation
            )
    assert zeep_client.schema.checked == len(CALLS)
    created = whitespace.worksheets[1]
    assert [(row["service_item_id"], row["quantity"]) for row in created["items"]] == [
        (144, "1"),
        (750, "1"),
        (753, "2.5"),
    ]
    assert created["properties"] == [
        {"service_property_id": 80, "value": "Drive"},
        {"service_property_id": 80, "value": "Again"},
    ]


def test_a_refusal_is_valid_by_the_schema_too(zeep_client: ZeepClient) -> None:
    """Also on the face where the base members are all there is."""
    for operation, given in CALLS.items():
        if given is not None:
            result = zeep_client.call(operation, {})
            refused = operation not in ("GetServices", "GetServiceItems")
            assert (result["ErrorCode"] != 0, result["SuccessFlag"]) == (refused, not refused), operation


GARBAGE = ["x", "-1", "0", "2147483648", "99999999999999999999999", "9999-12-31T23:59:59Z", "0001-01-01", "é – ☃", " "]


@pytest.mark.parametrize("operation", [operation for operation, given in CALLS.items() if given is not None])
def test_garbage_in_any_one_member_is_a_result_and_never_a_fault(whitespace: Whitespace, operation: str) -> None:
    wsdl = etree.fromstring(requests.get(whitespace.url + FACES["asmx"] + "?wsdl", timeout=20).content)
    wrapper = wsdl.find(f".//{XS}element[@name='{operation}']//{XS}element")
    declared = wsdl.find(f".//{XS}complexType[@name='{wrapper.get('type').removeprefix('tns:')}']")
    sheet = whitespace.create().worksheet_id
    plain = {k: str(v).format(sheet=sheet) for k, v in (CALLS[operation] or {}).items() if not isinstance(v, list)}
    for member in [element.get("name") for element in declared.iter(f"{XS}element")]:
        for garbage in GARBAGE:
            inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in {**plain, member: garbage}.items())
            answer = whitespace.call(operation, f"<{wrapper.get('name')}>{inner}</{wrapper.get('name')}>", "asmx")
            assert (answer.status, answer.one("SuccessFlag") in ("true", "false")) == (200, True), (member, garbage)


def test_the_wsdl_names_the_address_that_was_asked(whitespace: Whitespace, face: str) -> None:
    for query in ("?wsdl", "?singleWsdl", "?WSDL"):
        wsdl = etree.fromstring(requests.get(whitespace.url + FACES[face] + query, timeout=20).content)
        addresses = {found.get("location") for found in wsdl.iterfind(".//{*}port/{*}address")}
        assert addresses == {whitespace.url + FACES[face]}


def test_inputs_are_declared_in_the_vendors_order(whitespace: Whitespace, face: str) -> None:
    wsdl = etree.fromstring(requests.get(whitespace.url + FACES[face] + "?wsdl", timeout=20).content)
    declared = wsdl.find(f".//{XS}complexType[@name='CreateWorksheetInput']")
    assert [element.get("name") for element in declared.iter(f"{XS}element")] == [
        "Uprn", "AccountSiteId", "Usrn", "ServiceId", "WorksheetReference", "WorksheetMessage", "WorkLocationAddress",
        "WorkLocationName", "WorkLocationLatitude", "WorkLocationLongitude", "WorkLocationNorthing",
        "WorkLocationEasting", "WorksheetStartDate", "WorksheetDueDate", "ServiceItemInputs", "ServicePropertyInputs",
        "AdHocRoundInstanceId", "RoleId", "RoleName",
    ]  # fmt: skip
