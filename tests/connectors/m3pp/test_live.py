"""The connector against the simulator, over HTTP."""

from __future__ import annotations

import pytest

from casebridge.core.errors import InDoubtError, InvalidMapping, NotAuthorised, NotConfigured, NotFound, RefusedByTarget
from casebridge.core.payload import Payload
from tests.connectors.m3pp.samples import (
    ASSET,
    BY_PROPERTY,
    CREATE_ASSET,
    CREATE_WORKSHEET,
    MANIFEST,
    UPDATE_BY_PROPERTY,
    UPDATE_LISTED,
    WORKSHEET,
    connector,
    listed,
)
from tests.connectors.parts import MemoryParts
from tests.simulators.m3pp.client import M3pp


def changed(payload: Payload, **fields: str) -> Payload:
    return Payload({**payload.fields, **fields}, payload.keyed, payload.public)


@pytest.mark.behaviour("M1")
@pytest.mark.behaviour("M2")
@pytest.mark.behaviour("M6")
@pytest.mark.parametrize(("place", "value"), [("uprn", "10001"), ("asset_ukey", "U-30001"), ("site_key", "S-2001")])
def test_an_asset_is_created_at_its_place_with_its_attributes_and_read_back(m3pp: M3pp, place: str, value: str) -> None:
    fields = {"asset_type": "BIN", "section": "WEST", place: value}
    receipt = connector(m3pp.url).send(CREATE_ASSET, Payload(dict(fields), ASSET.keyed), MemoryParts())
    attributes = {"COND": "Good", "SIZE": "240", "SERIAL": "Nº 7 & <8>"}
    assert attributes == m3pp.assets[receipt.record_id]["attributes"]
    record = connector(m3pp.url).fetch("asset", receipt.record_id)
    assert attributes == record.keyed["attribute"]
    assert (receipt.record_id, "BIN", "10001") == tuple(
        record.fields[name] for name in ("asset_key", "asset_type", "uprn")
    )


@pytest.mark.behaviour("M3")
@pytest.mark.behaviour("M7")
@pytest.mark.behaviour("M8")
@pytest.mark.parametrize("field", ["", "CRMRef"])
def test_a_worksheet_carries_our_reference_in_the_field_that_the_setting_names(m3pp: M3pp, field: str) -> None:
    made = connector(m3pp.url, external_reference_field=field)
    receipt = made.send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    (held,) = m3pp.worksheets
    assert "CASE-1" == held["fields"][field or "ExternalReference"]
    assert ("2026-07-01T09:30:00", "High") == (held["date_time_received"], held["fields"]["Priority"])
    (found,) = made.find(CREATE_WORKSHEET, WORKSHEET)
    assert (receipt.record_id, True) == (found.id, found.certain)
    record = made.fetch("worksheet", receipt.record_id)
    assert ("CASE-1", "Open") == (record.fields["external_reference"], record.keyed["worksheet_field"]["Status"])


@pytest.mark.parametrize("kind", ["asset", "worksheet"])
def test_every_field_of_the_manifest_is_read(m3pp: M3pp, kind: str) -> None:
    receipt = connector(m3pp.url).send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    record = connector(m3pp.url).fetch(kind, {"asset": "30001", "worksheet": receipt.record_id}[kind])
    declared = MANIFEST.action(kind).fields
    assert {name for name, field in declared.items() if field.key is None} == {
        name for name, value in record.fields.items() if value
    }
    assert {name for name, field in declared.items() if field.key} == set(record.keyed)


@pytest.mark.parametrize(
    ("field", "value"),
    [("task_code", "REPAIR"), ("subject_uprn", "10002"), ("date_time_received", "2026-07-01T09:31:00")],
)
def test_a_worksheet_for_other_work_of_the_same_case_is_only_a_look_alike(m3pp: M3pp, field: str, value: str) -> None:
    """One case may have several Worksheets, all with its reference."""
    made = connector(m3pp.url)
    made.send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    (found,) = made.find(CREATE_WORKSHEET, changed(WORKSHEET, **{field: value}))
    assert not found.certain


def test_zeros_before_a_uprn_make_no_other_property(m3pp: M3pp) -> None:
    made = connector(m3pp.url)
    made.send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    assert [True] == [found.certain for found in made.find(CREATE_WORKSHEET, changed(WORKSHEET, subject_uprn="010001"))]


@pytest.mark.behaviour("M4")
def test_all_assets_of_a_type_at_a_property_get_the_value(m3pp: M3pp) -> None:
    receipt = connector(m3pp.url).send(UPDATE_BY_PROPERTY, BY_PROPERTY, MemoryParts())
    assert ("", "Assets updated: 3 (30001, 30002, 30003)") == (receipt.record_id, receipt.detail)
    assert {"Poor"} == {m3pp.assets[key]["attributes"]["COND"] for key in ("30001", "30002", "30003")}
    assert "Good" == m3pp.assets["30004"]["attributes"]["COND"]


