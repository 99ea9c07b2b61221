"""One thing that is wrong, told so that the reader can put it right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a problem stops an action or only deserves a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and the way out. Never holds a value of a case.

    Attributes:
        rule: Short stable name of the rule that was broken, for scripts and tests.
        message: What is wrong, in the words of somebody who works with cases.
        way_out: What to do about it.
        row: Number of the mapping row, from 1; None when the problem is not in a row.
        field: Title of the target's field, as the manifest names it.
        origin: Where the value came from, such as `case field "details"`.
        line: Line in the YAML file, from 1.
        severity: Whether it stops the action.
    """

    rule: str
    message: str
    way_out: str = ""
    row: int | None = None
    field: str = ""
    origin: str = ""
    line: int | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """One line: row, field, origin, what is wrong, the way out."""
        where = [f"row {self.row}"] if self.row is not None else []
        if self.field:
            where.append(f'"{self.field}"')
        if self.origin:
            where.append(f"from {self.origin}")
        head = f"{', '.join(where)}: " if where else ""
        return f"{head}{self.message}{' ' + self.way_out if self.way_out else ''}"

    @property
    def stops(self) -> bool:
        """True when an action must not go on."""
        return self.severity is Severity.ERROR

    def as_json(self) -> dict[str, Any]:
        """The problem as plain JSON values."""
        return asdict(self) | {"severity": str(self.severity)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Problem:
        """The problem that `as_json` gave."""
        return cls(**{**data, "severity": Severity(data["severity"])})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known word, or else lists what is known."""
    candidates = sorted(known)
    near = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Known: {', '.join(candidates)}." if candidates else "None is known here."
