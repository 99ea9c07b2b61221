"""Faults as a client of M3PP meets them, chosen by operation and by the caller's reference."""

from __future__ import annotations

import pytest
import requests

from tests.simulators.m3pp.client import M3pp


def outcome_of_create(m3pp: M3pp, reference: str = "CASE-1") -> str:
    try:
        return str(m3pp.worksheet(reference).status)
    except requests.ConnectionError:
        return "broken"
    except SyntaxError:
        return "no XML"


@pytest.mark.parametrize(
    ("fault", "seen", "stored"),
    [
        ({"kind": "refuse"}, "broken", 0),
        ({"kind": "slow", "seconds": 0.05}, "200", 1),
        ({"kind": "cut_after_commit"}, "broken", 1),
        ({"kind": "cut_before_commit"}, "broken", 0),
        ({"kind": "hang_after_commit", "seconds": 0.05}, "broken", 1),
        ({"kind": "status_503"}, "503", 0),
        ({"kind": "status_429", "retry_after": 7}, "429", 0),
        ({"kind": "malformed"}, "no XML", 1),
        ({"kind": "html_login"}, "200", 0),
        ({"kind": "wrong_credentials"}, "500", 0),
        ({"kind": "business_error", "code": "INVALID_CODE", "description": "No"}, "200", 0),
    ],
    ids=lambda value: value.get("kind") if isinstance(value, dict) else None,
)
def test_a_fault_is_met_as_often_as_told_and_stores_what_it_says(
    m3pp: M3pp, fault: dict[str, object], seen: str, stored: int
) -> None:
    m3pp.set("faults", **fault, times=2)
    assert [outcome_of_create(m3pp) for _ in range(2)] == [seen, seen]
    assert outcome_of_create(m3pp) == "200"
    assert len(m3pp.worksheets) == 2 * stored + 1


def test_a_business_error_is_a_result_and_a_technical_failure_a_fault(m3pp: M3pp) -> None:
    m3pp.set("faults", kind="business_error", code="VALUE_INVALID", description="Not that")
    m3pp.set("faults", kind="business_error", code="SYSTEM", description="Try later")
    m3pp.set("faults", kind="wrong_credentials")
    assert m3pp.worksheet().refusal == ("VALUE_INVALID", "Not that")
    assert m3pp.worksheet().fault == ("SYSTEM", "Try later")
    assert m3pp.worksheet().fault[0] == "AUTH"
    assert [row["code"] for row in m3pp.requests] == ["VALUE_INVALID", "SYSTEM", "AUTH"]


def test_the_table_says_which_codes_are_faults(m3pp: M3pp) -> None:
    codes = {"system": {"fault": False}, "invalid_uprn": {"code": "E17", "fault": True}}
    m3pp.set("settings", error_codes=codes)
    m3pp.set("faults", kind="business_error", code="SYSTEM", description="Try later")
    assert m3pp.worksheet().refusal == ("SYSTEM", "Try later")
    assert m3pp.worksheet(SubjectUPRN="1").fault == ("E17", 'UPRN "1" is not known.')


def test_a_replaced_code_stands_in_the_rows_too(m3pp: M3pp) -> None:
    m3pp.set("settings", error_codes={"asset_not_found": {"code": "E9"}})
    answer = m3pp.call("UpdateAssetAttribute", AssetKeys=["1"], AttributeCode="COND", Value="Good")
    assert answer.all("ErrorCode") == ["E9", "E9"]


@pytest.mark.parametrize("field", ["ExternalReference", "CaseRef"])
def test_a_fault_may_be_for_one_operation_and_one_reference(m3pp: M3pp, field: str) -> None:
    """Whichever field carries it: where none has the name of the setting, the first counts."""
    m3pp.set("faults", kind="status_503", operation="CreateWorksheet", reference="B")
    assert m3pp.call("FindWorksheets", FieldName=field, FieldValue="B").status == 200
    assert [m3pp.worksheet(reference, field).status for reference in "ABB"] == [200, 503, 200]


def test_the_setting_names_the_field_of_the_reference(m3pp: M3pp) -> None:
    fields = [{"Name": "Notes", "Value": "N"}, {"Name": "CaseRef", "Value": "C"}]
    m3pp.worksheet(Fields=fields)
    m3pp.set("settings", reference_field="CaseRef")
    m3pp.worksheet(Fields=fields)
    assert [row["reference"] for row in m3pp.requests] == ["N", "C"]


@pytest.mark.parametrize(
    ("operation", "members", "reference"),
    [
        ("GetVersion", {}, None),
        ("GetWorksheet", {"WorksheetReference": "WK1"}, "WK1"),
        ("FindWorksheets", {"FieldName": "ExternalReference", "FieldValue": "C"}, "C"),
        ("CreateAsset", {"SiteKey": "S-2001"}, "S-2001"),
        ("GetAsset", {"AssetKey": "30001"}, "30001"),
        ("UpdateAssetAttributeByProperty", {"UPRN": "10001"}, "10001"),
        ("UpdateAssetAttribute", {"AssetKeys": ["30001", "30002"]}, "30001,30002"),
    ],
)
def test_any_call_can_be_told_by_what_it_asks_for(
    m3pp: M3pp, operation: str, members: dict[str, object], reference: str | None
) -> None:
    m3pp.call(operation, **members)  # type: ignore[arg-type]
    assert [(row["operation"], row["reference"]) for row in m3pp.requests] == [(operation, reference)]


def test_asking_for_the_wsdl_spends_no_fault(m3pp: M3pp) -> None:
    m3pp.set("faults", kind="status_503")
    assert requests.get(m3pp.url + m3pp.get("info")["endpoints"]["soap"] + "?wsdl", timeout=20).status_code == 200
    assert outcome_of_create(m3pp) == "503"
