"""The connector against the simulator: Service Requests, codes, locations, listings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casebridge.core.errors import InvalidMapping, NotConfigured, NotFound, RefusedByTarget
from casebridge.core.record import Receipt
from casebridge.core.template_reader import read_template
from tests.connectors.parts import MemoryParts
from tests.connectors.scenario import sample_templates
from tests.connectors.tascomi.samples import CODES, CREATE, MANIFEST, UPDATE, connector, create, payload, request_of
from tests.simulators.tascomi.client import Tascomi


@pytest.mark.behaviour("T1")
def test_a_service_request_is_created_with_the_ids_of_its_codes_and_known_by_its_number(tascomi: Tascomi) -> None:
    fields = {
        "action_required": "CALL",
        "reporting_method": "WEB",
        "request_category": "URGENT",
        "organizational_unit": "FOODTEAM",
        "details": "Ünï & <x>\nsecond line",
        "received_date": "2026-07-01 12:34:00",
        "target_date": "2026-07-08 23:59:00",
        "status": "Open",
    }
    receipt = connector(tascomi.url).send(CREATE, create(**fields), MemoryParts())
    row = request_of(tascomi, receipt.record_id)
    expected = {
        "external_reference": "ENV1",
        "core_function_id": "3",
        "complaint_code_id": "21",
        "investigating_officer_id": "7",
        "complaint_action_required_id": "2",
        "reporting_method_id": "1",
        "request_category_id": "2",
        "organizational_unit_id": "2",
        "details": "Ünï & <x>\nsecond line",
        "received_date": "2026-07-01 12:34:00",
        "target_date": "2026-07-08 23:59:00",
        "status": "Open",
        "requester_contact_id": None,
        "contact_id": None,
    }
    assert expected == {name: row[name] for name in expected}


def test_an_officer_is_found_by_the_user_name_too(tascomi: Tascomi) -> None:
    receipt = connector(tascomi.url).send(CREATE, create(investigating_officer="officer.two"), MemoryParts())
    assert "8" == request_of(tascomi, receipt.record_id)["investigating_officer_id"]


def test_of_two_rows_with_a_code_the_one_in_use_counts(tascomi: Tascomi) -> None:
    receipt = connector(tascomi.url).send(CREATE, create(request_code="GLASS"), MemoryParts())
    assert "29" == request_of(tascomi, receipt.record_id)["complaint_code_id"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(tascomi: Tascomi) -> None:
    wrong = create(
        core_function="LIC",
        request_code="PEST",
        investigating_officer="OFF9",
        action_required="FAX",
        requester_title="Messrs",
        requester_reference="PER000104",
        contact_reference="PER000102",
        location_uprn="99999",
    )
    wrong.matching["contact"] = wrong.matching["contact"].MATCH_ONLY
    with pytest.raises(InvalidMapping) as raised:
        connector(tascomi.url).send(CREATE, wrong, MemoryParts())
    told = {(problem.field, problem.rule) for problem in raised.value.problems}
    assert {
        ("Core Function (code)", "disabled_code"),
        ("Request Code", "ambiguous_code"),
        ("Investigating Officer (code)", "unknown_code"),
        ("Action Required (code)", "disabled_code"),
        ("Requester Title (code)", "disabled_code"),
        ("Location UPRN", "unknown_location"),
        ("Contact Reference", "no_single_match"),
    } == told
    assert not any(call["operation"].startswith(("PUT", "POST")) for call in tascomi.look("requests")["requests"])
    assert "99999" not in str(raised.value)


@pytest.mark.behaviour("T7")
@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"location_uprn": "10001"}, "501"),
        ({"location_uprn": "000000010001"}, "501"),
        ({"location_uprn": "10002"}, "503"),
        ({"location_uprn": "10006"}, "505"),
        ({"location_usrn": "20400321"}, "521"),
        ({"location_uprn": "10001", "location_usrn": "20400322"}, "501"),
        ({}, None),
    ],
)
def test_a_location_is_found_by_uprn_or_by_usrn_with_the_street_record_text(
    tascomi: Tascomi, fields: dict[str, Any], location: str | None
) -> None:
    """An approved record counts before another, and then the lowest id."""
    receipt = connector(tascomi.url).send(CREATE, create(**fields), MemoryParts())
    assert location == request_of(tascomi, receipt.record_id)["dtf_location_id"]


@pytest.mark.behaviour("T7")
def test_the_street_record_text_is_a_setting(tascomi: Tascomi) -> None:
    street = create(location_usrn="20400324")
    with pytest.raises(InvalidMapping, match="STREET RECORD"):
        connector(tascomi.url).send(CREATE, street, MemoryParts())
    named = connector(tascomi.url, street_record_text="DESIGNATED STREET")
    receipt = named.send(CREATE, street, MemoryParts())
    assert "524" == request_of(tascomi, receipt.record_id)["dtf_location_id"]


@pytest.mark.behaviour("T7")
@pytest.mark.parametrize("field", ["location_uprn", "location_usrn"])
def test_an_address_that_was_typed_in_is_refused_with_the_way_out(tascomi: Tascomi, field: str) -> None:
    with pytest.raises(InvalidMapping) as raised:
        connector(tascomi.url).send(CREATE, create(**{field: "behind the station"}), MemoryParts())
    (problem,) = raised.value.problems
    assert ("typed_address", True) == (problem.rule, "a UPRN or a USRN" in problem.way_out)
    assert "station" not in str(raised.value)


def test_a_code_is_asked_for_once_in_a_run(tascomi: Tascomi) -> None:
    same = connector(tascomi.url)
    for number in range(2):
        same.send(CREATE, create(external_reference=f"ENV{number}"), MemoryParts())
    asked = [call["operation"] for call in tascomi.look("requests")["requests"]]
    assert (1, 1, 1) == tuple(asked.count(f"GET {table}") for table in ("core_functions", "complaint_codes", "users"))


@pytest.mark.behaviour("T2")
def test_an_update_changes_what_has_a_value_on_the_service_request_of_that_number(tascomi: Tascomi) -> None:
    before = tascomi.record("complaints", "8801")
    update = payload("2026/00411/SR", request_code="NOISEC", details="Two dogs.", location_usrn="20400321")
    receipt = connector(tascomi.url).send(UPDATE, update, MemoryParts())
    after = tascomi.record("complaints", "8801")
    changed = {name: text for name, text in after.items() if text != before[name] and name != "last_updated"}
    assert "2026/00411/SR" == receipt.record_id
    assert {"complaint_code_id": "22", "details": "Two dogs.", "dtf_location_id": "521"} == changed


@pytest.mark.behaviour("T2")
def test_an_update_links_and_updates_contacts_as_a_create_does(tascomi: Tascomi) -> None:
    update = payload("2026/00412/SR", requester_reference="PER000103", requester_mobile="07700 900003")
    receipt = connector(tascomi.url).send(UPDATE, update, MemoryParts())
    assert "requester 5004 linked and updated" == receipt.detail
    assert "5004" == tascomi.record("complaints", "8802")["requester_contact_id"]
    assert "07700 900003" == tascomi.record("contacts", "5004")["mobile"]


def test_an_update_without_any_value_writes_nothing_and_says_so(tascomi: Tascomi) -> None:
    receipt = connector(tascomi.url).send(UPDATE, payload("2026/00412/SR"), MemoryParts())
    assert "nothing was changed" in receipt.detail
    assert not any(call["operation"].startswith("POST") for call in tascomi.look("requests")["requests"])


def test_an_update_of_a_number_that_is_not_there_is_refused(tascomi: Tascomi) -> None:
    with pytest.raises(NotFound, match="2026/99999/SR"):
        connector(tascomi.url).send(UPDATE, payload("2026/99999/SR", details="x"), MemoryParts())


@pytest.mark.behaviour("T3")
def test_a_service_request_is_read_by_its_number(tascomi: Tascomi) -> None:
    record = connector(tascomi.url, record_url="https://t/{id}/view").fetch("service_request", "2026/00411/SR")
    assert ("2026/00411/SR", "8801", "ENV000901", "Open", "A dog barks at night.", "21", False) == tuple(
        record.fields[name]
        for name in (
            "service_request_number",
            "service_request_id",
            "external_reference",
            "status",
            "details",
            "request_code_id",
            "ceased",
        )
    )
    assert "https://t/2026%2F00411%2FSR/view" == record.url
    assert MANIFEST.action("service_request").fields.keys() == record.fields.keys()


@pytest.mark.parametrize("fields", [{}, {"requester_surname": "Sample"}])
def test_a_service_request_is_found_again_by_our_reference_and_its_codes(tascomi: Tascomi, fields: Any) -> None:
    same = connector(tascomi.url)
    sent = create(**fields)
    same.send(CREATE, sent, MemoryParts())
    same.send(CREATE, create(request_code="LITTER"), MemoryParts())
    found = same.find(CREATE, sent)
    assert [True, False] == [record.certain for record in found]
    assert all(record.created_at is not None for record in found)
    assert [] == same.find(CREATE, create(external_reference="ENV2"))


@pytest.mark.parametrize("given", ["8801", "2026/00411/SR"])
def test_a_person_may_name_a_service_request_by_its_id_or_its_number(tascomi: Tascomi, given: str) -> None:
    parts = MemoryParts({"service request": Receipt(given)})
    assert "2026/00411/SR" == connector(tascomi.url).send(CREATE, create(), parts).record_id


def test_columns_may_have_other_names(tascomi: Tascomi) -> None:
    names = {"complaints": {"reference_number": "sr_number", "details": "notes"}, "contacts": {"reference": "ref_no"}}
    tascomi.set("settings", column_names=names)
    renamed = connector(tascomi.url, profile={"complaints": names["complaints"], "contacts": names["contacts"]})
    receipt = renamed.send(CREATE, create(details="x", requester_reference="PER000101"), MemoryParts())
    assert "x" == renamed.fetch("service_request", receipt.record_id).fields["details"]


def test_a_council_without_a_column_for_our_reference_sends_none(tascomi: Tascomi) -> None:
    without = connector(tascomi.url, profile={"complaints": {"external_reference": ""}})
    receipt = without.send(CREATE, create(), MemoryParts())
    assert request_of(tascomi, receipt.record_id)["external_reference"] is None


def test_a_server_that_leaves_out_a_filter_is_found_out(tascomi: Tascomi) -> None:
    """Else the first of all Contacts would be taken for the person."""
    tascomi.set("settings", unknown_columns="ignore")
    wrong = connector(tascomi.url, profile={"contacts": {"reference": "ref_no"}})
    with pytest.raises(NotConfigured, match="ref_no"):
        wrong.send(CREATE, create(requester_reference="PER000101"), MemoryParts())
    assert 2 == len(tascomi.look("records")["complaints"])


@pytest.mark.parametrize("settings", [{"refused_writes": "zero_id"}, {}])
def test_a_write_that_tascomi_refuses_is_refused_with_either_answer(tascomi: Tascomi, settings: Any) -> None:
    tascomi.set("settings", **settings)
    with pytest.raises(RefusedByTarget):
        connector(tascomi.url).send(CREATE, create(received_date="soon"), MemoryParts())


@pytest.mark.parametrize("settings", [{"page_size": 1}, {"empty_list": "null"}, {"create_answer": "row"}])
def test_paging_and_the_shapes_of_answers_do_not_matter(tascomi: Tascomi, settings: Any) -> None:
    tascomi.set("settings", **settings)
    sent = create(requester_reference="PER000102", contact_reference="PER000104")
    receipt = connector(tascomi.url).send(CREATE, sent, MemoryParts())
    row = request_of(tascomi, receipt.record_id)
    assert ("5007", "5008") == (row["requester_contact_id"], row["contact_id"])


@pytest.mark.parametrize("page_size", [1, 50])
def test_service_requests_are_listed_by_the_day_of_their_last_change(tascomi: Tascomi, page_size: int) -> None:
    tascomi.set("settings", page_size=page_size)
    same = connector(tascomi.url)
    sent = same.send(CREATE, create(status="Closed"), MemoryParts())
    now = datetime.now(UTC)
    (today,) = same.listing("service_request", now - timedelta(hours=1), now + timedelta(hours=1))
    assert (sent.record_id, "ENV1", True) == (today.id, today.external_reference, today.closed)
    january = datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)
    listed = list(same.listing("service_request", *january))
    assert ["2026/00411/SR", "2026/00412/SR"] == [summary.id for summary in listed]
    assert [False, False] == [summary.closed for summary in listed]
    assert [] == list(same.listing("service_request", january[0], january[0] + timedelta(hours=12)))


def test_live_lint_looks_up_the_codes_that_stand_in_a_template(tascomi: Tascomi) -> None:
    text = sample_templates("tascomi")["noise_complaint"]
    good = read_template(text, template_id="t", manifest=MANIFEST)
    assert [] == list(connector(tascomi.url).check_template(good))
    wrong = read_template(
        text.replace("text: EP", "text: LIC").replace("text: DUTY", "text: OFF9"), template_id="t", manifest=MANIFEST
    )
    found = connector(tascomi.url).check_template(wrong)
    assert [(1, "disabled_code"), (3, "unknown_code")] == [(problem.row, problem.rule) for problem in found]


def test_codes_are_labelled_with_what_people_call_them(tascomi: Tascomi) -> None:
    labels = connector(tascomi.url).labels(CREATE, payload(**{**CODES, "request_code": "NOTHING"}))
    assert {
        ("core_function", "EP"): "Environmental Protection",
        ("investigating_officer", "OFF1"): "Sample Officer One",
    } == labels
