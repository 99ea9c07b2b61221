"""The values of case fields: what may be written, and how it is read back."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from simulators.jadu_cxm.case_types import FieldDefinition
from simulators.jadu_cxm.settings import Settings

_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")
#: A wall time without an offset is the council's own (ASSUMED).
_COUNCIL = ZoneInfo("Europe/London")


class BadValue(ValueError):
    """A value that its field cannot have; the text says why."""


def stamp(moment: datetime, settings: Settings) -> str:
    """A timestamp as CXM writes it: ISO 8601, whole seconds, an offset without a colon (FACT)."""
    return f"{moment.astimezone(settings.zone):%Y-%m-%dT%H:%M:%S%z}"


def stored(definition: FieldDefinition, given: Any) -> Any:
    """The value to store. Null and an empty text clear a field (ASSUMED).

    Raises:
        BadValue: The field cannot have it.
    """
    if given is None or given == "":
        if definition.required:
            raise BadValue("This value should not be blank.")
        return None
    match definition.kind:
        case "boolean":
            return _boolean(given)
        case "number":
            return _number(given)
        case "date":
            return _moment(given).date()
        case "datetime":
            return _moment(given).astimezone(UTC).replace(microsecond=0)
        case "choice":
            text = _text(given)
            if text not in definition.choices:
                raise BadValue("The value you selected is not a valid choice.")
            return text
        case _:
            return _text(given)


def read(value: Any, settings: Settings) -> Any:
    """A stored value as the API answers it."""
    if value is None:
        return "" if settings.empty_values == "text" else None
    if isinstance(value, bool):
        return ("true" if value else "false") if settings.booleans_as_text else value
    if isinstance(value, datetime):
        return stamp(value, settings)
    return value.isoformat() if isinstance(value, date) else value


def _text(given: Any) -> str:
    """Text; a number or a boolean is taken as its text, as a PHP form does (ASSUMED)."""
    if isinstance(given, bool):
        return "1" if given else "0"
    if isinstance(given, str | int | float):
        return str(given)
    raise BadValue("This value should be text.")


def _boolean(given: Any) -> bool:
    """JSON's own booleans, and what forms send for them (ASSUMED)."""
    if isinstance(given, bool):
        return given
    word = str(given).lower() if isinstance(given, str | int) else ""
    if word not in _YES + _NO:
        raise BadValue("This value should be true or false.")
    return word in _YES


def _number(given: Any) -> int | float:
    if isinstance(given, str):
        try:
            given = float(given) if "." in given else int(given)
        except ValueError:
            raise BadValue("This value should be a number.") from None
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(_float(given)):
        raise BadValue("This value should be a number.")
    return given


def _float(given: float) -> float:
    try:
        return float(given)
    except OverflowError:
        return math.inf


def _moment(given: Any) -> datetime:
    """ISO 8601: a day, or a date and time with an offset in any of its spellings (ASSUMED)."""
    try:
        # fromisoformat also takes week dates and compact dates, which nothing suggests that CXM takes.
        moment = datetime.fromisoformat(given) if isinstance(given, str) and given[4:5] == given[7:8] == "-" else None
    except ValueError:
        moment = None
    # At the very edge of the calendar a zone overflows.
    if moment is None or not 1900 <= moment.year <= 2999:
        raise BadValue("This value is not a valid date.")
    return moment if moment.tzinfo else moment.replace(tzinfo=_COUNCIL)
