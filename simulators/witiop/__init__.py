"""WitiOp, a desk for messages: its conversations, as it would tell of them, and as Chatwoot and Twilio do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """The desk of an invented company, with its sample conversations."""
    from simulators.witiop.simulator import WitiopSimulator

    return WitiopSimulator()
