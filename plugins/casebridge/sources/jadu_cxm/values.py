"""Values of case fields: as CXM reads them, and as it takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pendulum

from casebridge.core.case import Value, is_empty
from casebridge.core.convert import ConversionError, to_boolean
from casebridge.sources.jadu_cxm.profile import Formats

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def read_value(raw: Any, members: Sequence[str]) -> Value:
    """A value of CXM's JSON as a case holds it.

    Args:
        raw: The value.
        members: Of an object: the members that may hold its value.
    """
    match raw:
        case None | str() | bool() | int():
            return raw
        case float():
            return Decimal(str(raw))
        case list():
            parts = [read_value(part, members) for part in raw]
            return tuple(str(part) for part in parts if not is_empty(part))
        case dict():
            return next((read_value(raw[name], members) for name in members if raw.get(name) not in (None, "")), None)
        case _:
            return str(raw)


def moment(value: Value, timezone: str) -> date | datetime | None:
    """The date or date-time in a value that looks like one; a date-time without offset is in the given time zone."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            found = datetime.fromisoformat(text)
            return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        pass  # it only looked like one: 2026-02-30
    return None


def write_value(value: Value, formats: Formats, timezone: str) -> Any:
    """A value as CXM takes it in JSON."""
    if is_empty(value):
        return formats.empty
    match value:
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))
            return pendulum.instance(aware).in_timezone(timezone).format(formats.datetime)
        case date():
            return pendulum.datetime(value.year, value.month, value.day).format(formats.date)
        case Decimal():
            return format(value, "f")
        case tuple():
            return list(value)
        case _:
            return value


def is_same(held: Value, new: Value, timezone: str) -> bool:
    """Whether writing the new value over the held one would change nothing."""
    if is_empty(held) or is_empty(new):
        return is_empty(held) and is_empty(new)
    if isinstance(new, datetime):
        aware = new if new.tzinfo else new.replace(tzinfo=ZoneInfo(timezone))
        found = moment(held, timezone)
        return isinstance(found, datetime) and found == aware.replace(microsecond=0)
    if isinstance(new, date):
        return moment(held, timezone) == new
    if isinstance(new, bool) or isinstance(held, bool):
        try:
            return to_boolean(held) is to_boolean(new)
        except ConversionError:
            return False
    if isinstance(new, tuple) or isinstance(held, tuple):
        return held == new
    return str(held) == str(new)
