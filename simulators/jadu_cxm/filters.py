"""Saved filters: the only way to see which cases have changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simulators.jadu_cxm.cases import Case


@dataclass(frozen=True)
class SavedFilter:
    """Cases of some types in some statuses (empty: all), sorted.

    Attributes:
        name: As it stands in the address of its listing.
        types: Names of case types.
        statuses: Names of statuses.
        sort: ``updated`` (newest first, as pollers need it) or ``created`` (oldest first).
    """

    name: str
    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    sort: str = "updated"

    def listing(self, cases: Iterable[Case]) -> list[Case]:
        """The cases that it shows, in order."""
        shown = [
            case
            for case in cases
            if (not self.types or case.type.name in self.types) and (not self.statuses or case.status in self.statuses)
        ]
        if self.sort == "updated":
            shown.sort(key=lambda case: case.updated_at, reverse=True)
        else:
            shown.sort(key=lambda case: case.created_at)
        return shown

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {"name": self.name, "types": list(self.types), "statuses": list(self.statuses), "sort": self.sort}
