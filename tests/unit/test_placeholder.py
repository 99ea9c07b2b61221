from __future__ import annotations

import pytest

from casebridge.core.placeholder import Key, has_placeholder, read_key


@pytest.mark.parametrize("text", ["{case.item_id}", " { case.item_id } ", "{case.item_id }"])
@pytest.mark.behaviour("W3")
@pytest.mark.behaviour("W4")
def test_a_placeholder_is_a_key_from_the_case(text: str) -> None:
    assert Key(case_field="item_id") == read_key(text)


@pytest.mark.parametrize(("text", "expected"), [("80", "80"), (" 80 ", "80"), ("A-1 b", "A-1 b")])
@pytest.mark.behaviour("W3")
@pytest.mark.behaviour("W4")
def test_any_other_text_is_the_key_itself(text: str, expected: str) -> None:
    assert Key(static=expected) == read_key(text)


@pytest.mark.parametrize(
    "text",
    ["{case.item_id", "case.item_id}", "{item_id}", "{{case.item_id}}", "{case.}", "x{case.a}", "{case.a}{case.b}"],
)
def test_a_broken_placeholder_is_no_key(text: str) -> None:
    """Sent as it stands it would reach the target as a key that nobody meant."""
    assert read_key(text) is None


@pytest.mark.parametrize(("text", "expected"), [("a {case.b} c", True), ("a {b} c", False), ("case.b", False)])
def test_a_placeholder_is_seen_within_a_text(text: str, expected: bool) -> None:
    assert expected is has_placeholder(text)


def test_a_key_says_where_it_comes_from() -> None:
    assert Key(case_field="item_id").origin == 'case field "item_id"'
    assert Key(static="80").origin == 'static text "80"'
