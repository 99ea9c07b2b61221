"""A process that handles the inbox and kills itself, as `kill -9` does, at a named point of a write-back to SSP7."""

from __future__ import annotations

import sys
from typing import Any

from casebridge.sources.ssp7.web_service import WorkflowService
from casebridge.steps.drain import drain
from casebridge.store.inbox import Inbox
from casebridge.store.ledger import Ledger
from casebridge.store.parts import ClaimedParts
from tests.reliability.victim import die, half_sent
from tests.service_desk import ServiceDesk
from tests.simulators.service_provider.client import Provider
from tests.simulators.ssp7.client import Ssp7


def _half_sent(service: Any, *_: Any) -> None:
    service.parts()  # the WSDL is there before
    service._session.send = half_sent
    _CALL(service, *_)


def _after(function: Any) -> Any:
    def run(*arguments: Any, **options: Any) -> Any:
        function(*arguments, **options)
        return die()

    return run


_CALL: Any = WorkflowService.call
POINTS: dict[str, tuple[type, str, Any]] = {
    "before_intent": (ClaimedParts, "intend", die),
    "after_intent": (WorkflowService, "call", die),
    "mid_send": (WorkflowService, "call", _half_sent),
    "after_write": (WorkflowService, "call", _after(_CALL)),
    "after_part": (ClaimedParts, "confirm", _after(ClaimedParts.confirm)),
    "before_outcome": (Ledger, "incoming_done", die),
    "after_outcome": (Ledger, "incoming_done", _after(Ledger.incoming_done)),
    "after_done": (Inbox, "done", _after(Inbox.done)),
}
"""What is replaced by what."""


def main(database_url: str, ssp7: str, provider: str, point: str) -> None:
    """Handles the inbox, up to the point."""
    place, name, end = POINTS[point]
    setattr(place, name, end)
    drain(ServiceDesk(database_url, Ssp7(ssp7), Provider(provider)).desk)


if __name__ == "__main__":
    main(*sys.argv[1:])
