"""PUT creates, POST updates, DELETE deletes; and what is answered when they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulators.tascomi.client import FORM, REQUIRED, STAMP, Tascomi, sign


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


# creating


def test_a_put_creates_a_row_and_answers_its_id_with_what_was_sent(tascomi: Tascomi) -> None:
    fields = {"reference": "P-00012", "firstname": "Sample", "surname": "Other & Son", "title_id": "4", "agent": "t"}
    answer = tascomi.put("contacts", **fields)
    assert (answer.status_code, answer.json()) == (200, {"id": "5007", **fields})
    [row] = tascomi.rows("contacts", reference="P-00012")
    assert {**fields, "id": "5007", "submit_date": STAMP, "last_updated": STAMP, "ceased": "f"}.items() <= row.items()
    assert row == tascomi.record("contacts", "5007")


def test_a_put_may_answer_the_whole_row(tascomi: Tascomi) -> None:
    """What is certain is the id and what was sent; the rest may come too."""
    tascomi.set("settings", create_answer="row")
    assert tascomi.put("contacts", surname="X").json() == tascomi.record("contacts", "5007")


def test_a_service_request_gets_an_id_and_another_number(tascomi: Tascomi) -> None:
    answer = tascomi.put("complaints", **REQUIRED, external_reference="STC001001", details="Litter")
    assert answer.json() == {"id": "8803", **REQUIRED, "external_reference": "STC001001", "details": "Litter"}
    [row] = tascomi.rows("complaints", id="8803")
    assert (row["reference_number"], row["received_date"]) == ("2026/00413/SR", STAMP)
    assert tascomi.rows("complaints", reference_number="2026/00413/SR") == [row]


def test_the_numbers_of_service_requests_can_look_otherwise(tascomi: Tascomi) -> None:
    tascomi.set("settings", number_format="SR{sequence}")
    tascomi.put("complaints", **REQUIRED)
    assert tascomi.record("complaints", "8803")["reference_number"] == "SR00413"


def test_all_that_a_service_request_can_be_linked_to_is_kept(tascomi: Tascomi) -> None:
    links = {
        "complaint_action_required_id": "1",
        "reporting_method_id": "2",
        "request_category_id": "3",
        "organizational_unit_id": "1",
        "requester_contact_id": "5001",
        "contact_id": "5005",
        "dtf_location_id": "521",
        "target_date": "2026-07-08",
    }
    tascomi.put("complaints", **REQUIRED, **links)
    kept = tascomi.record("complaints", "8803")
    assert {**links, "target_date": "2026-07-08 00:00:00"}.items() <= kept.items()


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_a_service_request_needs_function_code_and_officer(tascomi: Tascomi, missing: str) -> None:
    before = tascomi.look("records")
    fields = {name: value for name, value in REQUIRED.items() if name != missing}
    assert refusal(tascomi.put("complaints", **fields)) == (400, f"{missing} is required")
    assert refusal(tascomi.put("complaints", **fields, **{missing: ""})) == (400, f"{missing} is required")
    assert tascomi.look("records") == before


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"contact_id": "999"}, "contact_id is no id in contacts"),
        ({"complaint_code_id": "NOISED"}, "complaint_code_id must be integer"),
        ({"contact_id": "99999999999"}, "contact_id must be integer"),
        ({"target_date": "19/01/2026"}, "target_date must be timestamp without time zone"),
        ({"target_date": "2026-02-30"}, "target_date must be timestamp without time zone"),
        ({"colour": "red"}, "colour is not a column of complaints that can be written"),
        ({"reference_number": "1"}, "reference_number is not a column of complaints that can be written"),
        ({"id": "5"}, "id is not a column of complaints that can be written"),
        ({"details": "a\0b"}, "details must be text"),
        ({"partners[0][partner_name]": "x"}, "partners[0][partner_name] is not a column of complaints"),
    ],
)
def test_a_value_or_column_that_cannot_be_written_refuses_the_whole_request(
    tascomi: Tascomi, fields: dict[str, str], message: str
) -> None:
    before = tascomi.look("records")
    for answer in (tascomi.put("complaints", **{**REQUIRED, **fields}), tascomi.post("complaints", 8801, **fields)):
        status, text = refusal(answer)
        assert (status, text[: len(message)]) == (400, message)
    assert tascomi.look("records") == before


def test_a_refused_write_may_also_be_a_success_with_the_id_0(tascomi: Tascomi) -> None:
    """Which of the two the vendor does nobody could confirm; neither is a reason to try again."""
    tascomi.set("settings", refused_writes="zero_id")
    for answer in (tascomi.put("complaints", details="x"), tascomi.post("complaints", 8801, contact_id="x")):
        assert (answer.status_code, answer.json()) == (200, {"id": 0})
    assert tascomi.get("contacts", colour="red").status_code == 400
    assert len(tascomi.look("records")["complaints"]) == 2


def test_columns_that_cannot_be_written_may_be_left_out_instead(tascomi: Tascomi) -> None:
    tascomi.set("settings", unknown_columns="ignore")
    assert tascomi.put("contacts", surname="X", colour="red", id="1").json() == {"id": "5007", "surname": "X"}


def test_a_repeated_put_creates_a_second_row(tascomi: Tascomi) -> None:
    """There is no idempotency key."""
    assert [tascomi.put("contacts", reference="P-1").json()["id"] for _ in range(2)] == ["5007", "5008"]
    assert len(tascomi.rows("contacts", reference="P-1")) == 2


# forms and queries


def test_values_may_come_in_the_query_in_the_form_or_in_both(tascomi: Tascomi) -> None:
    """The vendor's own sample uses the query, clients in production a form; where both have a name, the form counts."""
    query = tascomi.send("PUT", "contacts?surname=Resident+Six&house_name_or_number=1%20a").json()
    assert query == {"id": "5007", "surname": "Resident Six", "house_name_or_number": "1 a"}
    both = tascomi.send("POST", "contacts/5007?surname=A&town=B", data={"surname": "C"}).json()
    assert both == {"id": "5007", "surname": "C", "town": "B"}


