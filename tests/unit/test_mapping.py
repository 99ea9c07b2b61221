from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from casebridge.core.case import Case, Value
from casebridge.core.mapping import case_detail, evaluate
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem
from casebridge.core.template import Source, SourceKind
from tests.unit.sample import CASE, LONDON, as_sent, rules, template


def evaluated(
    *rows: str, case: Case = CASE, type_: str = "create_job", team: bool = True
) -> tuple[Payload, list[Problem]]:
    mandatory = ("to: team, case_field: team",) if team and type_ == "create_job" else ()
    return evaluate(template(*mandatory, *rows, type_=type_), case, timezone=LONDON)


def sent(*rows: str, case: Case = CASE, type_: str = "create_job") -> dict[str, object]:
    payload, problems = evaluated(*rows, case=case, type_=type_)
    assert [] == problems
    return as_sent(payload)


def with_fields(**fields: Value) -> Case:
    return replace(CASE, fields={**CASE.fields, **fields})


@pytest.mark.behaviour("C5")
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("to: notes, case_field: details", "gate blocked"),
        ("to: notes, case_date: due", "2026-11-24"),
        ("to: notes, case_date: reported", "2026-07-01 13:30"),
        ("to: notes, person: name", "Wilhelmina"),
        ("to: notes, address: line1", "Quarry Cottage"),
        ('to: notes, text: "always the same"', "always the same"),
    ],
)
def test_a_row_takes_its_value_from_one_of_the_five_places(row: str, expected: str) -> None:
    assert expected == sent(row)["notes"]


@pytest.mark.behaviour("C5")
def test_a_manual_text_is_the_same_for_every_case() -> None:
    other = Case(reference="CASE-8", fields={"team": "3"})

    assert sent('to: notes, text: "yes"')["notes"] == "yes"
    assert sent('to: notes, text: "yes"', case=other)["notes"] == "yes"


@pytest.mark.behaviour("C6")
def test_any_number_of_optional_mappings_goes_along_with_the_mandatory_one() -> None:
    rows = [f'to: attribute, key: "A{number}", text: "{number}"' for number in range(200)]

    everything = sent("to: notes, case_field: details", "to: urgent, case_field: urgent", *rows)

    assert everything["team"] == 12
    assert everything["attribute"] == [{"key": f"A{number}", "value": str(number)} for number in range(200)]
    assert sent().keys() == {"place", "team", "our_reference"}


@pytest.mark.behaviour("C7")
@pytest.mark.parametrize("case", [with_fields(team=""), with_fields(team=None), with_fields(team="  "), Case("CASE-9")])
def test_a_mandatory_mapping_without_a_value_is_told_with_its_row_and_its_way_out(case: Case) -> None:
    _, problems = evaluated(case=case)

    assert [
        Problem(
            "mandatory_value",
            "the mandatory mapping has no value: what it takes is empty.",
            f"Fill it on case {case.reference}, or give the row a default or a manual text.",
            row=1,
            field="Team",
            origin='case field "team"',
            line=5,
        )
    ] == problems


def test_a_zero_and_a_no_are_values() -> None:
    everything = sent(
        "to: urgent, case_field: urgent", "to: weight, case_field: weight", case=with_fields(urgent=False, weight=0)
    )

    assert everything["urgent"] is False
    assert everything["weight"] == "0"


def test_an_optional_row_without_a_value_is_left_out() -> None:
    assert "notes" not in sent("to: notes, case_field: empty")
    assert "notes" not in sent("to: notes, case_field: nobody_knows_it")
    assert "day" not in sent("to: day, case_date: never")
    assert "notes" not in sent("to: notes, person: name", case=replace(CASE, person={}))


def test_a_value_of_nothing_but_unsendable_characters_is_no_value() -> None:
    """An empty text in a mandatory field is what the target would get otherwise."""
    assert "notes" not in sent("to: notes, case_field: details", case=with_fields(details="\x00\x01"))


