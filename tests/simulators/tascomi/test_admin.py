"""The admin side of this simulator."""

from __future__ import annotations

import pytest
import requests

from tests.simulators.tascomi.client import Tascomi, sign


def test_a_stranger_can_raise_a_service_request_from_info_alone(tascomi: Tascomi) -> None:
    info = tascomi.look("info")
    first = {kind: ids[0] for kind, ids in info["samples"].items()}
    base = f"{tascomi.url}{info['endpoints']['rest']}/v1"
    keys = info["credentials"]
    headers = sign(public=keys["public_key"], private=keys["private_key"])

    def id_of(table: str, **filters: str) -> str:
        [row] = requests.get(f"{base}/{table}", filters, headers=headers, timeout=20).json()
        return str(row["id"])

    fields = {
        "core_function_id": id_of("core_functions", code=first["core_function_code"]),
        "complaint_code_id": id_of("complaint_codes", code=first["complaint_code"]),
        "investigating_officer_id": id_of("users", code=first["officer_code"]),
        "complaint_action_required_id": id_of("complaint_action_required", code=first["action_required_code"]),
        "organizational_unit_id": id_of("organizational_units", code=first["organizational_unit_code"]),
        "reporting_method_id": id_of("reporting_methods", code=first["reporting_method_code"]),
        "request_category_id": id_of("request_categories", code=first["request_category_code"]),
        "requester_contact_id": id_of("contacts", reference=first["contact_reference"]),
        "dtf_location_id": id_of("dtf_locations", usrn=first["usrn"], pao_text=first["street_record_text"]),
    }
    assert id_of("dtf_locations", uprn=first["uprn"])
    assert id_of("titles", code=first["title_code"])
    assert id_of("complaints", id=first["service_request_id"], reference_number=first["service_request_number"])
    made = requests.put(f"{base}/{first['resource']}", fields, headers=headers, timeout=20).json()
    assert made == {"id": made["id"], **fields}
    assert requests.get(tascomi.url + info["endpoints"]["documentation"], timeout=20).ok


def test_samples_name_what_is_ambiguous_shared_or_switched_off(tascomi: Tascomi) -> None:
    samples = tascomi.look("info")["samples"]
    assert samples["ambiguous_complaint_code"] == ["PEST"]
    assert samples["shared_contact_reference"] == ["PER000102"]
    assert samples["disabled_complaint_code"] == ["ODOUR", "GLASS"]
    assert "GLASS" in samples["complaint_code"]
    assert not {"PEST", "ODOUR"} & set(samples["complaint_code"])
    assert not {"LIC"} & set(samples["core_function_code"])
    assert not {"OFF3", "MGR1"} & set(samples["officer_code"])


def test_info_still_answers_when_samples_are_gone(tascomi: Tascomi) -> None:
    for row in tascomi.look("records")["complaints"]:
        tascomi.set("tascomi/delete", table="complaints", id=row["id"])
    assert tascomi.look("info")["samples"]["service_request_number"] == []


def test_reset_puts_everything_back(tascomi: Tascomi) -> None:
    tascomi.set("reset")
    names = ("info", "records", "settings", "requests", "faults", "credentials")
    untouched = {name: tascomi.look(name) for name in names}
    tascomi.set("credentials", public_key="x", private_key="y")
    tascomi.set(
        "settings",
        page_size=1,
        time_zone="Europe/Paris",
        rights={"contacts": []},
        keys={"k": {"private_key": "p"}},
        errors={"validation": {"status": 422}},
        column_names={"complaints": {"details": "notes"}},
    )
    tascomi.set("faults", kind="status_503")
    tascomi.set("tascomi/create", table="contacts", fields={"surname": "X"})
    tascomi.set("tascomi/delete", table="complaints", id="8801")
    tascomi.set("tascomi/update", table="users", id=7, fields={"enabled": "f"})
    tascomi.get("titles")
    tascomi.set("reset")
    assert {name: tascomi.look(name) for name in names} == untouched
    assert tascomi.set("tascomi/create", table="contacts")["id"] == "5007"


def test_records_hold_all_tables_in_order_of_creation(tascomi: Tascomi) -> None:
    made = tascomi.put("contacts", surname="X").json()["id"]
    records = tascomi.look("records")
    assert [row["id"] for row in records["contacts"]] == ["5001", "5002", "5003", "5004", "5005", "5006", made]
    assert set(records) == set(tascomi.look("settings")["rights"])


def test_people_change_any_table_without_regard_to_the_keys_rights(tascomi: Tascomi) -> None:
    tascomi.set("settings", rights={"complaint_codes": []})
    made = tascomi.set("tascomi/create", table="complaint_codes", fields={"code": "NEW", "enabled": "t"})
    assert (made["id"], made["code"], made["enabled"]) == ("32", "NEW", "t")
    changed = tascomi.set("tascomi/update", table="complaint_codes", id=32, fields={"enabled": "f"})
    assert tascomi.record("complaint_codes", "32") == changed
    assert changed == {**made, "enabled": "f"}
    tascomi.set("tascomi/delete", table="complaint_codes", id="32")
    assert len(tascomi.look("records")["complaint_codes"]) == 11


