"""Idox Cloud (Tascomi), as a council's own client meets its REST API: tables over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """A Tascomi of an invented council, with its sample rows."""
    from simulators.tascomi.simulator import TascomiSimulator

    return TascomiSimulator()
