"""Keeps case values out of texts that people other than the case's own workers see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

from casebridge.core.errors import CasebridgeError

HIDDEN = "[…]"
_SHORTEST = 3  # shorter values, such as a quantity, tell nothing and would tear holes into every sentence

E = TypeVar("E", bound=CasebridgeError)


def without_values(text: str, values: Iterable[str]) -> str:
    """The text with every value, and every line of one, hidden.

    A target likes to repeat what it was sent: `Invalid message: Mrs ...`.
    """
    parts: set[str] = set()
    for value in values:
        parts.update(part for part in (value.strip(), *value.splitlines()) if len(part.strip()) >= _SHORTEST)
    for part in sorted(parts, key=len, reverse=True):
        pattern = re.escape(part.strip())
        text = re.sub(rf"(?<!\w){pattern}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
    return text


def hide(error: E, values: Iterable[str]) -> E:
    """The same error with every value hidden in its text."""
    values = tuple(values)
    error.args = tuple(without_values(arg, values) if isinstance(arg, str) else arg for arg in error.args)
    return error
