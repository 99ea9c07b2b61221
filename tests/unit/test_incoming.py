from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from casebridge.core.case import Case, CaseChanges, Value
from casebridge.core.incoming import evaluate_incoming
from casebridge.core.problem import Problem
from casebridge.core.record import Record
from tests.unit.sample import CASE, LONDON, rules, template

FIELDS: dict[str, Value] = {
    "job_id": "J-1",
    "status": "Open",
    "count": "3",
    "cost": "12.50",
    "paid": "false",
    "day": "2026-07-01T00:00:00",
    "due": "2026-07-01T14:30:00",
}
KEYED: Mapping[str, Mapping[str, Value]] = {"attribute": {"COLOUR": "blue", "12": "a dozen"}}


def applied(*rows: str, case: Case = CASE, **changed: Value) -> tuple[CaseChanges, list[Problem]]:
    record = Record("job", "J-1", fields={**FIELDS, **changed}, keyed=KEYED)
    return evaluate_incoming(template(*rows, type_="job"), record, case, timezone=LONDON)


def changes(*rows: str, **changed: Value) -> CaseChanges:
    written, problems = applied(*rows, case=CASE, **changed)
    assert [] == problems
    return written


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("job_id", "J-1"),
        ("count", 3),
        ("cost", Decimal("12.50")),
        ("paid", False),
        ("day", "2026-07-01"),
        ("due", "2026-07-01 14:30"),
    ],
)
def test_a_field_of_the_record_is_stored_in_a_case_field(name: str, expected: Value) -> None:
    assert CaseChanges({"kept": expected}) == changes(f"from: {name}, case_field: kept")


def test_a_date_is_stored_in_a_case_date_with_its_offset() -> None:
    written = changes("from: due, case_date: due", "from: day, case_date: day")

    assert CaseChanges({}, {"due": datetime(2026, 7, 1, 13, 30, tzinfo=UTC), "day": date(2026, 7, 1)}) == written


def test_a_row_writes_a_date_into_a_case_field_in_the_format_that_it_names() -> None:
    assert changes('from: due, case_field: kept, format: "D MMMM YYYY, HH:mm"').fields["kept"] == "1 July 2026, 14:30"


def test_what_the_record_has_not_empties_the_case_field() -> None:
    written = changes(
        "from: status, case_field: kept", "from: due, case_date: due", status="", due="0001-01-01T00:00:00"
    )

    assert CaseChanges({"kept": None}, {"due": None}) == written


def test_a_default_stands_in_for_what_the_record_has_not() -> None:
    written = changes(
        "from: status, case_field: kept, default: None yet",
        'from: due, case_date: due, default: "2026-12-24T18:00"',
        status=None,
        due=None,
    )

    assert written.fields == {"kept": "None yet"}
    assert written.dates == {"due": datetime(2026, 12, 24, 18, 0, tzinfo=UTC)}


@pytest.mark.parametrize(("status", "expected"), [("Open", "In hand"), ("Closed", "Unknown"), ("", "Unknown")])
def test_a_value_map_translates_and_its_default_takes_the_rest(status: str, expected: str) -> None:
    row = "from: status, case_field: kept, map: {Open: In hand}, default: Unknown"

    assert changes(row, status=status).fields["kept"] == expected


def test_a_value_that_the_map_does_not_know_is_a_problem() -> None:
    _, problems = applied("from: status, case_field: kept, map: {Closed: Done}", status="Suspended")

    assert ["wrong_value"] == rules(problems)
    assert "Closed" in problems[0].message
    assert "Suspended" not in str(problems[0])


def test_a_keyed_field_is_chosen_by_a_static_key_or_by_one_of_the_case() -> None:
    written = changes(
        'from: attribute, key: "COLOUR", case_field: a',
        'from: attribute, key: "{case.team}", case_field: b',
        'from: attribute, key: "NONE", case_field: c',
    )

    assert written.fields == {"a": "blue", "b": "a dozen", "c": None}


@pytest.mark.behaviour("C12")
def test_a_row_with_a_problem_leaves_its_case_field_alone_and_the_others_are_written() -> None:
    written, problems = applied(
        "from: count, case_field: count",
        "from: job_id, case_field: number",
        'from: attribute, key: "{case.empty}", case_field: colour',
        count="a few",
    )

    assert CaseChanges({"number": "J-1"}) == written
    assert [(1, "Count"), (3, "Attribute")] == [(problem.row, problem.field) for problem in problems]
    assert all("keeps what it has" in problem.way_out for problem in problems)
    assert 'case field "empty" is empty' in problems[1].message
    assert "a few" not in "".join(map(str, problems))


def test_changes_are_false_when_there_is_nothing_to_write() -> None:
    assert not CaseChanges()
    assert CaseChanges({"a": None})
