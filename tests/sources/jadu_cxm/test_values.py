"""Values: as CXM reads them, as it takes them, and when they are the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebridge.core.case import Value
from casebridge.sources.jadu_cxm.profile import read_profile
from casebridge.sources.jadu_cxm.values import is_same, moment, read_value, write_value

FORMATS = read_profile({}).formats
LONDON = "Europe/London"
MEMBERS = ("value", "title")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Yes", "Yes"),
        (True, True),
        (3, 3),
        (1.1, Decimal("1.1")),
        (None, None),
        (["glass", "", None, 2], ("glass", "2")),
        ({"title": "Open", "id": 7}, "Open"),
        ({"value": {"title": "deep"}}, "deep"),
        ({"id": 7}, None),
    ],
)
def test_each_kind_of_json_is_a_value(raw: Any, value: Value) -> None:
    assert value == read_value(raw, MEMBERS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T16:00:00+0000", datetime(2026, 1, 31, 16, tzinfo=UTC)),
        ("2026-07-31T16:00:00+0100", datetime(2026, 7, 31, 15, tzinfo=UTC)),
        ("2026-07-31 16:00", datetime(2026, 7, 31, 15, tzinfo=UTC)),
        ("2026-07-31T16:00:00Z", datetime(2026, 7, 31, 16, tzinfo=UTC)),
        ("2026-02-30", None),
        ("20260131", None),
        ("2026-W05-6", None),
        ("31/01/2026", None),
        ("Call on 2026-01-31", None),
        ("", None),
    ],
)
def test_only_what_looks_like_an_iso_date_is_one(text: str, found: date | None) -> None:
    assert found == moment(text, LONDON)


@given(st.integers(min_value=-2_000_000_000, max_value=30_000_000_000), st.integers(0, 999_999))
def test_a_moment_that_is_written_is_read_as_the_same_moment(seconds: int, microseconds: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=microseconds)
    written = write_value(at, FORMATS, LONDON)

    assert is_same(written, at, LONDON)
    assert at.replace(microsecond=0) == moment(written, LONDON)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 1, 1)))
def test_a_day_that_is_written_is_read_as_the_same_day(day: date) -> None:
    assert day == moment(write_value(day, FORMATS, LONDON), LONDON)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 7, 1, 12, tzinfo=UTC), "2026-07-01T13:00:00+0100"),
        (datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5))), "2026-01-01T07:00:00+0000"),
        (date(2026, 7, 1), "2026-07-01"),
        (Decimal("1.50"), "1.50"),
        (("a", "b"), ["a", "b"]),
        (False, False),
        (0, 0),
        (None, ""),
        ("", ""),
    ],
)
def test_each_kind_of_value_is_written_in_one_way(value: Value, written: Any) -> None:
    assert written == write_value(value, FORMATS, LONDON)


@pytest.mark.parametrize(
    ("held", "new", "same"),
    [
        (None, "", True),
        ("", None, True),
        ("a", None, False),
        (None, "a", False),
        ("242259", "242259", True),
        (242259, "242259", True),
        ("1", "2", False),
        (True, True, True),
        ("true", True, True),
        ("perhaps", True, False),
        (False, "no", True),
        ("2026-07-01T13:00:00+0100", datetime(2026, 7, 1, 12, tzinfo=UTC), True),
        ("2026-07-01T12:00:00+0000", datetime(2026, 7, 1, 12, 0, 0, 7, tzinfo=UTC), True),
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=UTC), False),
        ("2026-07-01", date(2026, 7, 1), True),
        (("a",), ("a",), True),
        (("a",), ("b",), False),
    ],
)
def test_what_is_the_same_is_told_from_what_is_not(held: Value, new: Value, same: bool) -> None:
    assert same is is_same(held, new, LONDON)
