from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from casebridge.core.case import Value
from casebridge.core.convert import (
    ConversionError,
    as_text,
    from_wire,
    is_date_format,
    mixes_up_minutes,
    to_moment,
    to_wire,
)
from tests.unit.sample import LONDON, field

DATETIME = field("datetime", format="YYYY-MM-DD HH:mm")
AUTUMN_FIRST = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30 BST
AUTUMN_SECOND = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 01:30 GMT


def wire(value: Value, kind: str, **declared: Any) -> str | int | bool:
    return to_wire(value, field(kind, **declared), timezone=LONDON)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "as it is ", "as it is "),
        ("text", "0123", "0123"),
        ("text", 7, "7"),
        ("text", Decimal("2.50"), "2.50"),
        ("text", Decimal("1E+3"), "1000"),
        ("text", True, "Yes"),
        ("text", False, "No"),
        ("text", ("Blue box", "Green bin"), "Blue box, Green bin"),
        ("text", date(2026, 1, 31), "2026-01-31"),
        ("text", datetime(2026, 7, 1, 12, 30, tzinfo=UTC), "2026-07-01 13:30"),
        ("integer", "289", 289),
        ("integer", " +289 ", 289),
        ("integer", "-1", -1),
        ("integer", "0123", 123),
        ("integer", 5, 5),
        ("integer", Decimal("5.00"), 5),
        ("integer", 2**63 - 1, 2**63 - 1),
        ("decimal", "2.50", "2.50"),
        ("decimal", ".5", "0.5"),
        ("decimal", 3, "3"),
        ("decimal", Decimal("1E+3"), "1000"),
        ("decimal", "-0.12775829999998223", "-0.12775829999998223"),
        ("boolean", True, True),
        ("boolean", "Yes", True),
        ("boolean", " n ", False),
        ("boolean", "off", False),
        ("boolean", 1, True),
        ("date", date(2026, 1, 31), "2026-01-31"),
        ("list", " 17, 18 ,17,,19 ", "17,18,19"),
        ("list", ("17", "18"), "17,18"),
        ("date", "2026-01-31", "2026-01-31"),
        ("date", datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "2026-07-01"),
        ("datetime", datetime(2026, 1, 1, 12, 0, tzinfo=UTC), "2026-01-01 12:00"),
        ("datetime", datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "2026-07-01 13:00"),
        ("datetime", "2026-07-01T13:05Z", "2026-07-01 14:05"),
        ("datetime", "2026-07-01T13:05", "2026-07-01 13:05"),
        ("datetime", datetime(2026, 7, 1, 2, 0, tzinfo=timezone(timedelta(hours=5, minutes=45))), "2026-06-30 21:15"),
        ("datetime", date(2026, 7, 1), "2026-07-01 00:00"),
    ],
)
def test_a_value_takes_the_type_of_its_field(kind: str, value: Value, expected: object) -> None:
    sent = wire(value, kind)

    assert expected == sent
    assert type(expected) is type(sent)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("list", " , ,, ", "empty list"),
        ("integer", "front gate", "whole number"),
        ("integer", "1.5", "whole number"),
        ("integer", Decimal("1.5"), "whole number"),
        ("integer", Decimal("NaN"), "whole number"),
        ("integer", Decimal("1E+30000000"), "whole number"),
        ("integer", True, "whole number"),
        ("integer", "٢٨٩", "whole number"),
        ("integer", str(2**63), "too large"),
        ("integer", -(2**64), "too large"),
        ("decimal", "1,000", "thousands commas"),
        ("decimal", "1e3", "not a number"),
        ("decimal", "NaN", "not a number"),
        ("decimal", "Infinity", "not a number"),
        ("decimal", Decimal("Infinity"), "not a number"),
        ("decimal", Decimal("1E+30000000"), "too many digits"),
        ("text", Decimal("1E+30000000"), "too many digits"),
        ("decimal", False, "not a number"),
        ("boolean", "perhaps", "neither yes nor no"),
        ("boolean", 2, "neither yes nor no"),
        ("date", "31/01/2026", "2026-01-31"),
        ("date", "2026-02-30", "not a date"),
        ("date", 20260131, "not a date"),
        ("datetime", "tomorrow", "not a date"),
        ("date", date(24, 11, 24), "out of range"),
        ("datetime", "0024-11-24T12:00", "out of range"),
        ("datetime", datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-5))), "out of range"),
        ("datetime", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), "out of range"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_without_being_repeated(kind: str, value: Value, words: str) -> None:
    """The sentence goes to a log that more people read than the case: it says what would fit, not what stood there."""
    with pytest.raises(ConversionError, match=words) as refused:
        wire(value, kind)

    assert str(value) not in str(refused.value)


