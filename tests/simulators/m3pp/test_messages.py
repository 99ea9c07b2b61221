"""How a message may come, and what is answered to one that cannot be read: never a traceback."""

from __future__ import annotations

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulators.m3pp.client import NS, PATH, WORKSHEET, M3pp, envelope

GET_ASSET = f'<GetAsset xmlns="{NS}"><AssetKey>30001</AssetKey></GetAsset>'


@pytest.mark.parametrize("action", [f"{NS}GetAsset", f'"{NS}GetAsset"', '""', ""])
def test_soap_action_may_be_quoted_unquoted_or_absent(m3pp: M3pp, action: str) -> None:
    assert m3pp.post(envelope(GET_ASSET), SOAPAction=action).result("AssetKey") == "30001"


@pytest.mark.parametrize(
    ("body", "action"),
    [
        (GET_ASSET, f"{NS}GetVersion"),
        (GET_ASSET, f"{NS}FindAssets"),
        (GET_ASSET, "GetAsset"),
        (f'<FindAssets xmlns="{NS}"/>', ""),
        ("<GetAsset><AssetKey>30001</AssetKey></GetAsset>", ""),
        ('<GetAsset xmlns="urn:other"/>', f"{NS}GetAsset"),
    ],
)
def test_what_is_no_operation_of_the_service_is_a_fault_of_the_client(m3pp: M3pp, body: str, action: str) -> None:
    assert m3pp.post(envelope(body), SOAPAction=action).fault[0] == "Client"


@pytest.mark.parametrize("body", ["", "<a", "<a/>", "\x00", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', envelope("")])
def test_what_is_no_message_is_a_fault_of_the_client(m3pp: M3pp, body: str) -> None:
    assert m3pp.post(body).fault[0] == "Client"


@pytest.mark.parametrize("content", ["application/json", "application/soap+xml", "nonsense"])
def test_only_soap_1_1_is_spoken(m3pp: M3pp, content: str) -> None:
    assert m3pp.post(envelope(GET_ASSET), Content_Type=content).status == 415


def test_members_may_come_in_any_order_unless_the_order_is_strict(m3pp: M3pp) -> None:
    backwards = dict(reversed(WORKSHEET.items()))
    assert m3pp.call("CreateWorksheet", **backwards).succeeded
    m3pp.set("settings", strict_order=True)
    assert m3pp.call("CreateWorksheet", **WORKSHEET).succeeded
    assert m3pp.call("CreateWorksheet", **backwards).refusal[0] == "MANDATORY_FIELD"


def test_members_of_another_namespace_are_unknown_unless_told_otherwise(m3pp: M3pp) -> None:
    message = envelope(f'<m:GetAsset xmlns:m="{NS}"><AssetKey>30001</AssetKey></m:GetAsset>')
    assert m3pp.post(message).refusal[0] == "MANDATORY_FIELD"
    m3pp.set("settings", strict_namespaces=False)
    assert m3pp.post(message).result("AssetKey") == "30001"


@pytest.mark.parametrize(
    ("operation", "inner", "code"),
    [
        ("CreateWorksheet", '<Fields xsi:nil="true"/>', "MANDATORY_FIELD"),
        ("CreateAsset", "<Attributes><Attribute/></Attributes>", "MANDATORY_FIELD"),
        ("UpdateAssetAttribute", '<AssetKeys><AssetKey xsi:nil="true"/><Other/></AssetKeys>', "MANDATORY_FIELD"),
        ("GetAsset", '<AssetKey xsi:nil="true"/>', "MANDATORY_FIELD"),
        ("GetAsset", "<AssetKey><Deep/></AssetKey>", "MANDATORY_FIELD"),
        ("GetAsset", "<More>1</More><AssetKey>1</AssetKey><AssetKey>30001</AssetKey>", "ASSET_NOT_FOUND"),
    ],
)
def test_nil_empty_unknown_and_repeated_members_are_a_refusal_and_no_fault(
    m3pp: M3pp, operation: str, inner: str, code: str
) -> None:
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    answer = m3pp.post(envelope(f'<{operation} xmlns="{NS}" {nil}>{inner}</{operation}>'))
    assert answer.refusal[0] == code


@pytest.mark.parametrize("rows", ['<Field xsi:nil="true"/>', "<Field/>", "<Field><Name/><Value>1</Value></Field>"])
def test_an_empty_field_of_a_worksheet_is_refused(m3pp: M3pp, rows: str) -> None:
    members = "".join(f"<{name}>{value}</{name}>" for name, value in WORKSHEET.items())
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    body = f'<CreateWorksheet xmlns="{NS}" {nil}>{members}<Fields>{rows}</Fields></CreateWorksheet>'
    assert m3pp.post(envelope(body)).refusal == ("MANDATORY_FIELD", "A field of Fields has no Name.")


def test_the_path_may_come_in_any_case_and_others_are_not_found(m3pp: M3pp) -> None:
    assert m3pp.post(envelope(GET_ASSET), path=PATH.lower()).succeeded
    assert m3pp.post(envelope(GET_ASSET), path="/other.asmx").status == 404
    page = requests.get(m3pp.url + PATH, timeout=20)
    assert (page.status_code, "UpdateAssetAttributeByProperty" in page.text) == (200, True)
    assert requests.put(m3pp.url + PATH, timeout=20).status_code == 405


# What XML can carry: a carriage return is read as a line feed, so it is left out.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=TEXTS, name=TEXTS.filter(lambda text: text.strip() == text != ""))
def test_any_text_in_a_field_is_kept_and_found(m3pp: M3pp, name: str, value: str) -> None:
    name = f"x{name}x"
    reference = m3pp.worksheet(value, name).result("WorksheetReference")
    read = m3pp.call("GetWorksheet", WorksheetReference=reference)
    assert read.rows("Field")[0] == (name, value)
    if value.strip():
        found = m3pp.call("FindWorksheets", FieldName=name, FieldValue=value)
        assert reference in found.all("WorksheetReference")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=TEXTS, member=st.sampled_from(list(WORKSHEET)))
def test_garbage_in_a_member_is_a_refusal_and_never_a_fault(m3pp: M3pp, garbage: str, member: str) -> None:
    answer = m3pp.worksheet(**{member: f"?{garbage}"})
    assert answer.refusal[0] in ("INVALID_UPRN", "INVALID_CODE", "VALUE_INVALID")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=TEXTS, code=st.sampled_from(["SIZE", "COND", "ASSISTED", "DELIVERED"]))
def test_garbage_in_an_attribute_is_a_refusal_and_never_a_fault(m3pp: M3pp, garbage: str, code: str) -> None:
    answer = m3pp.asset(Attributes=[{"Code": code, "Value": f"?{garbage}"}])
    assert answer.refusal[0] == "VALUE_INVALID"
