"""The part of the story that begins in the case system: a person sends a case to the contractor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from casebridge.core.outcome import ENDED
from casebridge.installation import Installation
from casebridge.store.action import Action
from stack.errors import StackError
from stack.stack import Stack

CASE = "MBN001001"
OUTCOME = "Not Out"
_SHOWN = ("worksheet_number", "worksheet_status", "worksheet_outcome")


class CaseSystem:
    """Jadu CXM's simulator, and Whitespace's where it answers.

    Args:
        stack: Runs both, and the inbox.
        patience_s: Seconds to wait for each turn of the story.
    """

    def __init__(self, stack: Stack, *, patience_s: float) -> None:
        self._stack = stack
        self._patience_s = patience_s
        self._cxm = stack.simulator_url("jadu_cxm")
        self._whitespace = stack.simulator_url("whitespace")
        self._environment = stack.environment

    def tell(self, installation: Installation) -> Action:
        """Lets the case go to the contractor and the crew complete the work, and returns the action.

        Raises:
            StackError: A turn of the story did not come.
        """
        self._post(
            f"{self._cxm}/_sim/jadu_cxm/rule",
            case_type="missed-bin",
            event="case.transitioned",
            url=f"{self._stack.inbox_url}/inbox/jadu_cxm",
            secret=self._environment["CASEBRIDGE_INBOX_SECRET_JADU_CXM"],
        )
        self._post(f"{self._cxm}/_sim/jadu_cxm/transition", case=CASE, transition="send-to-contractor")
        action: Action = self._await(lambda: self._ended(installation), "the worksheet")
        if action.record_id is None:
            raise StackError(f"the action of case {CASE} ended without a worksheet: {action.reason}")
        self._await(lambda: self._values().get("worksheet_number") == action.record_id, "the Reference on the case")
        self._post(
            f"{self._whitespace}/_sim/whitespace/complete",
            worksheet_id=int(action.record_id),
            outcome=OUTCOME,
            poke_url=f"{self._stack.inbox_url}/inbox/whitespace",
            secret=self._environment["CASEBRIDGE_INBOX_SECRET_WHITESPACE"],
        )
        self._await(lambda: self._values().get("worksheet_outcome") == OUTCOME, "the outcome on the case")
        return action

    def shown(self) -> str:
        """What the case shows of the worksheet."""
        values = self._values()
        return ", ".join(f"{name.replace('_', ' ')}: {values.get(name)}" for name in _SHOWN)

    def _ended(self, installation: Installation) -> Action | None:
        found = installation.log.latest(case_reference=CASE, limit=20)
        return next((action for action in found if action.rule and action.state in ENDED), None)

    def _values(self) -> dict[str, Any]:
        info = requests.get(f"{self._cxm}/_sim/info", timeout=30).json()
        address = f"{self._cxm}{info['endpoints']['service_api']}/case/{CASE}"
        answer = requests.get(address, headers={"X-API-KEY": info["credentials"]["api_key"]}, timeout=30)
        return dict(answer.json()["values"])

    def _post(self, address: str, **body: Any) -> None:
        requests.post(address, json=body, timeout=60).raise_for_status()

    def _await(self, found: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + self._patience_s
        while time.monotonic() < deadline:
            if result := found():
                return result
            time.sleep(0.2)
        raise StackError(f"{what} did not come within {self._patience_s:g} s")
