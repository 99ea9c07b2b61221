"""What the vendor's own documentation promises of M3PP, as far as the manifest holds it."""

from __future__ import annotations

from typing import Any

import pytest

from casebridge.connectors import registry
from casebridge.core.case import Case
from casebridge.core.manifest import Direction, ReferenceUse
from casebridge.core.mapping import evaluate
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem
from casebridge.core.template_reader import inspect_template, read_template

MANIFEST = registry.manifest("m3pp")
ASSET = ('to: asset_type, text: "BIN"', 'to: section, text: "WEST"')
LISTED = ("to: asset_keys, case_field: keys", "to: attribute_code, text: COND", "to: value, text: Good")


def text(action: str, *rows: str, reference: str = "") -> str:
    head = f"name: a\ntype: {action}\n" + (f"reference: {reference}\n" if reference else "")
    return f"{head}rows:\n" + "".join(f"  - {{{row}}}\n" for row in rows)


def remarks(action: str, *rows: str, reference: str = "") -> list[Problem]:
    return inspect_template(text(action, *rows, reference=reference), template_id="t", manifest=MANIFEST)[1]


def evaluated(action: str, *rows: str, reference: str = "", **fields: Any) -> tuple[Payload, list[Problem]]:
    template = read_template(text(action, *rows, reference=reference), template_id="t", manifest=MANIFEST)
    return evaluate(template, Case("C-1", fields=fields), timezone="Europe/London")


def mandatory(action: str) -> list[str]:
    return [name for name, field in MANIFEST.action(action).fields.items() if field.mandatory]


@pytest.mark.behaviour("M9")
def test_it_is_one_way_for_the_tested_version_with_fifteen_retries() -> None:
    assert (15, "2.9.3.6") == (MANIFEST.retries, MANIFEST.tested_against)
    assert "One-way" in MANIFEST.limitations[0]
    assert not any("update_received" in action.after for action in MANIFEST.actions.values())


def test_there_are_the_six_types_of_templates() -> None:
    assert {
        "Create an Asset": Direction.OUTGOING,
        "Create Worksheet": Direction.OUTGOING,
        "Update a single Attribute for all Assets of a particular type, for a Property": Direction.OUTGOING,
        "Update a single Attribute for one or more Assets": Direction.OUTGOING,
        "Asset": Direction.INCOMING,
        "Worksheet": Direction.INCOMING,
    } == {action.title: action.direction for action in MANIFEST.actions.values()}


@pytest.mark.behaviour("M1")
def test_an_asset_needs_type_section_and_a_place_and_its_key_is_stored() -> None:
    assert ["asset_type", "section"] == mandatory("create_asset")
    assert ReferenceUse.STORES is MANIFEST.action("create_asset").reference
    assert "mandatory_mapping" in [problem.rule for problem in remarks("create_asset", *ASSET[:1], reference="r")]


@pytest.mark.behaviour("M1")
@pytest.mark.parametrize("place", ["uprn", "asset_ukey", "site_key"])
def test_one_place_is_enough(place: str) -> None:
    payload, problems = evaluated("create_asset", *ASSET, f"to: {place}, case_field: p", reference="r", p="10001")
    assert ([], "10001") == (problems, payload.text(place))


@pytest.mark.behaviour("M1")
def test_no_place_and_two_places_are_refused_each_in_its_own_words() -> None:
    uprn, site = "to: uprn, case_field: p", "to: site_key, case_field: s"
    (no_row,) = remarks("create_asset", *ASSET, reference="r")
    (two_rows,) = remarks("create_asset", *ASSET, uprn, site, reference="r")
    _, (no_value,) = evaluated("create_asset", *ASSET, uprn, reference="r")
    assert 'none of "UPRN" or "Asset UKey" or "Site Key" has a value.' == no_value.message
    assert 'only one of "UPRN" or "Asset UKey" or "Site Key" may be given.' == two_rows.message
    assert ("one_of", "only_one_of") == (no_row.rule, two_rows.rule)