@pytest.mark.behaviour("C12")
def test_all_problems_are_told_at_once_in_the_order_of_the_rows() -> None:
    """A case officer corrects a case once, and not once for each row."""
    payload, problems = evaluated(
        "to: message, case_field: details",
        "to: day, case_field: details",
        "to: urgent, case_field: details",
        "to: weight, case_field: details",
        'to: quantity, key: "{case.details}", text: "1"',
        'to: quantity, key: "{case.empty}", text: "1"',
        "to: notes, case_field: details, map: {other: x}",
        case=with_fields(team="none", details="a very long sentence indeed"),
    )

    assert [1, 2, 3, 4, 5, 6, 7, 8] == [problem.row for problem in problems]
    assert [*["wrong_value"] * 5, "wrong_key", "empty_key", "not_in_map"] == rules(problems)
    assert all(problem.stops and problem.way_out and problem.field and problem.origin for problem in problems)
    assert {"place", "our_reference"} == payload.fields.keys()


def test_a_wrong_mandatory_value_is_told_once() -> None:
    """That it is missing, too, would be true and of no use."""
    assert ["wrong_value"] == rules(evaluated(case=with_fields(team="x"))[1])


@pytest.mark.behaviour("C12")
def test_no_problem_repeats_a_value_of_the_case() -> None:
    private = "Wilhelmina of Quarry Cottage"
    _, problems = evaluated(
        "to: message, case_field: details",
        "to: weight, case_field: details",
        "to: due, case_field: details",
        "to: notes, case_field: details, map: {other: x}",
        'to: quantity, key: "{case.details}", text: "1"',
        case=with_fields(team=private, details=private),
    )

    assert len(problems) == 6
    assert private not in "\n".join(str(problem) + json.dumps(problem.as_json()) for problem in problems)


def test_a_value_map_translates_and_its_default_takes_the_rest() -> None:
    row = "to: notes, case_field: details, map: {gate blocked: G, other: O}, default: D"

    assert sent(row)["notes"] == "G"
    assert sent(row, case=with_fields(details="something else"))["notes"] == "D"
    assert sent(row, case=with_fields(details=""))["notes"] == "D"


def test_a_value_that_the_map_does_not_know_is_a_problem_that_says_what_it_knows() -> None:
    _, problems = evaluated("to: notes, case_field: details, map: {Front: F, Side gate: S}")

    assert ["not_in_map"] == rules(problems)
    assert '"Front", "Side gate"' in problems[0].message


@pytest.mark.parametrize(
    ("value", "known"), [(True, "Yes"), (2, "2"), (("a", "b"), '"a, b"'), (date(2026, 1, 31), "2026-01-31")]
)
def test_a_value_map_knows_values_as_people_write_them(value: Value, known: str) -> None:
    assert sent(f"to: notes, case_field: details, map: {{{known}: X}}", case=with_fields(details=value))["notes"] == "X"


def test_a_date_that_cannot_be_written_in_the_target_s_time_zone_is_a_problem_in_a_value_map_too() -> None:
    case = replace(CASE, dates={"due": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)})
    chosen = template("to: team, case_field: team", "to: notes, case_date: due, map: {a: b}")

    _, problems = evaluate(chosen, case, timezone="Asia/Tokyo")

    assert ["wrong_value"] == rules(problems)


def test_a_default_fills_what_the_case_leaves_empty() -> None:
    assert sent("to: notes, case_field: empty, default: none given")["notes"] == "none given"


@pytest.mark.behaviour("W3")
@pytest.mark.behaviour("W4")
@pytest.mark.parametrize(("key", "expected"), [('"80"', 80), ("80", 80), ('"{case.item}"', 22)])
def test_a_key_is_static_or_taken_from_the_case(key: str, expected: int) -> None:
    assert sent(f'to: quantity, key: {key}, text: "2"')["quantity"] == [{"key": expected, "value": "2"}]


