from __future__ import annotations

import json

import pytest

from casebridge.core.problem import Problem, Severity, did_you_mean

FULL = Problem("r", "is wrong.", "Mend it.", row=3, field="Team", origin='case field "x"', line=9)


@pytest.mark.parametrize(
    "problem", [FULL, Problem("r", "m"), Problem("w", "m", severity=Severity.WARNING)], ids=["full", "short", "warning"]
)
def test_a_problem_survives_the_ledger(problem: Problem) -> None:
    """Problems are kept as JSON beside the action and shown later."""
    assert problem == Problem.from_json(json.loads(json.dumps(problem.as_json())))


def test_a_problem_reads_as_place_then_fault_then_way_out() -> None:
    assert str(FULL) == 'row 3, "Team", from case field "x": is wrong. Mend it.'
    assert str(Problem("r", "is wrong.")) == "is wrong."


def test_only_an_error_stops_an_action() -> None:
    assert FULL.stops
    assert not Problem("r", "m", severity=Severity.WARNING).stops


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("sevice_id", ["service_id", "status"], 'Did you mean "service_id"?'),
        ("Name", ["name", "type"], 'Did you mean "name"?'),
        ("zzz", ["b", "a"], "Known: a, b."),
        ("zzz", [], "None is known here."),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest_or_with_all(word: str, known: list[str], expected: str) -> None:
    assert expected == did_you_mean(word, known)