def test_a_column_may_have_another_name_on_the_wire(tascomi: Tascomi) -> None:
    """No public source shows the columns of Service Requests: whoever knows them gives them here."""
    names = {"reference_number": "sr_number", "investigating_officer_id": "officer_id"}
    tascomi.set("settings", column_names={"complaints": names})
    assert tascomi.rows("complaints", sr_number="2026/00411/SR")[0]["officer_id"] == "7"
    assert tascomi.get("complaints", reference_number="2026/00411/SR").status_code == 400
    assert tascomi.put("complaints", core_function_id="3", complaint_code_id="21").json() == {
        "error": "officer_id is required"
    }
    made = tascomi.put("complaints", core_function_id="3", complaint_code_id="21", officer_id="8").json()
    assert tascomi.record("complaints", made["id"])["sr_number"] == "2026/00413/SR"
    assert "<td>sr_number</td>" in requests.get(f"{tascomi.url}/rest/v1/documentation.html", timeout=20).text
    tascomi.set("settings", column_names={"complaints": {"reference_number": None}})
    assert tascomi.look("settings")["column_names"] == {"complaints": {"investigating_officer_id": "officer_id"}}


def test_names_may_be_exchanged(tascomi: Tascomi) -> None:
    tascomi.set("settings", column_names={"contacts": {"telephone": "mobile", "mobile": "telephone"}})
    assert tascomi.rows("contacts", id="5001")[0]["mobile"] == "01632 960001"


def test_every_refusal_can_be_another(tascomi: Tascomi) -> None:
    errors = {
        "authentication": {"status": 400, "message": "Go away"},
        "unknown_resource": {"status": 400},
        "validation": {"status": 422, "message": "Wrong: {detail}"},
    }
    tascomi.set("settings", errors=errors)
    answers = [tascomi.send("GET", "titles", headers={}), tascomi.get("x"), tascomi.put("contacts", title_id="x")]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (400, "Go away"),
        (400, "There is no resource x"),
        (422, "Wrong: title_id must be integer"),
    ]


@pytest.mark.parametrize(
    ("call", "fields", "named"),
    [
        ("settings", {"time_zone": "Europe/Atlantis"}, "time_zone"),
        ("settings", {"time_zone": "../etc"}, "time_zone"),
        ("settings", {"time_zone": "Europe"}, "time_zone"),
        ("settings", {"time_zone": ""}, "time_zone"),
        ("settings", {"tolerance_min": -1}, "tolerance_min"),
        ("settings", {"tolerance_min": 61}, "tolerance_min"),
        ("settings", {"page_size": 0}, "page_size"),
        ("settings", {"empty_list": "[]"}, "empty_list"),
        ("settings", {"number_format": "SR"}, "number_format"),
        ("settings", {"colour": "red"}, "colour"),
        ("settings", {"rights": {"applications": []}}, "rights.applications"),
        ("settings", {"rights": {"contacts.colour": []}}, "rights.contacts.colour"),
        ("settings", {"rights": {"contacts": ["write"]}}, "rights.contacts"),
        ("settings", {"rights": {"contacts": None}}, "rights.contacts"),
        ("settings", {"keys": {"k": {}}}, "keys.k.private_key"),
        ("settings", {"keys": {"k": {"private_key": "p", "rights": {"x": []}}}}, "rights.x"),
        ("settings", {"column_names": {"x": {}}}, "column_names.x"),
        ("settings", {"column_names": {"contacts": {"colour": "x"}}}, "column_names.contacts.colour"),
        ("settings", {"column_names": {"contacts": {"id": "x"}}}, "column_names.contacts.id"),
        ("settings", {"column_names": {"contacts": {"town": "county"}}}, "column_names.contacts"),
        ("settings", {"column_names": {"contacts": {"town": "page"}}}, "column_names.contacts"),
        ("settings", {"errors": {"earthquake": {}}}, "errors.earthquake"),
        ("settings", {"errors": {"validation": {"status": 200}}}, "errors.validation.status"),
        ("credentials", {"token": "x"}, "token"),
        ("tascomi/create", {}, "table"),
        ("tascomi/create", {"table": "applications"}, "table"),
        ("tascomi/create", {"table": "contacts", "fields": {"colour": "red"}}, "fields"),
        ("tascomi/create", {"table": "contacts", "fields": {"title_id": 4}}, "fields.title_id"),
        ("tascomi/create", {"table": "complaints", "fields": {}}, "fields"),
        ("tascomi/update", {"table": "contacts", "id": "x"}, "id"),
        ("tascomi/update", {"table": "contacts", "id": 5001, "fields": {"title_id": "99"}}, "fields"),
        ("tascomi/delete", {"table": "contacts", "id": 5001}, "fields"),
        ("tascomi/delete", {"table": "contacts", "id": 5004, "now": True}, "now"),
    ],
)
def test_a_wrong_field_is_refused_with_its_name_and_changes_nothing(
    tascomi: Tascomi, call: str, fields: dict[str, object], named: str
) -> None:
    before = {name: tascomi.look(name) for name in ("settings", "credentials", "records")}
    answer = tascomi.admin(call, **fields)
    assert answer.status_code == 400
    assert f'{named}"' in answer.json()["error"]
    assert {name: tascomi.look(name) for name in before} == before