@pytest.mark.behaviour("W3")
@pytest.mark.behaviour("W4")
def test_a_keyed_field_has_as_many_rows_as_it_is_given_in_their_order() -> None:
    everything = sent(
        'to: quantity, key: "9", text: "1"',
        'to: attribute, key: "COLOUR", text: blue',
        'to: quantity, key: "{case.item}", case_field: weight',
        'to: quantity, key: "3", text: "2"',
    )

    assert [(9, "1"), (22, "2.50"), (3, "2")] == [(row["key"], row["value"]) for row in everything["quantity"]]  # type: ignore[attr-defined]
    assert everything["attribute"] == [{"key": "COLOUR", "value": "blue"}]


@pytest.mark.behaviour("W4")
@pytest.mark.parametrize(("item", "rule"), [("", "empty_key"), ("blue box", "wrong_key")])
def test_a_key_from_the_case_that_cannot_be_used_is_told_with_its_case_field(item: str, rule: str) -> None:
    _, problems = evaluated('to: quantity, key: "{case.item}", text: "1"', case=with_fields(item=item))

    assert [rule] == rules(problems)
    assert problems[0].origin == 'case field "item"'
    assert "Item ID" in problems[0].message
    assert "CASE-7" in problems[0].way_out


def test_a_keyed_row_without_a_value_needs_no_key() -> None:
    assert "quantity" not in sent('to: quantity, key: "{case.empty}", case_field: empty')


def test_fields_are_sent_in_the_order_in_which_the_target_declares_them() -> None:
    """A SOAP sequence is strict about its order; a template's rows stand as people think of them."""
    forwards = sent("to: notes, text: a", 'to: weight, text: "1"', "to: day, case_date: due")
    backwards = sent("to: day, case_date: due", 'to: weight, text: "1"', "to: notes, text: a")

    assert list(forwards) == list(backwards) == ["place", "team", "our_reference", "notes", "weight", "day"]


def test_a_field_without_a_row_takes_what_the_manifest_says_otherwise() -> None:
    everything = sent()

    assert everything["place"] == "10001"
    assert everything["our_reference"] == "CASE-7"


def test_a_row_goes_before_what_the_manifest_says_otherwise() -> None:
    assert sent("to: our_reference, case_field: item")["our_reference"] == "22"


def test_an_empty_row_leaves_the_field_to_what_the_manifest_says_otherwise() -> None:
    """Without our reference on the record a lost answer could never be cleared up."""
    assert sent("to: our_reference, case_field: empty")["our_reference"] == "CASE-7"


def test_a_case_without_a_linked_address_has_no_value_from_it() -> None:
    assert "place" not in sent(case=replace(CASE, address={}))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("to: uprn, text: a", "to: reason, text: a"), []),
        (("to: uprn, text: a", "to: reason, text: a", "to: code, text: b"), []),
        (("to: uprn, case_field: empty", "to: code, text: b"), ["one_of"]),
        (("to: site, text: a", "to: reason, case_field: empty"), ["one_of"]),
    ],
)
def test_of_a_group_of_fields_the_template_gives_as_many_as_are_needed(
    rows: tuple[str, ...], expected: list[str]
) -> None:
    chosen = template(*rows, type_="close_job")

    assert expected == rules(evaluate(chosen, CASE, timezone=LONDON)[1])


def test_the_same_case_and_template_always_make_the_same_payload() -> None:
    first, second = evaluated("to: due, case_date: due")[0], evaluated("to: due, case_date: due")[0]

    assert first.digest == second.digest
    assert first.as_json() == second.as_json()


def test_what_came_from_the_template_is_public_and_what_came_from_the_case_is_not() -> None:
    payload, _ = evaluated(
        "to: notes, text: same for all",
        "to: message, case_field: details",
        'to: quantity, key: "9001", text: "1"',
        'to: attribute, key: "{case.details}", text: "same for all"',
    )

    assert {"CASE-7", "same for all", "9001"} <= set(payload.public)
    assert ["10001", "12", "gate blocked", "gate blocked"] == sorted(payload.private_values())


def test_a_case_detail_is_found_in_its_own_place_only() -> None:
    assert case_detail(CASE, Source(SourceKind.CASE_FIELD, "details")) == "gate blocked"
    assert case_detail(CASE, Source(SourceKind.PERSON, "details")) is None
    assert case_detail(CASE, Source(SourceKind.TEXT, "details")) == "details"