def test_a_form_is_read_as_utf_8_in_either_spelling_of_a_blank(tascomi: Tascomi) -> None:
    headers = {**sign(), "Content-Type": f"{FORM}; charset=UTF-8"}
    body = "firstname=Zo%C3%AB+A&surname=N%20%2B%26B&street_name=Café".encode()
    answer = tascomi.send("PUT", "contacts", headers=headers, data=body).json()
    assert answer == {"id": "5007", "firstname": "Zoë A", "surname": "N +&B", "street_name": "Café"}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=b"])
def test_another_body_sets_nothing(tascomi: Tascomi, content_type: str) -> None:
    """JSON is not proven, so it is not taken; a switch refuses it outright."""
    headers = {**sign(), "Content-Type": content_type}
    body = json.dumps({"surname": "X"})
    answer = tascomi.send("POST", "contacts/5001", headers=headers, data=body)
    assert (answer.status_code, answer.json()) == (200, {"id": "5001"})
    assert tascomi.record("contacts", "5001")["surname"] == "Resident One"
    refused = tascomi.send("PUT", "complaints", headers=headers, data=json.dumps(REQUIRED))
    assert refusal(refused) == (400, "core_function_id is required")
    tascomi.set("settings", other_bodies="refuse")
    assert refusal(tascomi.send("PUT", "contacts", headers=headers, data=body))[0] == 400
    assert len(tascomi.look("records")["contacts"]) == 6


# updating


def test_a_post_changes_only_what_was_sent_and_answers_that(tascomi: Tascomi) -> None:
    before = tascomi.record("complaints", "8801")
    answer = tascomi.post("complaints", 8801, details="Updated", status="Closed")
    assert (answer.status_code, answer.json()) == (200, {"id": "8801", "details": "Updated", "status": "Closed"})
    after = tascomi.record("complaints", "8801")
    assert after == {**before, "details": "Updated", "status": "Closed", "last_updated": STAMP}


