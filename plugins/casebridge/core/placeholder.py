"""Case detail placeholders: `{case.item_id}` stands for the value of a case field."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{\s*case\.(?P<name>[A-Za-z0-9_][A-Za-z0-9_-]*)\s*\}")


@dataclass(frozen=True)
class Key:
    """The key of a mapping row: static, or taken from a case field.

    Attributes:
        static: The key itself, when it is the same for every case.
        case_field: The case field that holds the key.
    """

    static: str | None = None
    case_field: str | None = None

    @property
    def origin(self) -> str:
        """Where the key comes from, for people."""
        return f'case field "{self.case_field}"' if self.case_field else f'static text "{self.static}"'


def read_key(text: str) -> Key | None:
    """The key that a text stands for, or None when the text is a broken placeholder."""
    stripped = text.strip()
    if found := _PLACEHOLDER.fullmatch(stripped):
        return Key(case_field=found["name"])
    if "{" in stripped or "}" in stripped:
        return None
    return Key(static=stripped)


def has_placeholder(text: str) -> bool:
    """True when a text holds a placeholder anywhere."""
    return _PLACEHOLDER.search(text) is not None