def test_a_text_that_is_too_long_says_by_how_much() -> None:
    with pytest.raises(ConversionError, match="is 1,001 characters long; at most 1,000 can be taken"):
        wire("x" * 1001, "text", max_length=1000)
    assert wire("x" * 1000, "text", max_length=1000) == "x" * 1000


@pytest.mark.parametrize("noise", ["\x00", "\x0b", "\x1f", "\ud800", "\uffff"])
def test_what_is_no_character_is_left_out(noise: str) -> None:
    """A word processor leaves vertical tabs, a broken form half an emoji; no database and no XML takes them."""
    assert wire(f"gate{noise} blocked", "text") == "gate blocked"
    assert wire((f"a{noise}", "b"), "text") == "a, b"


def test_line_ends_tabs_and_emoji_stay() -> None:
    assert wire("a\tb\r\nc 🗑️", "text") == "a\tb\r\nc 🗑️"


@pytest.mark.parametrize("moment", [AUTUMN_FIRST, AUTUMN_SECOND])
def test_both_hours_of_the_autumn_night_are_written_as_the_clock_on_the_wall(moment: datetime) -> None:
    assert to_wire(moment, DATETIME, timezone=LONDON) == "2026-10-25 01:30"


def test_the_offset_tells_the_two_hours_of_the_autumn_night_apart() -> None:
    with_offset = "YYYY-MM-DD HH:mm Z"

    assert as_text(AUTUMN_FIRST, timezone=LONDON, date_format=with_offset) == "2026-10-25 01:30 +01:00"
    assert as_text(AUTUMN_SECOND, timezone=LONDON, date_format=with_offset) == "2026-10-25 01:30 +00:00"


def test_an_hour_that_spring_skips_is_read_as_the_hour_after() -> None:
    """02:30 does not lie before what was meant, 00:30 would."""
    assert to_wire("2026-03-29T01:30", DATETIME, timezone=LONDON) == "2026-03-29 02:30"
    assert from_wire("2026-03-29T01:30:00", DATETIME, timezone=LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_first_of_two_equal_hours_is_meant_when_a_target_gives_no_offset() -> None:
    assert AUTUMN_FIRST == from_wire("2026-10-25T01:30:00", DATETIME, timezone=LONDON)


@pytest.mark.parametrize(
    ("timezone_name", "expected"),
    [("Europe/London", "13:00"), ("UTC", "12:00"), ("Asia/Kathmandu", "17:45"), ("America/New_York", "08:00")],
)
def test_a_date_time_is_written_in_the_time_zone_of_the_target(timezone_name: str, expected: str) -> None:
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    assert to_wire(moment, DATETIME, timezone=timezone_name) == f"2026-07-01 {expected}"


@pytest.mark.parametrize(("time", "expected"), [(None, "00:00"), ("23:59", "23:59")])
def test_a_date_without_a_time_gets_the_time_that_the_manifest_declares(time: str | None, expected: str) -> None:
    """Due on a day means by its end; a Worksheet due at 00:00 is overdue when the day begins."""
    declared = field("datetime", format="YYYY-MM-DD HH:mm", date_only_time=time)

    assert to_wire(date(2026, 7, 1), declared, timezone=LONDON) == f"2026-07-01 {expected}"


def test_the_format_of_a_row_goes_before_that_of_the_field() -> None:
    declared = field("date", format="DD/MM/YYYY")

    assert to_wire(date(2026, 1, 31), declared, timezone=LONDON) == "31/01/2026"
    assert to_wire(date(2026, 1, 31), declared, timezone=LONDON, row_format="D MMMM YYYY") == "31 January 2026"


def test_a_date_without_a_time_is_midnight_in_a_format_that_asks_for_hours() -> None:
    """A rule may fill a case date with or without a time: neither may stop an action."""
    assert as_text(date(2026, 1, 31), timezone=LONDON, date_format="DD/MM/YYYY HH:mm") == "31/01/2026 00:00"


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("text", " Open ", " Open "),
        ("text", 5, "5"),
        ("integer", "42", 42),
        ("decimal", "2.50", Decimal("2.50")),
        ("decimal", 2, Decimal(2)),
        ("boolean", "true", True),
        ("boolean", False, False),
        ("date", "2026-01-31", date(2026, 1, 31)),
        ("date", "2026-01-31T00:00:00", date(2026, 1, 31)),
        ("date", "2026-06-30T23:30:00Z", date(2026, 7, 1)),
        ("datetime", "2026-07-01T14:30:00", datetime(2026, 7, 1, 13, 30, tzinfo=UTC)),
        ("datetime", "2026-01-01T14:30:00", datetime(2026, 1, 1, 14, 30, tzinfo=UTC)),
        ("datetime", "2026-07-01T14:30:00+02:00", datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("datetime", "2026-07-01", datetime(2026, 6, 30, 23, 0, tzinfo=UTC)),
    ],
)
def test_what_a_target_gives_takes_the_type_that_the_manifest_declares(
    kind: str, given: Value, expected: Value
) -> None:
    read = from_wire(given, field(kind), timezone=LONDON)

    assert expected == read
    assert type(expected) is type(read)


