"""Jadu CXM, as a council's own client meets it: its service API, its rules and its webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """A CXM of an invented council, with its sample cases."""
    from simulators.jadu_cxm.simulator import JaduCxmSimulator

    return JaduCxmSimulator()
