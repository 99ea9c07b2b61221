"""When a target says that it made a record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebridge.core.wall_time import moment_of

LONDON = "Europe/London"
CLOCKS_GO_BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(st.integers(0, 365 * 24 * 3600))
def test_a_timestamp_is_never_read_as_earlier_than_it_is(seconds: int) -> None:
    """One hour of the year has two readings; a record must not be ruled out as too old for the wrong one."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    written = moment.astimezone(ZoneInfo(LONDON)).replace(tzinfo=None).isoformat(sep=" ")
    read = moment_of(written, LONDON)
    assert read is not None
    assert read - moment in (timedelta(0), HOUR)
    has_two_readings = CLOCKS_GO_BACK - HOUR <= moment < CLOCKS_GO_BACK + HOUR
    assert has_two_readings or read == moment


def test_an_offset_that_stands_in_the_text_counts() -> None:
    assert datetime(2026, 7, 1, 10, tzinfo=UTC) == moment_of("2026-07-01T12:00:00+02:00", LONDON)


@pytest.mark.parametrize("text", ["", None, "yesterday", "0000-00-00 00:00:00", "0001-01-01T00:00:00"])
def test_what_is_no_timestamp_is_no_moment(text: str | None) -> None:
    assert moment_of(text, LONDON) is None
