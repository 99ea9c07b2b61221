"""M3 itself: the council's set-up, worksheets, assets and the switches, behind one clock."""

from __future__ import annotations

from simulators.clock import Clock
from simulators.m3pp.assets import Assets
from simulators.m3pp.council import Council
from simulators.m3pp.profile import chosen
from simulators.m3pp.settings import Settings
from simulators.m3pp.worksheets import Worksheets


class M3:
    """All that an operation reads and changes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Sample data and default switches."""
        self.switch(Settings())
        self.council = Council()
        self.worksheets = Worksheets(self.clock)
        self.assets = Assets(self.council)

    def switch(self, settings: Settings) -> None:
        """These settings are in force, and with them the profile that they name.

        Raises:
            BadField: The profile cannot be used. Nothing has changed.
        """
        self.profile = chosen(settings.profile)
        self.settings = settings