@pytest.mark.behaviour("M4")
def test_a_property_without_such_an_asset_is_refused(m3pp: M3pp) -> None:
    with pytest.raises(RefusedByTarget, match="ASSET_NOT_FOUND"):
        connector(m3pp.url).send(UPDATE_BY_PROPERTY, changed(BY_PROPERTY, uprn="10004"), MemoryParts())


@pytest.mark.behaviour("M5")
def test_listed_assets_are_updated_as_far_as_they_can_be_and_the_rest_is_named(m3pp: M3pp) -> None:
    parts = MemoryParts()
    with pytest.raises(InvalidMapping) as raised:
        connector(m3pp.url).send(UPDATE_LISTED, listed("30001,99999,30002,30006"), parts)
    assert "M3 did not update 2 of 4 Assets (99999, 30006)" == raised.value.subject
    assert ["asset 30001", "asset 30002"] == list(parts.confirmed)
    assert ("Poor", "Poor") == tuple(m3pp.assets[key]["attributes"]["COND"] for key in ("30001", "30002"))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"subject_uprn": "4711"}, "INVALID_UPRN"),
        ({"task_code": "PRUNE"}, "INVALID_CODE"),
        ({"date_time_received": "2026-07-01T09:30:00+01:00"}, "VALUE_INVALID"),
    ],
)
def test_what_m3_refuses_is_told_with_its_code(m3pp: M3pp, fields: dict[str, str], code: str) -> None:
    with pytest.raises(RefusedByTarget, match=code) as raised:
        connector(m3pp.url).send(CREATE_WORKSHEET, changed(WORKSHEET, **fields), MemoryParts())
    assert code == raised.value.code
    assert [] == m3pp.worksheets


@pytest.mark.parametrize("unauthorised", ["fault", "status_401"])
@pytest.mark.parametrize(("auth", "accepted"), [("basic", "basic"), ("username_token", "username_token")])
def test_the_check_proves_the_credentials(m3pp: M3pp, auth: str, accepted: str, unauthorised: str) -> None:
    m3pp.set("settings", auth=accepted, unauthorised=unauthorised)
    assert "2.9.3.6" in connector(m3pp.url, auth=auth).check()
    for wrong in ({"password": "other"}, {"auth": "basic" if auth == "username_token" else "username_token"}):
        with pytest.raises(NotAuthorised, match="user name and password|credentials"):
            connector(m3pp.url, **{"auth": auth, **wrong}).check()


def test_a_path_that_is_wrong_is_told_with_the_settings_to_check(m3pp: M3pp) -> None:
    with pytest.raises(NotConfigured, match="check base URL and path"):
        connector(m3pp.url, path="/elsewhere.asmx").check()


def test_a_strict_service_takes_what_is_sent(m3pp: M3pp) -> None:
    """.NET drops, without a word, what stands in another place or namespace than its WSDL says."""
    m3pp.set("settings", strict_order=True, strict_namespaces=True)
    made = connector(m3pp.url)
    made.send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    made.send(CREATE_ASSET, ASSET, MemoryParts())
    assert "CASE-1" == m3pp.worksheets[0]["fields"]["ExternalReference"]


def test_a_create_that_was_not_answered_is_found_again(m3pp: M3pp) -> None:
    m3pp.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")
    made = connector(m3pp.url)
    with pytest.raises(InDoubtError):
        made.send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    (found,) = made.find(CREATE_WORKSHEET, WORKSHEET)
    assert (m3pp.worksheets[0]["worksheet_reference"], True) == (found.id, found.certain)


def test_the_worksheets_with_our_references_are_listed(m3pp: M3pp) -> None:
    made = connector(m3pp.url)
    receipt = made.send(CREATE_WORKSHEET, WORKSHEET, MemoryParts())
    (before,) = made.listing_of("worksheet", ["CASE-1", "CASE-2"])
    m3pp.set("m3pp/change_worksheet", worksheet_reference=receipt.record_id, fields={"Status": "Complete"})
    (after,) = made.listing_of("worksheet", ["CASE-1", "CASE-2"])
    assert (receipt.record_id, "CASE-1", False) == (before.id, before.external_reference, before.closed)
    assert (True, True) == (after.closed, before.digest != after.digest)


def test_a_worksheet_that_is_gone_is_not_found(m3pp: M3pp) -> None:
    with pytest.raises(NotFound, match="WORKSHEET_NOT_FOUND"):
        connector(m3pp.url).fetch("worksheet", "WK1")
