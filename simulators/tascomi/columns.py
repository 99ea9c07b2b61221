"""A column of a table: what text it takes and what text it gives, as PostgreSQL does.

Values reach the database as text (INFERRED: a client sends the literal ``now`` for a date), so what PostgreSQL
reads for a type is what may be sent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time

Value = str | int | float | bool | datetime | None

_BITS = {"integer": 31, "bigint": 63}
_TRUE, _FALSE = ("t", "true", "y", "yes", "on", "1"), ("f", "false", "n", "no", "off", "0")
_BLANKS = " \t\r\n"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# PostgreSQL takes an offset on a "timestamp without time zone" and silently ignores it.
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?: ?(?:Z|[+-]\d{2}(?::?\d{2})?))?)?", re.ASCII
)


class BadValue(ValueError):
    """A text that the column cannot take."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        key: Its name in ``tables.yaml``.
        name: Its name on the wire, which the setting ``column_names`` can change.
        type: PostgreSQL's name of its type.
        to: The table that its value is an id of.
        required: A row must have a value.
        system: Only Tascomi itself sets it.
    """

    key: str
    name: str
    type: str
    to: str | None = None
    required: bool = False
    system: bool = False

    def read(self, text: str, now: datetime) -> Value:
        """The value of a text; an empty text is no value (ASSUMED).

        Args:
            text: What was sent.
            now: The wall time that ``now`` and ``today`` mean.

        Raises:
            BadValue: The column's type cannot have it.
        """
        if text == "":
            return None
        if self.type == "text":
            if "\0" in text:  # PostgreSQL has no text with a NUL
                raise BadValue
            return text
        word = text.strip(_BLANKS)
        match self.type:
            case "integer" | "bigint":
                return _integer(word, _BITS[self.type])
            case "double precision":
                return _number(word)
            case "boolean":
                return _boolean(word.lower())
            case _:
                return _moment(word, now)

    def write(self, value: Value) -> str | None:
        """The value as it is answered: every scalar is a text or null (FACT); t and f are INFERRED."""
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "t" if value else "f"
        if isinstance(value, datetime):
            return value.isoformat(sep=" ", timespec="microseconds").rstrip("0").removesuffix(".")
        if isinstance(value, float):
            return repr(value).removesuffix(".0")
        return str(value)

    def finds(self, text: str, now: datetime) -> Callable[[Value], bool]:
        """Tells of a value whether ``?column=text`` finds it.

        A bare date on a timestamp is that whole day (FACT). An empty text finds rows without a value, and a text
        that the type cannot have finds none (both ASSUMED).
        """
        try:
            wanted = self.read(text, now)
        except BadValue:
            return lambda value: False
        if isinstance(wanted, datetime) and _DAY.fullmatch(text.strip(_BLANKS)):
            day = wanted.date()
            return lambda value: isinstance(value, datetime) and value.date() == day
        return lambda value: value == wanted


def _integer(word: str, bits: int) -> int:
    # Digits are counted first: Python refuses to read a number of thousands of them.
    if re.fullmatch(r"[+-]?0*\d{1,19}", word, re.ASCII) and -(2**bits) <= (number := int(word)) < 2**bits:
        return number
    raise BadValue


def _number(word: str) -> float:
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", word, re.ASCII | re.IGNORECASE):
        number = float(word)
        if math.isfinite(number):
            return number
    raise BadValue


def _boolean(word: str) -> bool:
    if word not in _TRUE + _FALSE:
        raise BadValue
    return word in _TRUE


def _moment(word: str, now: datetime) -> datetime:
    if word.lower() == "now":
        return now
    if word.lower() == "today":
        return datetime.combine(now.date(), time())
    if found := _MOMENT.fullmatch(word):
        with suppress(ValueError):
            return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}")
    raise BadValue
