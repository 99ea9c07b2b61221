"""Reading, creating, editing and moving cases; notes, files and persons."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from tests.simulators.jadu_cxm.client import Cxm


def test_a_case_is_read_by_its_reference(cxm: Cxm) -> None:
    case = cxm.read("MBN001001")
    assert (case["reference"], case["status"]) == ("MBN001001", {"title": "Open"})
    assert (case["type"], case["created_at"]) == ("missed-bin", "2026-01-12T08:15:00+0000")
    assert case["address"] == {
        "uprn": "10001",
        "usrn": "20400321",
        "line1": "1 Orchard Walk",
        "town": "Little Wittering",
        "postcode": "LW1 3NP",
    }
    assert case["person"]["reference"] == "PER000101"


def test_values_are_read_in_snake_case_with_choices_by_their_value(cxm: Cxm) -> None:
    values = cxm.read("MBN001001")["values"]
    assert (values["bin_was_out"], values["item_id"]) == ("Yes", "22")
    assert (values["due"], values["reported"]) == ("2026-01-16", "2026-01-12T08:15:00+0000")
    assert values["worksheet_number"] is None
    assert all(re.fullmatch("[a-z0-9_]+", name) for name in values)
    assert cxm.read("STC001001")["values"]["hazardous"] is True
    assert cxm.read("BLK001002")["values"]["item_count"] == 2


def test_a_linked_persons_details_are_among_the_values_unless_the_case_has_its_own(cxm: Cxm) -> None:
    assert cxm.read("MBN001001")["values"]["first_name"] == "Sample"
    cxm.edit({"sys-first-name": "Another"})
    values = cxm.read("MBN001001")["values"]
    assert (values["first_name"], values["last_name"]) == ("Another", "Resident One")


def test_how_a_case_is_read_can_be_switched(cxm: Cxm) -> None:
    """Only reference, status and values are sure: a client must do without the rest."""
    cxm.set("settings", read_extras=[], booleans_as_text=True, empty_values="omit", time_zone="Europe/London")
    case = cxm.read("STC001001")
    assert set(case) == {"reference", "status", "values"}
    assert case["values"]["hazardous"] == "true"
    assert "worksheet_number" not in case["values"]
    cxm.set("settings", empty_values="text")
    assert cxm.read("STC001001")["values"]["worksheet_number"] == ""
    cxm.edit({"worksheet-due": "2026-07-01T10:00:00+0000"})
    assert cxm.read("MBN001001")["values"]["worksheet_due"] == "2026-07-01T11:00:00+0100"


@pytest.mark.parametrize("reference", ["ZZZ999999", "mbn001001", "MBN1001", "CASE-1001", "%00", "é"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "case/{}"),
        ("PATCH", "case/{}/edit"),
        ("POST", "case/{}/transition/resolve"),
        ("POST", "case/{}/attach"),
        ("POST", "case/{}/note"),
    ],
)
def test_an_unknown_reference_is_404_with_a_message(cxm: Cxm, method: str, path: str, reference: str) -> None:
    answer = cxm.send(method, path.format(reference))
    assert (answer.status_code, list(answer.json())) == (404, ["message"])


def test_a_case_is_created_with_fields_person_and_address(cxm: Cxm) -> None:
    cxm.set("clock", now="2026-07-01T11:34:00.750Z")
    fields = {"details": "Not emptied.", "item-id": 22, "bin-was-out": "No", "due": "2026-07-06"}
    answer = cxm.create({**fields, "person": "PER000102", "address": "10002"})
    assert answer.status_code == 200
    reference = answer.json()["reference"]
    assert reference == "MBN001005"
    case = cxm.read(reference)
    assert (case["status"]["title"], case["created_at"]) == ("Open", "2026-07-01T11:34:00+0000")
    assert (case["person"]["reference"], case["address"]["uprn"]) == ("PER000102", "10002")
    values = case["values"]
    assert (values["details"], values["item_id"], values["due"]) == ("Not emptied.", "22", "2026-07-06")
    assert re.fullmatch("[A-Z]{3}[0-9]{6}", reference)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"details"}),
        ({"details": ""}, {"details"}),
        ({"details": "x", "colour": "red"}, {"colour"}),
        ({"details": "x", "item_id": "22"}, {"item_id"}),
        ({"details": "x", "bin-was-out": "Yes, it was out"}, {"bin-was-out"}),
        ({"details": ["x"]}, {"details"}),
        ({"details": "x", "due": "tomorrow"}, {"due"}),
        ({"details": "x", "reported": "0001-01-01T00:00:00+1400"}, {"reported"}),
        ({"details": "x", "worksheet-number": "1"}, {"worksheet-number"}),
        ({"details": "x", "officer-notes": "1"}, {"officer-notes"}),
        ({"details": "x", "person": "PER999999", "address": "5"}, {"person", "address"}),
        ({"details": "x", "person": {"reference": "PER000101"}}, {"person"}),
    ],
)
def test_a_create_is_refused_whole_and_every_wrong_field_is_named(
    cxm: Cxm, fields: dict[str, object], wrong: set[str]
) -> None:
    before = cxm.get("records")
    answer = cxm.create(fields)
    assert answer.status_code == 422
    body = answer.json()
    assert (set(body), set(body["errors"])) == ({"message", "errors"}, wrong)
    assert all(isinstance(text, str) for texts in body["errors"].values() for text in texts)
    assert cxm.get("records") == before


def test_a_create_of_an_unknown_case_type_is_404(cxm: Cxm) -> None:
    assert cxm.create({"details": "x"}, kind="pothole").status_code == 404


def test_an_edit_changes_only_the_fields_it_names_and_null_clears_one(cxm: Cxm) -> None:
    before = cxm.read()["values"]
    assert cxm.edit({"worksheet-number": "242259", "customer-has-updated": True, "item-id": None}).status_code == 200
    expected = {**before, "worksheet_number": "242259", "customer_has_updated": True, "item_id": None}
    assert cxm.read()["values"] == expected
    assert cxm.record()["timeline"][-1]["fields"] == ["worksheet-number", "customer-has-updated", "item-id"]


def test_an_edit_that_changes_no_value_is_no_change(cxm: Cxm) -> None:
    before = cxm.record()
    assert cxm.edit({"bin-was-out": "Yes", "worksheet-number": None}).status_code == 200
    assert cxm.edit({}).status_code == 200
    assert cxm.record() == before


@pytest.mark.parametrize("name", ["worksheet_number", "officer-notes", "person", "colour", "status"])
def test_a_field_that_is_not_on_the_form_refuses_the_edit_or_is_ignored(cxm: Cxm, name: str) -> None:
    before = cxm.record()
    answer = cxm.edit({name: "1", "item-id": "32"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])
    assert cxm.record() == before
    cxm.set("settings", unknown_fields="ignore")
    assert cxm.edit({name: "1", "item-id": "32"}).status_code == 200
    assert cxm.read()["values"]["item_id"] == "32"


def test_a_council_may_let_fields_be_written_as_they_are_read(cxm: Cxm) -> None:
    cxm.set("settings", snake_case_writes=True)
    assert cxm.edit({"worksheet_number": "5"}).status_code == 200
    assert cxm.read()["values"]["worksheet_number"] == "5"


def test_a_body_is_json_whatever_its_content_type_says(cxm: Cxm) -> None:
    for kind in ("application/json", "text/plain; charset=utf-8", "application/x-www-form-urlencoded"):
        body = json.dumps({"details": f"Café {kind}"}, ensure_ascii=False).encode()
        answer = cxm.send("PATCH", "case/MBN001001/edit", data=body, headers={"Content-Type": kind})
        assert answer.status_code == 200
        assert cxm.read()["values"]["details"] == f"Café {kind}"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b'"x"', b"\xff", b'{"details": NaN}', b'{"details": "\\ud800"}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_400_with_a_message(cxm: Cxm, body: bytes) -> None:
    answer = cxm.send("PATCH", "case/MBN001001/edit", data=body)
    assert (answer.status_code, list(answer.json())) == (400, ["message"])


def test_a_transition_moves_a_case_from_the_statuses_that_allow_it(cxm: Cxm) -> None:
    assert cxm.transition("send-to-contractor").json()["status"] == {"title": "In progress"}
    refused = cxm.transition("send-to-contractor")
    assert (refused.status_code, list(refused.json())) == (422, ["message"])
    assert cxm.transition("close-case").status_code == 200
    assert cxm.read()["status"] == {"title": "Closed"}
    assert [line["transition"] for line in cxm.record()["timeline"]] == ["send-to-contractor", "close-case"]


def test_a_transition_of_another_case_type_is_404(cxm: Cxm) -> None:
    assert cxm.transition("book").status_code == 404
    assert cxm.transition("Close case").status_code == 404
    assert cxm.record()["timeline"] == []


def test_a_transition_does_not_look_at_a_body(cxm: Cxm) -> None:
    answer = cxm.send("POST", "case/MBN001001/transition/resolve", data=b"\xff{")
    assert answer.status_code == 200


CONTENT = bytes(range(256)) * 3 + b"\r\n--not the boundary\r\n\n\r"


def test_a_file_is_attached_byte_for_byte(cxm: Cxm) -> None:
    described = {"type": "photo", "name": "Photo é", "description": "Of the bin"}
    files = {
        "json": (None, json.dumps(described), "application/json"),
        "file": ("bin é.jpg", CONTENT, "image/jpeg"),
    }
    answer = cxm.send("POST", "case/MBN001001/attach", files=files)
    assert answer.status_code == 200, answer.text
    (held,) = cxm.record()["attachments"]
    assert {name: held[name] for name in described} == described
    assert (held["size"], held["sha256"]) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert (held["content_type"], held["id"]) == ("image/jpeg", answer.json()["id"])


def test_a_file_needs_only_a_name(cxm: Cxm) -> None:
    files = {"json": (None, '{"name": "worksheet.pdf"}'), "file": ("w.pdf", b"")}
    assert cxm.send("POST", "case/MBN001001/attach", files=files).status_code == 200
    assert cxm.record()["attachments"][0]["filename"] == "w.pdf"


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"json": (None, '{"name": "x"}')}, 422),
        ({"file": ("x", b"x")}, 422),
        ({"json": (None, "{}"), "file": ("x", b"x")}, 422),
        ({"json": (None, '{"name": 5}'), "file": ("x", b"x")}, 422),
        ({"json": (None, "nonsense"), "file": ("x", b"x")}, 400),
    ],
)
def test_an_attachment_without_its_parts_is_refused(cxm: Cxm, files: dict[str, object], status: int) -> None:
    answer = cxm.send("POST", "case/MBN001001/attach", files=files)
    assert (answer.status_code, "message" in answer.json()) == (status, True)
    assert cxm.record()["attachments"] == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"name": "x"}'),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nno headers"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="json"\r\n\r\n{}'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\n{}\r\n--x--"),
    ],
)
def test_an_upload_that_is_no_whole_form_is_400(cxm: Cxm, kind: str, body: bytes) -> None:
    answer = cxm.send("POST", "case/MBN001001/attach", data=body, headers={"Content-Type": kind})
    assert (answer.status_code, list(answer.json())) == (400, ["message"])


def test_a_note_is_added_unless_the_council_has_no_such_call(cxm: Cxm) -> None:
    assert cxm.send("POST", "case/MBN001001/note", json={"note": "The crew came back."}).status_code == 200
    assert [note["text"] for note in cxm.record()["notes"]] == ["The crew came back."]
    assert cxm.send("POST", "case/MBN001001/note", json={"note": " "}).status_code == 422
    cxm.set("settings", notes=False)
    assert cxm.send("POST", "case/MBN001001/note", json={"note": "x"}).status_code == 404
    assert len(cxm.record()["notes"]) == 1


def test_a_user_is_found_by_email_in_any_case_of_letters(cxm: Cxm) -> None:
    for email in ("resident.two@example.org", "Resident.Two%40example.org"):
        assert cxm.send("GET", f"user/{email}").json() == {"person": {"reference": "PER000102"}}


@pytest.mark.parametrize("email", ["nobody@example.org", "%20", "PER000102"])
def test_an_unknown_user_is_404(cxm: Cxm, email: str) -> None:
    answer = cxm.send("GET", f"user/{email}")
    assert (answer.status_code, list(answer.json())) == (404, ["message"])


def test_a_wrong_method_is_405_and_an_unknown_path_404(cxm: Cxm) -> None:
    answer = cxm.send("GET", "case/MBN001001/edit")
    assert (answer.status_code, answer.headers["allow"], list(answer.json())) == (405, "PATCH", ["message"])
    assert cxm.send("DELETE", "case/MBN001001").headers["allow"] == "GET"
    for path in ("", "case", "case/", "case/MBN001001/", "cases", "case/MBN001001/history"):
        assert cxm.send("GET", path).status_code == 404


def test_statuses_and_messages_of_refusals_can_be_replaced(cxm: Cxm) -> None:
    cxm.set(
        "settings", errors={"not_allowed": {"status": 409, "message": "No: {detail}"}, "wrong_key": {"status": 403}}
    )
    answer = cxm.transition("reopen")
    assert answer.status_code == 409
    assert answer.json() == {"message": "No: reopen is not allowed while the case is Open"}
    assert cxm.send("GET", "case/MBN001001", key="x").status_code == 403
    cxm.set("settings", success_status={"create_case": 201})
    assert cxm.create({"details": "x"}).status_code == 201
