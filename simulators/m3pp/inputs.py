"""Reading the input of an operation by the contract's names; a refusal uses the names on the wire."""

from __future__ import annotations

from typing import Any

from simulators.m3pp.errors import Refusal
from simulators.m3pp.profile import WireMessage


class Input:
    """The members of one request. An absent, nil and empty one are the same.

    White space around a text is not part of it, except around the values in an array of pairs.
    """

    def __init__(self, given: dict[str, Any], message: WireMessage) -> None:
        self._given = given
        self._message = message

    def text(self, name: str) -> str:
        """The member; empty where it was not sent."""
        value = self._given.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """The rows of an array of texts, without empty ones."""
        rows = self._given.get(name)
        return [row.strip() for row in rows if row and row.strip()] if isinstance(rows, list) else []

    def pairs(self, name: str, key: str, what: str) -> dict[str, str]:
        """The rows of an array as key and ``Value``, in order; a value is as it was sent.

        Raises:
            Refusal: A row has no key, or a key comes twice.
        """
        pairs: dict[str, str] = {}
        for row in self._given.get(name) or []:
            code = (row.get(key) or "").strip()
            if not code:
                raise Refusal("mandatory_field", f"A {what} of {self.element(name)} has no {key}.")
            if code in pairs:
                raise Refusal("value_invalid", f'The {what} "{code}" is given twice.')
            pairs[code] = row.get("Value") or ""
        return pairs

    def need(self, *names: str) -> None:
        """All of these are there.

        Raises:
            Refusal: Some are not; each is named.
        """
        missing = [self.element(name) for name in names if not (self.text(name) or self.texts(name))]
        if missing:
            raise Refusal("mandatory_field", f"Mandatory field missing: {', '.join(missing)}.")

    def element(self, name: str) -> str:
        """What a member is called on the wire."""
        return self._message.element(name)
