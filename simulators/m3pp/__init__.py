"""Northgate M3PP / Assure web services: assets and worksheets behind an assumed SOAP contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """An M3 of an invented council, with its sample data."""
    from simulators.m3pp.simulator import M3ppSimulator

    return M3ppSimulator()
