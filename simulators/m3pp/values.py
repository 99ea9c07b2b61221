"""Values that M3 checks: those of an asset's attributes and of some worksheet fields."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True)
class Definition:
    """What values an attribute or a field can have. ``type``: text, integer, decimal, date, yes_no or list."""

    type: str
    values: tuple[str, ...] = ()
    max_length: int = 4000
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def problem(self, value: str) -> str | None:
        """What is wrong with the value, as the end of a sentence; None for nothing."""
        match self.type:
            case "list":
                return None if value in self.values else f"must be one of {', '.join(self.values)}"
            case "yes_no":
                return None if value in ("Y", "N") else "must be Y or N"
            case "date":
                return None if _is_date(value) else "must be a date, yyyy-mm-dd"
            case "integer" | "decimal":
                return self._number_problem(value)
            case _:
                fits = len(value) <= self.max_length
                return None if fits else f"must not be longer than {self.max_length} characters"

    def _number_problem(self, value: str) -> str | None:
        shape, kind = (_INTEGER, "a whole number") if self.type == "integer" else (_DECIMAL, "a number")
        if not shape.fullmatch(value):
            return f"must be {kind}"
        number = Decimal(value)
        if self.minimum is not None and number < self.minimum:
            return f"must not be less than {self.minimum}"
        if self.maximum is not None and number > self.maximum:
            return f"must not be more than {self.maximum}"
        return None


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text):
        with suppress(ValueError):
            date.fromisoformat(text)
            return True
    return False


def uk_local_time(text: str, *, convert: bool) -> datetime | None:
    """The UK wall time that an ``xs:dateTime`` means; None where it means none.

    Args:
        text: As it was sent.
        convert: Turn one with an offset into UK wall time, instead of having none of it.
    """
    if not _MOMENT.fullmatch(text):
        return None
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return moment
        if convert:
            return moment.astimezone(ZONE).replace(tzinfo=None)
    return None
