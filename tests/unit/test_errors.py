from __future__ import annotations

import ast
import inspect

import pytest

from casebridge.core import errors
from casebridge.core.errors import (
    CasebridgeError,
    ClockSkew,
    Conflict,
    DuplicateRefused,
    Fenced,
    InDoubtError,
    InvalidMapping,
    InvalidTemplate,
    NeedsPerson,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    RejectedError,
    Throttled,
    TransientError,
    Unreachable,
)
from casebridge.core.problem import Problem

REJECTED = [
    InvalidTemplate,
    InvalidMapping,
    RefusedByTarget,
    DuplicateRefused,
    NotFound,
    NotAuthorised,
    NotConfigured,
    Conflict,
    NeedsPerson,
]
TRANSIENT = [Unreachable, Throttled, ClockSkew, Fenced]


@pytest.mark.parametrize("kind", REJECTED)
def test_what_is_never_retried_is_rejected(kind: type[CasebridgeError]) -> None:
    """Airflow's retry policy goes by the branch, so a class in the wrong one would be retried for days."""
    assert issubclass(kind, RejectedError)
    assert not issubclass(kind, TransientError | InDoubtError)


@pytest.mark.parametrize("kind", TRANSIENT)
def test_what_may_pass_is_transient(kind: type[CasebridgeError]) -> None:
    assert issubclass(kind, TransientError)
    assert not issubclass(kind, RejectedError | InDoubtError)


def test_the_three_branches_are_all_there_is_below_the_root() -> None:
    assert {RejectedError, TransientError, InDoubtError} == set(CasebridgeError.__subclasses__())


def test_every_public_error_is_exported_and_has_the_one_root() -> None:
    """`except CasebridgeError` must miss none; a class that is left out of `__all__` is easily forgotten."""
    declared = {name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)}

    assert sorted(name for name in declared if not name.startswith("_")) == errors.__all__
    assert all(issubclass(getattr(errors, name), CasebridgeError) for name in declared)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    drawn = errors.__doc__ or ""

    assert [] == [name for name in errors.__all__ if name not in drawn]


def test_no_other_module_of_the_core_has_an_error_of_its_own_family() -> None:
    """One file holds the family; a ConversionError never leaves the mapping engine."""
    source = inspect.getsource(errors)
    classes = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]

    assert [*errors.__all__, "_WithProblems"] == [*sorted(set(classes) - {"_WithProblems"}), "_WithProblems"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RefusedByTarget("no"), False),
        (Unreachable("no"), False),
        (Throttled("wait", retry_after=3), False),
        (NotConfigured("no"), False),
        (NotConfigured("no", may_have_happened=True), True),
        (InDoubtError("?"), True),
        (NeedsPerson("?"), True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_knows_whether_a_write_may_have_happened(error: CasebridgeError, expected: bool) -> None:
    assert expected == error.may_have_happened


def test_a_throttled_call_carries_the_pause_that_the_target_asked_for() -> None:
    assert Throttled("wait", retry_after=7.5).retry_after == 7.5
    assert Throttled("wait").retry_after is None


def test_an_invalid_mapping_tells_every_problem_with_its_number() -> None:
    problems = [Problem("a", "first.", row=1), Problem("b", "second.", "Do this.", row=4, field="Team")]

    error = InvalidMapping('template "x" on case 7', problems)

    assert tuple(problems) == error.problems
    assert 'template "x" on case 7: 2 problems\n  1. row 1: first.\n  2. row 4, "Team": second. Do this.' == str(error)


def test_a_single_problem_is_counted_in_the_singular() -> None:
    assert str(InvalidTemplate("t", [Problem("a", "wrong.")])).startswith("t: 1 problem\n")
