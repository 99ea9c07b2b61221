"""PowerSuite itself: the council's set-up, its worksheets and the switches, behind one clock."""

from __future__ import annotations

from typing import Any

from simulators.clock import Clock
from simulators.whitespace.council import Council
from simulators.whitespace.settings import Settings
from simulators.whitespace.worksheets import Worksheets


class PowerSuite:
    """All that an operation reads and changes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.settings = Settings()
        self.worksheets = Worksheets(clock, lambda: self.settings)
        self.pokes: list[dict[str, Any]] = []
        self.council = Council()
        #: Who is calling; set for each call from its UsernameToken.
        self.user = ""

    def reset(self) -> None:
        """Sample data and default switches."""
        self.settings = Settings()
        self.worksheets.clear()
        self.pokes.clear()
        self.council = Council()