@pytest.mark.parametrize("kind", ["text", "integer", "decimal", "boolean", "date", "datetime"])
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_from_a_target_stays_nothing(kind: str, nothing: Value) -> None:
    assert from_wire(nothing, field(kind), timezone=LONDON) is None


@pytest.mark.parametrize("kind", ["date", "datetime"])
@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z"])
def test_the_year_one_means_no_date(kind: str, text: str) -> None:
    """.NET writes its smallest date where there is none; on a case it would be two thousand years overdue."""
    assert from_wire(text, field(kind), timezone=LONDON) is None


@pytest.mark.parametrize(
    ("kind", "given"),
    [("integer", "x"), ("decimal", "x"), ("boolean", "x"), ("date", "x"), ("datetime", "9999-12-31T23:59:59-01:00")],
)
def test_what_a_target_gives_and_does_not_fit_is_refused(kind: str, given: str) -> None:
    with pytest.raises(ConversionError) as refused:
        from_wire(given, field(kind), timezone=LONDON)
    assert given not in str(refused.value).split()


def test_a_date_time_keeps_the_offset_that_stands_in_the_text() -> None:
    moment = to_moment("2026-07-01T14:30+02:00")

    assert isinstance(moment, datetime)
    assert timedelta(hours=2) == moment.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "DD/MM/YYYY",
        "YYYY-MM-DD HH:mm",
        "YYYYMMDD",
        "D MMMM YYYY",
        "ddd, DD MMM YY",
        "h:mm A",
        "YYYY-MM-DD[T]HH:mm:ss",
        "[Due on ]D.M.YYYY",
    ],
)
def test_a_date_format_of_known_tokens_is_one(text: str) -> None:
    assert is_date_format(text)
    assert not mixes_up_minutes(text)


@pytest.mark.parametrize(
    "text", ["%d/%m/%Y", "dd/mm/yyyy", "", "  ", "/", "DD/MM/YYYYY", "DDD", "jj.mm.aaaa", "soon", "YYYY-MM-DDTHH:mm"]
)
def test_any_other_text_is_no_date_format(text: str) -> None:
    assert not is_date_format(text)


@pytest.mark.parametrize("text", ["DD/mm/YYYY", "YYYY-mm-DD", "DD/MM/YYYY HH:MM", "HH:MM:ss", "h:M A"])
def test_months_and_minutes_are_not_mixed_up(text: str) -> None:
    """Both are valid tokens: without this the 24th of November is sent as the 24th of the minute."""
    assert mixes_up_minutes(text)
