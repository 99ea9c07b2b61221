"""The worksheets that M3 holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulators.clock import Clock
from simulators.m3pp.council import TaskCodes
from simulators.m3pp.errors import Refusal
from simulators.shown import plain

_FIRST_NUMBER = 84001


@dataclass
class Worksheet:
    """One worksheet.

    Attributes:
        reference: Its number, given by M3.
        received: When the work was reported, UK wall time.
        created_at: When M3 took it, in UTC.
        fields: All other fields by their names; one of them holds the caller's own reference.
    """

    reference: str
    uprn: str
    codes: TaskCodes
    received: datetime
    fields: dict[str, str]
    created_at: datetime

    def shown(self) -> dict[str, Any]:
        """The whole of it as JSON, for the admin side."""
        shown: dict[str, Any] = plain(
            {
                "worksheet_reference": self.reference,
                "subject_uprn": self.uprn,
                "department_code": self.codes.department,
                "application_code": self.codes.application,
                "task_group_code": self.codes.task_group,
                "task_code": self.codes.task,
                "date_time_received": self.received,
                "fields": self.fields,
                "created_at": self.created_at.isoformat().replace("+00:00", "Z"),
            }
        )
        return shown


class Worksheets:
    """All worksheets, in order of creation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, Worksheet] = {}
        self._next = _FIRST_NUMBER

    def __iter__(self) -> Iterator[Worksheet]:
        return iter(self._held.values())

    def create(self, uprn: str, codes: TaskCodes, received: datetime, fields: dict[str, str]) -> Worksheet:
        """A new worksheet with the next number."""
        sheet = Worksheet(f"WK{self._next}", uprn, codes, received, fields, self._clock.now())
        self._next += 1
        self._held[sheet.reference] = sheet
        return sheet

    def get(self, reference: str) -> Worksheet:
        """The worksheet with that number."""
        if reference not in self._held:
            raise Refusal("worksheet_not_found", f'Worksheet "{reference}" does not exist.')
        return self._held[reference]

    def delete(self, sheet: Worksheet) -> None:
        """The worksheet is gone; its number is not given again."""
        del self._held[sheet.reference]

    def findable(self, lag_s: float) -> list[Worksheet]:
        """The worksheets that a search sees: those older than that many seconds."""
        now = self._clock.now()
        return [sheet for sheet in self if (now - sheet.created_at).total_seconds() >= lag_s]
