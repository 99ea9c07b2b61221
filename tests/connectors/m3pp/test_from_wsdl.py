"""The profile fitted to a WSDL: what is sure is known, and what is not is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from casebridge.connectors.m3pp.from_wsdl import fit
from casebridge.core.errors import InvalidMapping, NotConfigured, RefusedByTarget, Unreachable
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
from tests.connectors.m3pp.test_wire import result
from tests.connectors.parts import MemoryParts
from tests.connectors.wire import RecordedSession, reply
from tests.simulators.m3pp.client import M3pp

WSDL = Path(__file__).parent / "wsdl"
RENAMED = str(WSDL / "renamed.wsdl")
OTHER = str(WSDL / "other.wsdl")
OPERATIONS = {
    "get_version": "DescribeService",
    "create_asset": "RegisterItem",
    "get_asset": "ReadItem",
    "update_asset_attribute_by_property": "AmendItemsAtProperty",
    "update_asset_attribute": "AmendItems",
    "create_worksheet": "RaiseJob",
    "get_worksheet": "ReadJob",
    "find_worksheets": "SearchJobs",
}
WORDS = {
    "error_code": "Fault",
    "error_message": "Reason",
    "uprn": "PropertyNumber",
    "subject_uprn": "PropertyNumber",
    "department_code": "Division",
    "application_code": "Module",
    "task_group_code": "JobGroup",
    "task_code": "Job",
    "worksheet_field.key": "Label",
    "attribute.key": "Key",
    "value": "Content",
    "asset_type": "Kind",
    "section": "Area",
    "site_key": "LocationId",
    "asset_ukey": "ItemUniqueId",
    "attribute_code": "Trait",
    "field_name": "Label",
    "field_value": "Content",
}
"""What a person who knows the renamed service says; everything else is found."""


def served(m3pp: M3pp, profile: str) -> str:
    """The address of the WSDL that the simulator serves under a profile."""
    m3pp.set("settings", profile=profile)
    return f"{m3pp.url}{m3pp.get('info')['endpoints']['soap']}?wsdl"


def test_a_service_with_our_names_needs_no_filling_in(m3pp: M3pp) -> None:
    fitted = fit(served(m3pp, "assumed"), {})
    assert '"?"' not in str(fitted.overrides).replace("'", '"')
    assert {"name"} == {how for _, _, how, _, _ in fitted.lines}
    assert "2.9.3.6" in connector(m3pp.url, profile=fitted.overrides).check()


def test_with_every_name_changed_the_operations_are_known_by_their_shape() -> None:
    fitted = fit(RENAMED, {})
    found = {name: operation["name"] for name, operation in fitted.overrides["operations"].items()}
    assert OPERATIONS == found
    assert ("urn:example:streetworks:gateway:v7", "{namespace}#{operation}", "/gateway/StreetWorks.svc") == tuple(
        fitted.overrides[name] for name in ("namespace", "soap_action", "path")
    )


def test_nothing_is_guessed_where_there_is_a_second_choice() -> None:
    """Six texts with names that say nothing: any order of them would be a guess."""
    request = fit(RENAMED, {}).overrides["operations"]["create_worksheet"]["request"]
    unknown = ["Extras/Extra/Content", "Extras/Extra/Label", "Job", "JobGroup", "Module", "Division", "PropertyNumber"]
    assert {"ReportedAt": "date_time_received", **dict.fromkeys(unknown, "?")} == request


def test_a_profile_that_is_not_filled_in_is_refused_with_the_choices() -> None:
    with pytest.raises(NotConfigured, match=r'create_worksheet.request does not say yet what "Job" is'):
        connector(profile=fit(RENAMED, {}).overrides)


def test_the_service_with_every_name_changed_works_by_configuration_alone(m3pp: M3pp) -> None:
    """Every operation, element and namespace is another, and the elements stand in another order."""
    profile = fit(served(m3pp, "renamed"), WORDS).overrides
    m3pp.set("settings", strict_order=True)
    made = connector(m3pp.url, profile=profile)
    assert "2.9.3.6" in made.check()

    asset = made.send(CREATE_ASSET, ASSET, MemoryParts()).record_id
    assert {"COND": "Good", "SIZE": "240", "SERIAL": "Nº 7 & <8>"} == m3pp.assets[asset]["attributes"]
    read = made.fetch("asset", asset)
    assert ("BIN", "WEST", "10001", "Good") == (
        *(read.fields[name] for name in ("asset_type", "section", "uprn")),
        read.keyed["attribute"]["COND"],
    )

    worksheet = made.send(CREATE_WORKSHEET, WORKSHEET, MemoryParts()).record_id
    assert [(worksheet, True)] == [(found.id, found.certain) for found in made.find(CREATE_WORKSHEET, WORKSHEET)]
    assert "CASE-1" == made.fetch("worksheet", worksheet).fields["external_reference"]

    assert f"Assets updated: 4 (30001, 30002, 30003, {asset})" == (
        made.send(UPDATE_BY_PROPERTY, BY_PROPERTY, MemoryParts()).detail
    )
    with pytest.raises(InvalidMapping, match=r"1 of 2 Assets \(99999\)"):
        made.send(UPDATE_LISTED, listed("30004,99999"), MemoryParts())
    assert "Poor" == m3pp.assets["30004"]["attributes"]["COND"]
    with pytest.raises(RefusedByTarget, match="INVALID_UPRN"):
        made.send(CREATE_ASSET, Payload({**ASSET.fields, "uprn": "4711"}), MemoryParts())


def test_the_fixture_is_what_the_simulator_serves(m3pp: M3pp) -> None:
    served_text = requests.get(served(m3pp, "renamed"), timeout=30).text
    assert Path(RENAMED).read_text("utf-8") == served_text.replace(m3pp.url, "https://m3.example")


def test_wrappers_and_namespaces_of_their_own_are_kept() -> None:
    fitted = fit(OTHER, {})
    create = fitted.overrides["operations"]["create_asset"]
    assert "asset_type" == create["request"]["asset/{urn:example:data}AssetTypeCode"]
    assert "attribute.value" == create["request"]["asset/{urn:example:data}Attribute/{urn:example:data}Value"]
    assert {"AssetKey": "asset_key"} == create["result"]
    answer = "<Succeeded>true</Succeeded><AssetKey>7</AssetKey>"
    session = RecordedSession(reply(result("CreateAsset", answer)))
    assert (
        "7" == connector(session=session, profile=fitted.overrides).send(CREATE_ASSET, ASSET, MemoryParts()).record_id
    )
    (sent,) = session.sent
    assert "https://m3.example/Other.svc" == sent.url
    assert '"urn:example:other/IAssets/CreateAsset"' == sent.headers["SOAPAction"]


def test_what_the_service_lacks_demands_or_has_besides_is_told() -> None:
    fitted = fit(OTHER, {})
    assert "CreateAsset demands asset/{urn:example:data}Channel, which is none of ours" in fitted.remarks
    assert "not used of the service: Ping" in fitted.remarks
    lines: dict[str, Any] = {line[0]: line for line in fitted.lines}
    assert ("", "not found", "", "--name find_worksheets=..., if the service has it") == lines["find_worksheets"][1:]


def test_a_name_that_is_given_counts_more_than_what_is_found() -> None:
    fitted = fit(OTHER, {"get_version": "Ping", "asset_type": "Channel"})
    assert "Ping" == fitted.overrides["operations"]["get_version"]["name"]
    assert "asset_type" == fitted.overrides["operations"]["create_asset"]["request"]["asset/{urn:example:data}Channel"]


@pytest.mark.parametrize(
    ("location", "told"),
    [("/nowhere.wsdl", "there is no file"), (__file__, "no usable WSDL")],
)
def test_what_is_no_wsdl_is_told(location: str, told: str) -> None:
    with pytest.raises(NotConfigured, match=told):
        fit(location, {})


def test_an_address_that_does_not_answer_or_serves_none_is_told(m3pp: M3pp) -> None:
    with pytest.raises(Unreachable):
        fit("http://127.0.0.1:1/?wsdl", {})
    with pytest.raises(NotConfigured, match="404"):
        fit(f"{m3pp.url}/nowhere?wsdl", {})


def test_a_name_that_is_not_ours_is_told_with_the_nearest() -> None:
    with pytest.raises(NotConfigured, match='Did you mean "subject_uprn"'):
        fit(RENAMED, {"subject_urpn": "PropertyNumber"})
