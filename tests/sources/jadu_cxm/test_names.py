"""Field names: snake_case on our side, kebab-case where CXM is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebridge.sources.jadu_cxm.names import kebab, snake
from casebridge.sources.jadu_cxm.profile import read_profile

OURS = st.from_regex(r"[a-z][a-z0-9_]{0,40}", fullmatch=True)
THEIRS = st.from_regex(r"[a-z][a-z0-9-]{0,40}", fullmatch=True)


@given(OURS)
def test_a_name_that_is_written_is_read_as_the_same_name(name: str) -> None:
    assert name == snake(kebab(name))


@given(THEIRS)
def test_a_name_that_is_read_is_written_as_the_same_name(name: str) -> None:
    assert name == kebab(snake(name))


@given(OURS)
def test_a_name_may_be_given_in_either_spelling(name: str) -> None:
    assert kebab(name) == kebab(kebab(name))
    assert snake(name) == snake(snake(name))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("worksheet_number", "worksheet-number"), ("first_name", "sys-first-name"), ("first-name", "sys-first-name")],
)
def test_a_field_of_the_system_is_written_with_its_prefix(ours: str, theirs: str) -> None:
    assert theirs == kebab(ours, read_profile({}).written_as)
