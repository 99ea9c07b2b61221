"""SSP7 ticketing: its web service, its groups and tasks, and the events that it sends out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """An SSP7 of an invented council, with its sample tickets."""
    from simulators.ssp7.simulator import Ssp7Simulator

    return Ssp7Simulator()
