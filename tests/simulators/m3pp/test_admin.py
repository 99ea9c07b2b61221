"""The admin side of M3PP: what it shows and sets, and what officers do in M3."""

from __future__ import annotations

import pytest

from tests.simulators.m3pp.client import M3pp


def test_a_stranger_can_make_valid_calls_from_info_alone(m3pp: M3pp) -> None:
    info = m3pp.get("info")
    assert (info["name"], info["endpoints"]) == ("m3pp", {"soap": "/M3PP/M3PPWebService.asmx"})
    first = {kind: ids[0] for kind, ids in info["samples"].items() if ids}
    login = (info["credentials"]["username"], info["credentials"]["password"])
    codes = {
        "DepartmentCode": first["department_code"],
        "ApplicationCode": first["application_code"],
        "TaskGroupCode": first["task_group_code"],
        "TaskCode": first["task_code"],
    }
    fields = [{"Name": first["worksheet_field"], "Value": "C"}]
    sheet = {"SubjectUPRN": first["uprn"], **codes, "DateTimeReceived": "2026-01-01T00:00:00", "Fields": fields}
    assert m3pp.call("CreateWorksheet", login=login, **sheet).succeeded
    attribute = {"Code": first["attribute_code"], "Value": first["attribute_value"]}
    kind = {"AssetTypeCode": first["asset_type_code"], "SectionCode": first["section_code"]}
    for name, sample in (("UPRN", "uprn"), ("AssetUKey", "asset_ukey"), ("SiteKey", "site_key")):
        assert m3pp.call("CreateAsset", login=login, **kind, **{name: first[sample]}, Attributes=[attribute]).succeeded
    value = {"AttributeCode": first["attribute_code"], "Value": first["attribute_value"]}
    by_property = {"UPRN": first["uprn"], "AssetTypeCode": first["asset_type_code"], **value}
    answer = m3pp.call("UpdateAssetAttributeByProperty", login=login, **by_property)
    assert first["asset_key"] in answer.all("AssetKey")
    assert m3pp.call("UpdateAssetAttribute", login=login, AssetKeys=[first["asset_key"]], **value).succeeded


def test_reset_puts_everything_back(m3pp: M3pp) -> None:
    untouched = {name: m3pp.get(name) for name in ("info", "records", "settings", "requests", "faults", "credentials")}
    m3pp.worksheet()
    m3pp.call("UpdateAssetAttribute", AssetKeys=["30001"], AttributeCode="COND", Value="Poor")
    m3pp.asset()
    m3pp.set("credentials", username="other")
    m3pp.set("settings", profile="renamed", auth="basic", error_codes={"auth": {"code": "X"}})
    m3pp.set("faults", kind="status_503")
    m3pp.set("reset")
    assert {name: m3pp.get(name) for name in untouched} == untouched
    assert m3pp.worksheet().result("WorksheetReference") == "WK84001"
    assert m3pp.asset().result("AssetKey") == "30012"


def test_an_officer_changes_records_and_nobody_is_told(m3pp: M3pp) -> None:
    """A caller sees it only when it reads again."""
    m3pp.worksheet()
    m3pp.set("m3pp/change_worksheet", worksheet_reference="WK84001", fields={"Status": "Complete", "Outcome": "Done"})
    m3pp.set("m3pp/change_asset", asset_key="30001", attributes={"COND": "Missing"})
    assert m3pp.call("GetWorksheet", WorksheetReference="WK84001").rows("Field") == [
        ("ExternalReference", "CASE-1"),
        ("Status", "Complete"),
        ("Outcome", "Done"),
    ]
    assert ("COND", "Missing") in m3pp.call("GetAsset", AssetKey="30001").rows("Attribute")


def test_a_deleted_record_is_gone_and_its_number_is_not_given_again(m3pp: M3pp) -> None:
    m3pp.worksheet()
    key = m3pp.asset().result("AssetKey")
    m3pp.set("m3pp/delete_worksheet", worksheet_reference="WK84001")
    m3pp.set("m3pp/delete_asset", asset_key=key)
    assert m3pp.call("GetWorksheet", WorksheetReference="WK84001").refusal[0] == "WORKSHEET_NOT_FOUND"
    assert m3pp.call("GetAsset", AssetKey=key).refusal[0] == "ASSET_NOT_FOUND"
    assert m3pp.worksheet().result("WorksheetReference") == "WK84002"
    assert m3pp.asset().result("AssetKey") != key


@pytest.mark.parametrize(
    ("call", "fields", "named"),
    [
        ("settings", {"auth": "none"}, '"auth"'),
        ("settings", {"unauthorised": "403"}, '"unauthorised"'),
        ("settings", {"offsets": "ignore"}, '"offsets"'),
        ("settings", {"version": 3}, '"version"'),
        ("settings", {"visibility_lag_s": -1}, '"visibility_lag_s"'),
        ("settings", {"strict_order": "yes"}, '"strict_order"'),
        ("settings", {"colour": "red"}, '"colour"'),
        ("settings", {"error_codes": {"gone": {}}}, '"error_codes.gone"'),
        ("settings", {"error_codes": {"auth": "X"}}, '"error_codes.auth"'),
        ("settings", {"error_codes": {"auth": {"fault": 1}}}, '"error_codes.auth.fault"'),
        ("m3pp/change_worksheet", {"fields": {}}, '"worksheet_reference"'),
        ("m3pp/change_worksheet", {"worksheet_reference": "WK1", "fields": {}}, "WK1"),
        ("m3pp/change_asset", {"asset_key": "30001"}, '"attributes"'),
        ("m3pp/change_asset", {"asset_key": "30001", "attributes": {"COND": 5}}, '"attributes.COND"'),
        ("m3pp/change_asset", {"asset_key": "30001", "attributes": {"SIZE": "60", "COND": "Odd"}}, '"COND"'),
        ("m3pp/delete_asset", {"asset_key": "1"}, '"1"'),
        ("m3pp/delete_asset", {"asset_key": "30001", "why": "x"}, '"why"'),
    ],
)
def test_a_wrong_field_is_refused_by_its_name_and_changes_nothing(
    m3pp: M3pp, call: str, fields: dict[str, object], named: str
) -> None:
    before = {name: m3pp.get(name) for name in ("settings", "records")}
    answer = m3pp.admin(call, **fields)
    assert (answer.status_code, named in answer.json()["error"]) == (400, True), answer.text
    assert {name: m3pp.get(name) for name in before} == before
