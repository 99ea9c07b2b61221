"""What the vendor's own documentation promises of Whitespace, as far as the manifest and the settings hold it."""

from __future__ import annotations

import pytest

from casebridge.connectors import registry
from casebridge.core.manifest import FieldType, ReferenceUse
from casebridge.core.problem import Problem
from casebridge.core.template_reader import inspect_template

MANIFEST = registry.manifest("whitespace")
CREATE = MANIFEST.action("create_worksheet")


def remarks(*rows: str) -> list[Problem]:
    text = "name: a\ntype: create_worksheet\nreference: worksheet\nrows:\n" + "".join(
        f"  - {{{row}}}\n" for row in rows
    )
    return inspect_template(text, template_id="t", manifest=MANIFEST)[1]


@pytest.mark.behaviour("W8")
def test_a_connection_or_other_intermittent_error_is_retried_fifteen_times() -> None:
    assert 15 == MANIFEST.retries


@pytest.mark.behaviour("W8")
def test_the_time_zone_is_london_in_location_and_area_form_unless_it_is_set() -> None:
    values = {"host": "https://example", "login": "a", "password": "b"}

    assert "Europe/London" == registry.settings("whitespace", values, where="t").timezone
    assert (
        "Europe/Dublin" == registry.settings("whitespace", {**values, "timezone": "Europe/Dublin"}, where="t").timezone
    )


@pytest.mark.behaviour("W2")
def test_the_service_id_is_mandatory_and_the_only_mapping_that_is() -> None:
    assert ["service_id"] == [name for name, field in CREATE.fields.items() if field.mandatory]
    assert ["mandatory_mapping"] == [problem.rule for problem in remarks("to: worksheet_message, text: a")]
    assert [] == remarks('to: service_id, text: "289"')


@pytest.mark.behaviour("W3")
@pytest.mark.parametrize("key", ['"80"', '"{case.property_id}"'])
def test_a_service_property_is_chosen_by_its_id_static_or_from_the_case(key: str) -> None:
    assert "Service Property ID" == CREATE.fields["service_property"].key
    assert [] == remarks('to: service_id, text: "289"', f"to: service_property, key: {key}, case_field: a")


@pytest.mark.behaviour("W4")
@pytest.mark.parametrize("key", ['"22"', '"{case.item_id}"'])
def test_a_service_item_quantity_is_chosen_by_its_item_id_static_or_from_the_case(key: str) -> None:
    assert "Service Item ID" == CREATE.fields["service_item_quantity"].key
    assert FieldType.DECIMAL is CREATE.fields["service_item_quantity"].type
    assert [] == remarks('to: service_id, text: "289"', f"to: service_item_quantity, key: {key}, text: 1")


def test_create_worksheet_stores_and_worksheet_follows_it_and_an_update() -> None:
    incoming = MANIFEST.action("worksheet")

    assert (ReferenceUse.STORES, "worksheet") == (CREATE.reference, CREATE.record)
    assert ("create_worksheet", "update_received") == incoming.after


def test_a_second_worksheet_for_a_service_within_thirty_minutes_is_known_to_be_refused() -> None:
    assert CREATE.cooldown is not None
    assert (("case", "service_id"), 30) == (CREATE.cooldown.per, CREATE.cooldown.minutes)
    assert any("30 minutes" in sentence for sentence in MANIFEST.limitations)
