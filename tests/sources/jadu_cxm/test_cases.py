"""Cases over real HTTP: read, written, moved on, with files, notes and References."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from casebridge.core.case import CaseChanges
from casebridge.core.errors import (
    CasebridgeError,
    InDoubtError,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from casebridge.sources.jadu_cxm.source import JaduCxmSource
from tests.simulators.jadu_cxm.client import Cxm
from tests.sources.jadu_cxm.conftest import MakeSource

CASE = "MBN001001"
SIGNED_IN = {"login": "integration@example.org", "user_password": "demo-password"}


def operations(cxm: Cxm) -> list[str]:
    return [one["operation"] for one in cxm.get("requests")["requests"]]


def test_a_case_is_read_with_all_that_mappings_can_name(source: JaduCxmSource, cxm: Cxm) -> None:
    case = source.read(CASE)

    assert ("jadu_cxm", CASE, "missed_bin", "Open") == (case.source, case.reference, case.type, case.status)
    assert ("Yes", "22", None) == tuple(case.fields[name] for name in ("bin_was_out", "item_id", "worksheet_number"))
    assert (date(2026, 1, 16), datetime(2026, 1, 12, 8, 15, tzinfo=UTC)) == (case.dates["due"], case.dates["reported"])
    assert "2026-01-16" == case.fields["due"]
    assert {"created_at", "updated_at"} <= set(case.dates)
    assert ("Sample Resident One", "resident.one@example.org", "01632 960001") == tuple(
        case.person[name] for name in ("name", "email", "phone")
    )
    assert {"uprn": "10001", "usrn": "20400321", "line1": "1 Orchard Walk", "postcode": "LW1 3NP"}.items() <= (
        case.address.items()
    )
    assert f"{cxm.url}/q/case/{CASE}/timeline" == case.url
    assert 200 == cxm.session.get(case.url, timeout=20).status_code


def test_a_case_of_which_only_the_facts_are_told_is_read_too(source: JaduCxmSource, cxm: Cxm) -> None:
    cxm.set("settings", read_extras=[], booleans_as_text=True, empty_values="omit")

    case = source.read("BLK001002")

    assert ("", "Open", "false", {}) == (case.type, case.status, case.fields["paid"], dict(case.address))
    assert "Sample Resident Six" == case.person["name"]


def test_changes_are_written_and_read_as_they_were_written(source: JaduCxmSource) -> None:
    due = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)

    source.write(CASE, CaseChanges({"worksheet_status": "Open", "worksheet_number": "7"}, {"worksheet_due": due}))

    case = source.read(CASE)
    assert ("Open", "7") == (case.fields["worksheet_status"], case.fields["worksheet_number"])
    assert due == case.dates["worksheet_due"]


def test_no_value_empties_a_field_and_a_date(source: JaduCxmSource) -> None:
    source.write(CASE, CaseChanges({"worksheet_status": "Open"}, {"worksheet_due": datetime(2026, 7, 1, tzinfo=UTC)}))
    source.write(CASE, CaseChanges({"worksheet_status": None}, {"worksheet_due": None}))

    case = source.read(CASE)
    assert case.fields["worksheet_status"] is None
    assert "worksheet_due" not in case.dates


def test_what_the_case_shows_already_is_not_written(source: JaduCxmSource, cxm: Cxm) -> None:
    """An edit would trigger rules in CXM, and these would tell us of the change that we made."""
    changes = CaseChanges({"worksheet_status": "Open"}, {"worksheet_due": datetime(2026, 7, 1, tzinfo=UTC)})
    source.write(CASE, changes)
    source.write(CASE, changes)
    source.write(CASE, CaseChanges())

    assert 1 == operations(cxm).count("edit_case")


def test_a_record_is_shown_in_the_field_of_its_reference_and_only_once(source: JaduCxmSource, cxm: Cxm) -> None:
    source.store_reference(CASE, "worksheet", "242259")
    source.store_reference(CASE, "worksheet", "242259")

    assert "242259" == cxm.record(CASE)["values"]["worksheet_number"]
    assert 1 == operations(cxm).count("edit_case")


def test_a_reference_without_a_field_is_not_shown_and_nothing_is_asked(source: JaduCxmSource, cxm: Cxm) -> None:
    source.store_reference(CASE, "another", "7")

    assert [] == operations(cxm)


@pytest.mark.parametrize("name", ["send-to-contractor", "send_to_contractor"])
def test_a_transition_is_applied_by_its_name_in_either_spelling(source: JaduCxmSource, cxm: Cxm, name: str) -> None:
    source.transition(CASE, name)

    assert "in-progress" == cxm.record(CASE)["status"]


def test_a_transition_that_is_not_allowed_is_refused_with_the_reason(source: JaduCxmSource) -> None:
    source.transition(CASE, "close_case")

    with pytest.raises(RefusedByTarget, match="not allowed while the case is Closed"):
        source.transition(CASE, "send_to_contractor")


def test_a_file_is_attached_from_memory_and_from_disk(source: JaduCxmSource, cxm: Cxm, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8bin")

    source.attach(CASE, "letter.txt", b"hello")
    source.attach(CASE, "photo.jpg", path)

    assert [("letter.txt", 5), ("photo.jpg", 5)] == [
        (one["name"], one["size"]) for one in cxm.record(CASE)["attachments"]
    ]


def test_a_note_is_added(source: JaduCxmSource, cxm: Cxm) -> None:
    source.note(CASE, "The crew was there")

    assert ["The crew was there"] == [one["text"] for one in cxm.record(CASE)["notes"]]


def test_a_note_where_there_is_no_such_call_is_told(source: JaduCxmSource, cxm: Cxm) -> None:
    cxm.set("settings", notes=False)

    with pytest.raises(NotFound, match="or no call"):
        source.note(CASE, "x")


@pytest.mark.parametrize("reference", ["XXX000001", "..", ".", "a/b", "MBN001001/edit", "%2e%2e", "ünï?key=x#y"])
def test_a_case_that_does_not_exist_is_not_found(source: JaduCxmSource, reference: str) -> None:
    with pytest.raises(NotFound):
        source.read(reference)
    with pytest.raises(NotFound):
        source.transition(reference, "close_case")


def test_a_refused_edit_names_the_fields_and_no_value(source: JaduCxmSource, cxm: Cxm) -> None:
    changes = CaseChanges({"worksheet_number": "4711-secret", "bin_was_out": "Mrs Secret", "officer_notes": "secret"})

    with pytest.raises(RefusedByTarget) as raised:
        source.write(CASE, changes)

    assert "bin_was_out, officer_notes" in str(raised.value)
    assert "secret" not in str(raised.value).lower()
    assert "worksheet_number" not in cxm.record(CASE)["values"]


# Credentials


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, 'accepted the API key; the filter "recently-updated" lists 8 cases'),
        (SIGNED_IN, "and let integration@example.org sign in"),
        ({"changes_filter": ""}, "without a filter for changes"),
    ],
)
def test_the_check_says_what_it_proved(make_source: MakeSource, settings: dict[str, str], sentence: str) -> None:
    assert sentence in make_source(**settings).check()


@pytest.mark.parametrize("settings", [{}, {"changes_filter": ""}, SIGNED_IN])
def test_the_check_does_not_accept_a_wrong_key(make_source: MakeSource, settings: dict[str, str]) -> None:
    with pytest.raises(NotAuthorised):
        make_source(**settings, password="wrong").check()


def test_the_check_does_not_accept_a_wrong_password_of_the_user(make_source: MakeSource) -> None:
    with pytest.raises(NotAuthorised, match="sign in"):
        make_source(**{**SIGNED_IN, "user_password": "wrong"}).check()


@pytest.mark.parametrize("settings", [{"changes_filter": "no-such"}, {"api_name": "no-such"}])
def test_the_check_does_not_accept_a_filter_or_a_service_api_that_is_not_there(
    make_source: MakeSource, settings: dict[str, str]
) -> None:
    with pytest.raises(NotFound, match="no saved filter"):
        make_source(**settings).check()


def test_one_sign_in_serves_many_calls(make_source: MakeSource, cxm: Cxm) -> None:
    cxm.set("settings", token_required=True)
    source = make_source(**SIGNED_IN)

    source.read(CASE)
    source.transition(CASE, "send_to_contractor")

    assert ["sign_in", "read_case", "transition_case"] == operations(cxm)
    assert SIGNED_IN["login"] == cxm.record(CASE)["timeline"][-1]["by"]


def test_a_token_that_has_run_out_is_renewed_once(make_source: MakeSource, cxm: Cxm) -> None:
    cxm.set("settings", token_required=True)
    source = make_source(**SIGNED_IN)
    source.read(CASE)
    cxm.set("clock", skew_s=7200)

    assert CASE == source.read(CASE).reference
    assert ["sign_in", "read_case", "read_case", "sign_in", "read_case"] == operations(cxm)


def test_a_disabled_source_calls_nothing_but_its_check(make_source: MakeSource, cxm: Cxm) -> None:
    source = make_source(enabled=False)

    for act in (lambda: source.read(CASE), lambda: source.transition(CASE, "close_case")):
        with pytest.raises(NotConfigured, match="disabled in its settings"):
            act()
    assert [] == operations(cxm)
    assert "accepted the API key" in source.check()


# Faults


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "refuse", "times": 1}, Unreachable),
        ({"kind": "cut_before_commit"}, Unreachable),
        ({"kind": "cut_after_commit"}, Unreachable),
        ({"kind": "status_503"}, Unreachable),
        ({"kind": "status_429", "retry_after": 7}, Throttled),
        ({"kind": "html_login"}, NotConfigured),
        ({"kind": "wrong_credentials"}, NotAuthorised),
        ({"kind": "business_error", "code": 409, "description": "locked"}, RefusedByTarget),
    ],
)
def test_every_fault_of_a_transition_means_one_thing(
    source: JaduCxmSource, cxm: Cxm, fault: dict[str, object], error: type[CasebridgeError]
) -> None:
    """No answer is no doubt: the worst that a repetition can meet is a refusal."""
    cxm.set("faults", **fault)

    with pytest.raises(CasebridgeError) as raised:
        source.transition(CASE, "send_to_contractor")

    assert error is type(raised.value), raised.value


def test_an_edit_without_an_answer_is_simply_tried_again(source: JaduCxmSource, cxm: Cxm) -> None:
    cxm.set("faults", kind="cut_after_commit", operation="edit_case")
    changes = CaseChanges({"worksheet_status": "Open"})
    with pytest.raises(Unreachable):
        source.write(CASE, changes)

    source.write(CASE, changes)

    assert "Open" == cxm.record(CASE)["values"]["worksheet_status"]
    assert ["updated"] == [one["event"] for one in cxm.record(CASE)["timeline"]]


def test_a_file_without_an_answer_is_in_doubt(source: JaduCxmSource, cxm: Cxm) -> None:
    """Sent again it would be there twice."""
    cxm.set("faults", kind="cut_after_commit", operation="attach_file")

    with pytest.raises(InDoubtError):
        source.attach(CASE, "letter.txt", b"hello")


def test_half_an_answer_to_a_read_is_tried_again(source: JaduCxmSource, cxm: Cxm) -> None:
    cxm.set("faults", kind="malformed")

    with pytest.raises(Unreachable, match="cannot be read"):
        source.read(CASE)