def test_an_empty_text_takes_a_value_away(tascomi: Tascomi) -> None:
    assert tascomi.post("contacts", 5001, telephone="").json() == {"id": "5001", "telephone": None}
    assert refusal(tascomi.post("complaints", 8801, core_function_id="")) == (400, "core_function_id is required")


@pytest.mark.parametrize("row_id", ["999999", "x", "0", "-1", "8801x", "9" * 5000, "8801/x", "%00"])
def test_a_post_to_an_id_that_is_not_there_succeeds_with_the_number_0(tascomi: Tascomi, row_id: str) -> None:
    before = tascomi.look("records")
    answer = tascomi.post("complaints", row_id, details="x")
    assert (answer.status_code, answer.text) == (200, '{"id": 0}')
    assert tascomi.look("records") == before


# values


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-07-08", "2026-07-08 00:00:00"),
        ("2026-07-08 09:05", "2026-07-08 09:05:00"),
        ("2026-07-08T09:05:06", "2026-07-08 09:05:06"),
        ("2026-07-08 09:05:06.120", "2026-07-08 09:05:06.12"),
        ("2026-07-08T09:05:06Z", "2026-07-08 09:05:06"),
        ("2026-07-08 09:05:06+05:30", "2026-07-08 09:05:06"),
        ("now", STAMP),
        ("today", "2026-07-01 00:00:00"),
        ("0001-01-01", "0001-01-01 00:00:00"),
    ],
)
def test_a_timestamp_is_local_and_an_offset_is_not_looked_at(tascomi: Tascomi, sent: str, kept: str) -> None:
    """PostgreSQL ignores the zone of what it reads into a timestamp without one: 09:05Z becomes 09:05 in London."""
    assert tascomi.post("complaints", 8801, target_date=sent).json() == {"id": "8801", "target_date": kept}


@pytest.mark.parametrize(
    ("sent", "kept"), [("t", "t"), ("TRUE", "t"), ("1", "t"), ("yes", "t"), ("f", "f"), ("false", "f"), ("0", "f")]
)
def test_a_boolean_is_answered_as_t_or_f(tascomi: Tascomi, sent: str, kept: str) -> None:
    assert tascomi.post("contacts", 5001, ceased=sent).json() == {"id": "5001", "ceased": kept}


def test_other_words_are_no_boolean(tascomi: Tascomi) -> None:
    assert refusal(tascomi.post("contacts", 5001, ceased="perhaps")) == (400, "ceased must be boolean")


# deleting


def test_deleting_needs_a_right_of_its_own(tascomi: Tascomi) -> None:
    assert tascomi.remove("complaints", 8801).status_code == 403
    tascomi.set("settings", rights={"complaints": ["view", "delete"]})
    assert (tascomi.remove("complaints", 8801).json(), tascomi.remove("complaints", 8801).json()) == (
        {"id": "8801"},
        {"id": 0},
    )
    assert tascomi.get("complaints", id="8801").status_code == 202


def test_a_row_that_others_need_is_not_deleted(tascomi: Tascomi) -> None:
    tascomi.set("settings", rights={"contacts": ["delete"]})
    assert refusal(tascomi.remove("contacts", 5001)) == (
        400,
        "contacts 5001 is still used by complaints.requester_contact_id",
    )
    assert tascomi.remove("contacts", 5004).json() == {"id": "5004"}


def test_the_id_of_a_deleted_row_is_not_given_again(tascomi: Tascomi) -> None:
    tascomi.set("settings", rights={"contacts": ["create_update", "delete"]})
    assert [
        tascomi.put("contacts").json(),
        tascomi.remove("contacts", 5007).json(),
        tascomi.put("contacts").json(),
    ] == [
        {"id": "5007"},
        {"id": "5007"},
        {"id": "5008"},
    ]
