"""Whitespace WSAPI, as a council's own client meets it: the ASMX and the WCF face of one PowerSuite."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """A PowerSuite of an invented council, with its sample data."""
    from simulators.whitespace.simulator import WhitespaceSimulator

    return WhitespaceSimulator()
