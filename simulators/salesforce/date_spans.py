"""The days that a date literal such as LAST_N_DAYS:7 stands for, in UTC.

Weeks begin on Sunday, as in the vendor's en_US.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from simulators.salesforce.soql_query import DateLiteral


def span(literal: DateLiteral, now: datetime) -> tuple[datetime, datetime]:
    """Its first moment, and the first moment after it."""
    first, after = _days(literal, now.astimezone(UTC).date())
    return _midnight(first), _midnight(after)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _days(literal: DateLiteral, today: date) -> tuple[date, date]:
    name, count = literal.name, literal.count or 0
    tomorrow = today + timedelta(days=1)
    match name:
        case "TODAY":
            return today, tomorrow
        case "YESTERDAY":
            return today - timedelta(days=1), today
        case "TOMORROW":
            return tomorrow, tomorrow + timedelta(days=1)
        case "LAST_90_DAYS" | "LAST_N_DAYS":
            return today - timedelta(days=90 if name == "LAST_90_DAYS" else count), tomorrow
        case "NEXT_90_DAYS" | "NEXT_N_DAYS":
            return tomorrow, tomorrow + timedelta(days=90 if name == "NEXT_90_DAYS" else count)
        case "N_DAYS_AGO":
            return today - timedelta(days=count), tomorrow - timedelta(days=count)
    step = {"LAST": -1, "THIS": 0, "NEXT": 1}[name.partition("_")[0]]
    if name.endswith("WEEK"):
        sunday = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=step)
        return sunday, sunday + timedelta(weeks=1)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[name.partition("_")[2]]
    begins = (today.year * 12 + today.month - 1) // months * months + step * months
    return _first_of(begins), _first_of(begins + months)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
