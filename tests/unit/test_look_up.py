"""What a look-up after a lost answer tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebridge.core.look_up import CLOCK_DIFFERENCE, Absent, Ours, TooEarly, Unclear, Verdict, judge, plausible
from casebridge.core.record import Found

SENT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def verdict(*found: Found, after_s: float = 10) -> Verdict:
    return judge(found, sent_at=SENT, now=SENT + timedelta(seconds=after_s), look_again_after=(30, 300))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([Found("1")], Ours("1")),
        ([Found("1"), Found("2", certain=False)], Ours("1")),
        ([Found("1"), Found("2")], Unclear(("1", "2"))),
        ([Found("2", certain=False)], Unclear(("2",))),
    ],
)
def test_one_certain_record_is_ours_and_anything_else_is_for_a_person(found: list[Found], expected: Verdict) -> None:
    assert expected == verdict(*found)


@pytest.mark.parametrize(
    ("after_s", "expected"), [(10, TooEarly(20)), (30, TooEarly(270)), (299, TooEarly(1)), (300, Absent(300))]
)
def test_nothing_found_means_absent_only_after_the_last_look(after_s: float, expected: Verdict) -> None:
    """A record may appear late."""
    assert expected == verdict(after_s=after_s)


def test_a_record_of_another_action_cannot_be_ours() -> None:
    assert [Found("2")] == plausible([Found("1"), Found("2")], taken={"1"}, first_sent_at=SENT)


@given(st.integers(-100_000, 100_000))
def test_a_record_made_long_before_the_first_send_cannot_be_ours(seconds: int) -> None:
    """Clocks differ by minutes, not by more."""
    found = Found("1", created_at=SENT + timedelta(seconds=seconds))
    is_possible = timedelta(seconds=seconds) >= -CLOCK_DIFFERENCE
    assert is_possible is bool(plausible([found], taken=(), first_sent_at=SENT))
