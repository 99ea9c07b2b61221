"""Every name is a profile's: a client that knows nothing but the served WSDL works under any of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from tests.simulators.m3pp.client import LOGIN, NS, PATH, M3pp

XS = "{http://www.w3.org/2001/XMLSchema}"
RENAMED_NS = "urn:example:streetworks:gateway:v7"
RENAMED_PATH = "/gateway/StreetWorks.svc"

#: What the profile "renamed" calls each operation, and the members of its request in the order of the wire.
RENAMED = {
    "DescribeService": [],
    "RaiseJob": ["Extras", "ReportedAt", "Job", "JobGroup", "Module", "Division", "PropertyNumber"],
    "ReadJob": ["JobNumber"],
    "SearchJobs": ["Content", "Label"],
    "RegisterItem": ["Traits", "LocationId", "ItemUniqueId", "PropertyNumber", "Area", "Kind"],
    "ReadItem": ["ItemId"],
    "AmendItemsAtProperty": ["Content", "Trait", "Kind", "PropertyNumber"],
    "AmendItems": ["Content", "Trait", "ItemIds"],
}
ASSUMED = {
    "GetVersion": [],
    "CreateWorksheet": [
        "SubjectUPRN", "DepartmentCode", "ApplicationCode", "TaskGroupCode", "TaskCode", "DateTimeReceived", "Fields",
    ],
    "GetWorksheet": ["WorksheetReference"],
    "FindWorksheets": ["FieldName", "FieldValue"],
    "CreateAsset": ["AssetTypeCode", "SectionCode", "UPRN", "AssetUKey", "SiteKey", "Attributes"],
    "GetAsset": ["AssetKey"],
    "UpdateAssetAttributeByProperty": ["UPRN", "AssetTypeCode", "AttributeCode", "Value"],
    "UpdateAssetAttribute": ["AssetKeys", "AttributeCode", "Value"],
}  # fmt: skip
#: A valid call of each operation, in this order, by the order of ASSUMED and of RENAMED.
CALLS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "assumed": [
        ("GetVersion", {}),
        (
            "CreateWorksheet",
            {
                "SubjectUPRN": "10001",
                "DepartmentCode": "ENV",
                "ApplicationCode": "WASTE",
                "TaskGroupCode": "BINS",
                "TaskCode": "DELIV",
                "DateTimeReceived": "2026-07-01T09:30:00",
                "Fields": {"Field": [{"Name": "CaseRef", "Value": "C-1"}, {"Name": "Notes", "Value": "Two\nlines"}]},
            },
        ),
        ("GetWorksheet", {"WorksheetReference": "WK84001"}),
        ("FindWorksheets", {"FieldName": "CaseRef", "FieldValue": "C-1"}),
        (
            "CreateAsset",
            {
                "AssetTypeCode": "BIN",
                "SectionCode": "WEST",
                "SiteKey": "S-2001",
                "Attributes": {"Attribute": [{"Code": "COND", "Value": "Good"}, {"Code": "SIZE", "Value": "240"}]},
            },
        ),
        ("GetAsset", {"AssetKey": "30012"}),
        (
            "UpdateAssetAttributeByProperty",
            {"UPRN": "10001", "AssetTypeCode": "BIN", "AttributeCode": "COND", "Value": "Fair"},
        ),
        (
            "UpdateAssetAttribute",
            {"AssetKeys": {"AssetKey": ["30001", "30012"]}, "AttributeCode": "COND", "Value": "Poor"},
        ),
    ],
    "renamed": [
        ("DescribeService", {}),
        (
            "RaiseJob",
            {
                "PropertyNumber": "10001",
                "Division": "ENV",
                "Module": "WASTE",
                "JobGroup": "BINS",
                "Job": "DELIV",
                "ReportedAt": "2026-07-01T09:30:00",
                "Extras": {
                    "Extra": [{"Label": "CaseRef", "Content": "C-1"}, {"Label": "Notes", "Content": "Two\nlines"}]
                },
            },
        ),
        ("ReadJob", {"JobNumber": "WK84001"}),
        ("SearchJobs", {"Label": "CaseRef", "Content": "C-1"}),
        (
            "RegisterItem",
            {
                "Kind": "BIN",
                "Area": "WEST",
                "LocationId": "S-2001",
                "Traits": {"Trait": [{"Key": "COND", "Content": "Good"}, {"Key": "SIZE", "Content": "240"}]},
            },
        ),
        ("ReadItem", {"ItemId": "30012"}),
        ("AmendItemsAtProperty", {"PropertyNumber": "10001", "Kind": "BIN", "Trait": "COND", "Content": "Fair"}),
        ("AmendItems", {"ItemIds": {"ItemId": ["30001", "30012"]}, "Trait": "COND", "Content": "Poor"}),
    ],
}


class AgainstSchema(zeep.Plugin):
    """Holds every request and answer against the schema that the WSDL declares, stricter than any client would."""

    def __init__(self, wsdl: bytes, folder: Path) -> None:
        (schema,) = etree.fromstring(wsdl).iter(f"{XS}schema")
        file = folder / "service.xsd"
        file.write_bytes(etree.tostring(schema))
        self.schema = etree.XMLSchema(etree.parse(file))
        self.checked = 0

    def _check(self, envelope: Any) -> None:
        (body,) = envelope.iterfind("{*}Body")
        self.schema.assertValid(etree.ElementTree(etree.fromstring(etree.tostring(body[0]))))
        self.checked += 1

    def egress(self, envelope: Any, http_headers: Any, operation: Any, binding_options: Any) -> Any:
        self._check(envelope)
        return envelope, http_headers

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> Any:
        self._check(envelope)
        return envelope, http_headers


def client_of(m3pp: M3pp, folder: Path) -> tuple[zeep.Client, AgainstSchema]:
    """A client made from the served WSDL alone."""
    url = m3pp.url + m3pp.get("info")["endpoints"]["soap"] + "?wsdl"
    checks = AgainstSchema(requests.get(url, timeout=20).content, folder)
    return zeep.Client(url, wsse=UsernameToken(*LOGIN), plugins=[checks]), checks


@pytest.fixture(params=list(CALLS))
def profile(m3pp: M3pp, request: pytest.FixtureRequest) -> str:
    m3pp.set("settings", profile=request.param)
    return str(request.param)


def test_every_operation_works_from_the_served_wsdl_alone(m3pp: M3pp, profile: str, tmp_path: Path) -> None:
    client, checks = client_of(m3pp, tmp_path)
    success = {"assumed": "Success", "renamed": "Ok"}[profile]
    for operation, given in CALLS[profile]:
        result = client.service[operation](**given)
        assert result[success] is True, (operation, result)
    client.transport.session.close()
    assert checks.checked == 2 * len(CALLS[profile])
    (sheet,) = m3pp.worksheets
    assert sheet["fields"] == {"CaseRef": "C-1", "Notes": "Two\nlines", "Status": "Open"}
    assert [m3pp.assets[key]["attributes"]["COND"] for key in ("30001", "30002", "30012")] == ["Poor", "Fair", "Poor"]


def test_an_empty_call_of_each_operation_is_refused_by_the_schemas_rules(
    m3pp: M3pp, profile: str, tmp_path: Path
) -> None:
    client, checks = client_of(m3pp, tmp_path)
    code = {"assumed": "ErrorCode", "renamed": "Fault"}[profile]
    for operation, _ in CALLS[profile][1:]:
        assert client.service[operation]()[code] == "MANDATORY_FIELD", operation
    client.transport.session.close()
    assert checks.checked == 2 * (len(CALLS[profile]) - 1)


def test_both_profiles_answer_the_same_under_their_names(m3pp: M3pp, tmp_path: Path) -> None:
    answers = {}
    for name in CALLS:
        m3pp.set("reset")
        m3pp.set("settings", profile=name)
        client, _ = client_of(m3pp, tmp_path)
        answers[name] = [
            sorted(str(part) for part in _leaves(zeep.helpers.serialize_object(client.service[operation](**given))))
            for operation, given in CALLS[name]
        ]
        client.transport.session.close()
    assert answers["assumed"] == answers["renamed"]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    else:
        yield value


@pytest.mark.parametrize(
    ("name", "path", "namespace", "operations"),
    [("assumed", PATH, NS, ASSUMED), ("renamed", RENAMED_PATH, RENAMED_NS, RENAMED)],
)
def test_the_wsdl_has_the_profiles_names_in_its_order(
    m3pp: M3pp, name: str, path: str, namespace: str, operations: dict[str, list[str]]
) -> None:
    m3pp.set("settings", profile=name)
    answer = requests.get(f"{m3pp.url}{path}?wsdl", timeout=20)
    wsdl = etree.fromstring(answer.content)
    assert wsdl.get("targetNamespace") == namespace
    elements = {element.get("name"): element for element in wsdl.iterfind(f".//{XS}schema/{XS}element")}
    declared = {
        operation: [member.get("name") for member in elements[operation].find(f".//{XS}sequence")]
        for operation in operations
    }
    assert operations == declared
    assert len(elements) == 2 * len(operations)
    assert wsdl.find(".//{*}port/{*}address").get("location") == m3pp.url + path


def test_the_two_profiles_share_no_name_of_a_member_and_no_operation(m3pp: M3pp) -> None:
    names = {}
    for name, path in (("assumed", PATH), ("renamed", RENAMED_PATH)):
        m3pp.set("settings", profile=name)
        wsdl = etree.fromstring(requests.get(f"{m3pp.url}{path}?wsdl", timeout=20).content)
        names[name] = {element.get("name") for element in wsdl.iter(f"{XS}element")}
    assert names["assumed"] & names["renamed"] == set()


def test_only_the_profile_in_force_is_served_and_records_stay(m3pp: M3pp) -> None:
    m3pp.worksheet()
    m3pp.set("settings", profile="renamed")
    assert m3pp.get("info")["endpoints"] == {"soap": RENAMED_PATH}
    assert m3pp.call("GetVersion").status == 404
    assert [sheet["worksheet_reference"] for sheet in m3pp.worksheets] == ["WK84001"]
    m3pp.set("reset")
    assert m3pp.get("info")["endpoints"] == {"soap": PATH}
    assert m3pp.call("GetVersion").succeeded


def test_requests_and_faults_go_by_the_contracts_names_under_any_profile(m3pp: M3pp, tmp_path: Path) -> None:
    m3pp.set("settings", profile="renamed")
    m3pp.set("faults", kind="business_error", operation="CreateWorksheet", code="SYSTEM", description="Busy")
    client, _ = client_of(m3pp, tmp_path)
    client.plugins.clear()
    with pytest.raises(zeep.exceptions.Fault) as caught:
        client.service.RaiseJob()
    client.transport.session.close()
    assert (caught.value.code, caught.value.message) == ("q0:SYSTEM", "Busy")
    assert etree.QName(caught.value.detail[0]).localname == "Fault"
    assert [row["operation"] for row in m3pp.requests] == ["CreateWorksheet"]


OWN: dict[str, Any] = {
    "namespace": "urn:own",
    "path": "/own/",
    "service": "Own",
    "soap_action": "urn:own/{operation}",
    "response": "{operation}Result",
    "result": "Return",
    "operations": {"GetVersion": {"name": "Ping"}},
}


def test_a_profile_can_be_given_whole_and_keeps_the_contracts_names_where_it_names_none(
    m3pp: M3pp, tmp_path: Path
) -> None:
    shown = m3pp.set("settings", profile=OWN)
    assert shown["profile"] == OWN
    client, _ = client_of(m3pp, tmp_path)
    assert client.service.Ping()["Version"] == "2.9.3.6"
    assert client.service.GetAsset(AssetKey="30001")["SectionCode"] == "WEST"
    client.transport.session.close()


@pytest.mark.parametrize(
    "wrong",
    [
        "unknown",
        "../m3pp",
        5,
        None,
        {},
        OWN | {"namespace": " "},
        OWN | {"path": "/_sim/own"},
        OWN | {"path": "own"},
        OWN | {"result": "two words"},
        OWN | {"response": "{operation}"},
        OWN | {"soap_action": "urn:own/same"},
        OWN | {"more": 1},
        OWN | {"operations": {"FindAssets": {}}},
        OWN | {"operations": {"GetVersion": {"name": "GetAsset"}}},
        OWN | {"operations": {"GetVersion": {"title": "x"}}},
        OWN | {"operations": {"GetAsset": {"request": {}}}},
        OWN | {"operations": {"GetAsset": {"request": {"AssetKey": {"array": "Keys"}}}}},
        OWN | {"operations": {"FindWorksheets": {"request": {"FieldName": "Same", "FieldValue": "Same"}}}},
        OWN
        | {"operations": {"UpdateAssetAttribute": {"request": {"AssetKeys": "K", "AttributeCode": "A", "Value": "V"}}}},
    ],
)
def test_a_profile_that_cannot_be_one_is_refused_and_changes_nothing(m3pp: M3pp, wrong: Any) -> None:
    answer = m3pp.admin("settings", profile=wrong, version="9")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert m3pp.get("settings")["profile"] == "assumed"
    assert m3pp.call("GetVersion").result("Version") == "2.9.3.6"