@pytest.mark.behaviour("M2")
def test_attributes_are_told_by_their_code_and_there_may_be_any_number() -> None:
    rows = [f'to: attribute, key: "A-{number}", text: "{number}"' for number in range(40)]
    payload, problems = evaluated("create_asset", *ASSET, 'to: uprn, text: "1"', *rows, reference="r")
    assert [] == problems
    assert [f"A-{number}" for number in range(40)] == [row["key"] for row in payload.keyed["attribute"]]
    assert "Attribute Code" == MANIFEST.action("create_asset").fields["attribute"].key


@pytest.mark.behaviour("M3")
def test_a_worksheet_has_six_mandatory_mappings_and_its_number_is_stored() -> None:
    wanted = [
        "subject_uprn",
        "department_code",
        "application_code",
        "task_group_code",
        "task_code",
        "date_time_received",
    ]
    assert wanted == mandatory("create_worksheet")
    assert ReferenceUse.STORES is MANIFEST.action("create_worksheet").reference
    problems = remarks("create_worksheet", "to: worksheet_field, key: Notes, text: a", reference="r")
    assert ["mandatory_mapping"] * 6 == [problem.rule for problem in problems]


@pytest.mark.behaviour("M3")
@pytest.mark.parametrize(
    ("reported", "received"),
    [("2026-07-01T08:30:00+00:00", "2026-07-01T09:30:00"), ("2026-12-01T08:30:00+00:00", "2026-12-01T08:30:00")],
)
def test_the_date_and_time_received_is_uk_local_time_without_an_offset(reported: str, received: str) -> None:
    rows = [f'to: {name}, text: "1"' for name in mandatory("create_worksheet")[:-1]]
    payload, problems = evaluated(
        "create_worksheet", *rows, "to: date_time_received, case_field: reported", reference="r", reported=reported
    )
    assert ([], received) == (problems, payload.text("date_time_received"))


@pytest.mark.behaviour("M8")
def test_the_external_reference_is_the_case_reference_unless_a_row_says_otherwise() -> None:
    rows = [f'to: {name}, text: "2026-01-01"' for name in mandatory("create_worksheet")]
    payload, _ = evaluated("create_worksheet", *rows, reference="r")
    assert "C-1" == payload.external_reference(MANIFEST.action("create_worksheet"))


@pytest.mark.behaviour("M4")
@pytest.mark.behaviour("M5")
@pytest.mark.parametrize("action", ["update_asset_attribute_by_property", "update_asset_attribute"])
def test_an_attribute_update_needs_no_reference_and_every_mapping(action: str) -> None:
    declared = MANIFEST.action(action)
    assert (ReferenceUse.NONE, list(declared.fields)) == (declared.reference, mandatory(action))
    rows = [f'to: {name}, text: "1"' for name in declared.fields]
    assert [] == remarks(action, *rows)
    for left_out in range(len(rows)):
        kept = rows[:left_out] + rows[left_out + 1 :]
        assert ["mandatory_mapping"] == [problem.rule for problem in remarks(action, *kept)]


@pytest.mark.behaviour("M5")
def test_the_list_of_asset_keys_is_split_trimmed_and_has_each_key_once() -> None:
    payload, problems = evaluated("update_asset_attribute", *LISTED, keys=" 30002 , 30001,,30002,")
    assert ([], "30002,30001") == (problems, payload.text("asset_keys"))
    assert {"30001", "30002"} <= set(payload.public), "they are ids of M3, which a log may show"


@pytest.mark.behaviour("M5")
@pytest.mark.parametrize(("keys", "rule"), [("", "mandatory_value"), (" , ,", "wrong_value")])
def test_an_empty_list_of_asset_keys_is_refused(keys: str, rule: str) -> None:
    assert [rule] == [problem.rule for problem in evaluated("update_asset_attribute", *LISTED, keys=keys)[1]]


@pytest.mark.behaviour("M6")
@pytest.mark.behaviour("M7")
def test_asset_and_worksheet_follow_their_creates() -> None:
    assert ("create_asset",) == MANIFEST.action("asset").after
    assert ("create_worksheet",) == MANIFEST.action("worksheet").after
