"""Reading the fields of an admin call; a wrong one is refused with a sentence that names it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

# What XML 1.0 cannot carry; a text with one of these could be stored but never answered.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ABSENT: Any = object()


class BadField(ValueError):
    """A field of an admin call cannot be used; the text is a sentence for the caller."""


class Fields:
    """The JSON object of one admin call. Every reader takes its field; what is left over is unknown."""

    def __init__(self, given: dict[str, Any], within: str = "") -> None:
        self._given = dict(given)
        self._known: list[str] = []
        self._within = within

    @classmethod
    def parse(cls, body: bytes) -> Fields:
        """The fields of a body: a JSON object, or nothing at all."""
        if not body.strip():
            return cls({})
        try:
            given = json.loads(body)
        except ValueError as error:
            raise BadField(f"The body is not JSON: {error}.") from None
        except RecursionError:
            raise BadField("The body is not JSON that can be read: it is nested too deeply.") from None
        if not isinstance(given, dict):
            raise BadField(f"The body must be a JSON object, not {json.dumps(given)[:40]}.")
        return cls(given)

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def _take(self, name: str) -> Any:
        self._known.append(name)
        return self._given.pop(name, _ABSENT)

    def _bad(self, name: str, must: str, value: Any) -> BadField:
        return BadField(f'Field "{self._within}{name}" must be {must}, not {json.dumps(value, default=str)[:60]}.')

    def value(self, name: str, default: Any = _ABSENT) -> Any:
        """The field whatever it is."""
        value = self._take(name)
        if value is not _ABSENT:
            return value
        if default is _ABSENT:
            raise BadField(f'Field "{self._within}{name}" is missing.')
        return default

    def text(self, name: str, default: Any = _ABSENT) -> Any:
        """The field as text (or the default)."""
        value = self.value(name, default)
        if value is default:
            return value
        if not isinstance(value, str) or _NOT_XML.search(value):
            raise self._bad(name, "text", value)
        return value

    def code(self, name: str) -> int | str:
        """The field as a vendor's code: a whole number, or text."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int | str) or _NOT_XML.search(str(value)):
            raise self._bad(name, "a whole number or text", value)
        return value

    def choice(self, name: str, choices: Collection[str], default: Any = _ABSENT) -> Any:
        """The field as one of the choices."""
        value = self.value(name, default)
        if value is not default and (not isinstance(value, str) or value not in choices):
            raise self._bad(name, "one of " + ", ".join(choices), value)
        return value

    def integer(self, name: str, default: Any = _ABSENT, minimum: int | None = None) -> Any:
        """The field as a whole number."""
        value = self.value(name, default)
        if value is default:
            return value
        if not isinstance(value, int) or isinstance(value, bool) or (minimum is not None and value < minimum):
            raise self._bad(name, "a whole number" + ("" if minimum is None else f" of at least {minimum}"), value)
        return value

    def number(self, name: str, default: Any = _ABSENT, minimum: float | None = None, maximum: float = 1e9) -> Any:
        """The field as a number."""
        value = self.value(name, default)
        if value is default:
            return value
        usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not usable or abs(value) > maximum or (minimum is not None and value < minimum):
            raise self._bad(name, "a number" + ("" if minimum is None else f" of at least {minimum:g}"), value)
        return float(value)

    def flag(self, name: str, default: Any = _ABSENT) -> Any:
        """The field as true or false."""
        value = self.value(name, default)
        if value is not default and not isinstance(value, bool):
            raise self._bad(name, "true or false", value)
        return value

    def moment(self, name: str) -> datetime | None:
        """The field as a moment with its offset, or None for null."""
        value = self.value(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            moment = None
        # A moment at the very edge of the calendar overflows as soon as a zone or a skew is added to it.
        if moment is None or moment.tzinfo is None or not 1900 <= moment.year <= 2999:
            raise self._bad(name, "null or a date and time with its offset, such as 2026-10-25T00:30:00Z", value)
        return moment

    def group(self, name: str) -> Fields | None:
        """The fields of an object within, or None where there is none."""
        value = self.value(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._bad(name, "an object", value)
        return Fields(value, f"{self._within}{name}.")

    def names(self) -> list[str]:
        """The names not read yet."""
        return list(self._given)

    def end(self) -> None:
        """Nothing is left over.

        Raises:
            BadField: A field was given that nobody reads.
        """
        if self._given:
            unknown = ", ".join(f'"{self._within}{name}"' for name in self._given)
            known = ", ".join(self._known) or "none"
            raise BadField(f"Unknown field {unknown}; known here: {known}.")
