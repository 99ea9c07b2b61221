"""What the integration's own documentation promises of Tascomi, as far as the manifest and the settings hold it."""

from __future__ import annotations

import pytest

from casebridge.connectors import registry
from casebridge.core.manifest import ActionType, MatchRule, ReferenceUse
from casebridge.core.template_reader import inspect_template

MANIFEST = registry.manifest("tascomi")
CREATE = MANIFEST.action("create_service_request")
UPDATE = MANIFEST.action("update_service_request")
SETTINGS = {"host": "https://t.example/rest", "login": "a", "password": "b"}


def rules(action: str, *rows: str) -> list[str]:
    text = f"name: a\ntype: {action}\nreference: service_request\nrows:\n" + "".join(f"  - {{{row}}}\n" for row in rows)
    return [problem.rule for problem in inspect_template(text, template_id="t", manifest=MANIFEST)[1]]


@pytest.mark.behaviour("T1")
def test_core_function_request_code_and_investigating_officer_are_mandatory_and_nothing_else_is() -> None:
    mandatory = {name: field.title for name, field in CREATE.fields.items() if field.mandatory}
    assert {
        "core_function": "Core Function (code)",
        "request_code": "Request Code",
        "investigating_officer": "Investigating Officer (code)",
    } == mandatory
    assert ["mandatory_mapping"] * 2 == rules(CREATE.name, "to: core_function, text: EP")
    assert [] == rules(CREATE.name, *(f"to: {name}, text: A" for name in mandatory))


@pytest.mark.behaviour("T1")
@pytest.mark.behaviour("T2")
@pytest.mark.behaviour("T3")
def test_a_create_stores_the_number_an_update_uses_it_and_both_are_followed_by_the_incoming_type() -> None:
    assert (ReferenceUse.STORES, ReferenceUse.USES) == (CREATE.reference, UPDATE.reference)
    assert (CREATE.name, UPDATE.name) == MANIFEST.action("service_request").after


@pytest.mark.behaviour("T2")
def test_an_update_has_no_mandatory_mapping() -> None:
    assert [] == rules(UPDATE.name, "to: details, case_field: details")


@pytest.mark.behaviour("T4")
@pytest.mark.behaviour("T6")
@pytest.mark.parametrize("action", [CREATE, UPDATE])
def test_both_contacts_are_matched_by_their_reference_unless_the_template_says_otherwise(action: ActionType) -> None:
    matches = action.matches
    assert {"requester": "requester_reference", "contact": "contact_reference"} == {
        name: match.by for name, match in matches.items()
    }
    assert {MatchRule.MATCH_THEN_CREATE} == {match.rule for match in matches.values()}


@pytest.mark.behaviour("T7")
def test_there_is_no_field_for_a_manually_entered_location() -> None:
    places = {name for name in CREATE.fields if name.startswith("location")}
    assert {"location_uprn", "location_usrn"} == places
    assert "STREET RECORD" == getattr(registry.settings("tascomi", SETTINGS, where="t"), "street_record_text", "")


@pytest.mark.behaviour("T8")
def test_the_settings_are_base_url_both_keys_and_a_time_zone() -> None:
    fields = registry.settings_class("tascomi").model_fields
    titles = {"API base url", "API public key", "API private key", "Time zone", "Street Record text"}
    assert titles <= {field.title for field in fields.values()}
    assert "Europe/London" == registry.settings("tascomi", SETTINGS, where="t").timezone


@pytest.mark.behaviour("T10")
def test_a_connection_or_other_intermittent_error_is_retried_ten_times() -> None:
    assert 10 == MANIFEST.retries


@pytest.mark.behaviour("T11")
@pytest.mark.parametrize("words", ["One-way", "Food Complaints", "manually entered", "Contact History", "minute mark"])
def test_the_limitations_are_stated(words: str) -> None:
    assert any(words in sentence for sentence in MANIFEST.limitations)
