"""Reading the inputs of an operation. Almost all are declared string, so the checks are the vendor's own."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulators.whitespace.errors import invalid
from simulators.whitespace.local_time import NO_DATE, parse_local

_INT = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})")
_TRUE, _FALSE = ("true", "1"), ("false", "0", "")


class Input:
    """The members of one input, by their names on the wire. An absent, nil and empty member are the same."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """The member as it was sent; empty where it was not."""
        value = self._given.get(name)
        return value if isinstance(value, str) else ""

    def integer(self, name: str) -> int | None:
        """The member as a 32-bit number; None where it is empty.

        Raises:
            Refusal: It is not one.
        """
        text = self.text(name).strip()
        if not text:
            return None
        if not _INT.fullmatch(text) or not -(2**31) <= int(text) < 2**31:
            raise invalid(name)
        return int(text)

    def needed_integer(self, name: str) -> int:
        """The member as a 32-bit number.

        Raises:
            Refusal: It is missing or not one.
        """
        number = self.integer(name)
        if number is None:
            raise invalid(name)
        return number

    def quantity(self, name: str) -> Decimal | None:
        """The member as a decimal that is not negative; None where it is empty."""
        text = self.text(name).strip()
        if not text:
            return None
        if not _DECIMAL.fullmatch(text) or Decimal(text) < 0:
            raise invalid(name)
        return Decimal(text)

    def flag(self, name: str) -> bool:
        """The member as true or false; it may be 0 or 1, and is false where it is empty."""
        text = self.text(name).strip().lower()
        if text not in _TRUE + _FALSE:
            raise invalid(name)
        return text in _TRUE

    def date(self, name: str) -> datetime | None:
        """The member as UK wall time; None where it is empty or "no date"."""
        text = self.text(name)
        if not text.strip():
            return None
        moment = parse_local(text)
        if moment is None:
            raise invalid(name)
        return None if moment == NO_DATE else moment

    def needed_date(self, name: str) -> datetime:
        """The member as UK wall time.

        Raises:
            Refusal: It is missing or no date.
        """
        moment = self.date(name)
        if moment is None:
            raise invalid(name)
        return moment

    def rows(self, name: str) -> list[Input]:
        """The rows of an array; none where it is absent or empty."""
        rows = self._given.get(name)
        return [Input(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def texts(self, name: str) -> list[str]:
        """The values of an array of scalars."""
        values = self._given.get(name)
        return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []

    def sent(self) -> dict[str, Any]:
        """All of it, as it was read."""
        return self._given
