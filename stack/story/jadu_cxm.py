"""Jadu CXM: a person sends a case to the contractor, and the outcome comes back by itself."""

from __future__ import annotations

from typing import Any

import requests

from casebridge.core.outcome import ENDED
from casebridge.store.action import Action
from stack.errors import StackError
from stack.story.chapter import Chapter
from stack.story.stage import Stage

CASE = "MBN001001"
OUTCOME = "Not Out"
LETTER = "f"
_SHOWN = ("worksheet_number", "worksheet_status", "worksheet_outcome")


class JaduCxmChapter(Chapter):
    """A rule in the case system, the inbox, a worksheet; then Whitespace's poke."""

    title = "From a rule in Jadu CXM to the crew and back"
    closing = "A rule in Jadu CXM asks for a worksheet; the crew completes it, and Whitespace says so"

    def play(self, stage: Stage) -> None:
        """Lets the case go to the contractor and the crew complete the work.

        Raises:
            StackError: A turn of the story did not come.
        """
        stage.order(
            "jadu_cxm",
            "jadu_cxm/rule",
            case_type="missed-bin",
            event="case.transitioned",
            url=f"{stage.stack.inbox_url}/inbox/jadu_cxm",
            secret=stage.secret("jadu_cxm"),
        )
        stage.order("jadu_cxm", "jadu_cxm/transition", case=CASE, transition="send-to-contractor")
        action = stage.wait_for(lambda: _ended(stage), "the worksheet")
        if action.record_id is None:
            raise StackError(f"the action of case {CASE} ended without a worksheet: {action.reason}")
        stage.wait_for(lambda: _values(stage).get("worksheet_number") == action.record_id, "the Reference on the case")
        stage.order(
            "whitespace",
            "whitespace/complete",
            worksheet_id=int(action.record_id),
            outcome=OUTCOME,
            poke_url=f"{stage.stack.inbox_url}/inbox/whitespace",
            secret=stage.secret("whitespace"),
        )
        stage.wait_for(lambda: _values(stage).get("worksheet_outcome") == OUTCOME, "the outcome on the case")
        stage.actions[LETTER] = action

    def told(self, stage: Stage) -> list[tuple[str, str]]:
        """The action of the rule."""
        return [(LETTER, "a rule in Jadu CXM, the inbox, a worksheet; then Whitespace's poke brings the outcome")]

    def shown(self, stage: Stage) -> list[str]:
        """The case in its case system."""
        values = _values(stage)
        listed = ", ".join(f"{name.replace('_', ' ')}: {values.get(name)}" for name in _SHOWN)
        return [f"Case {CASE} in Jadu CXM shows now: {listed}"]


def _ended(stage: Stage) -> Action | None:
    found = stage.installation.log.latest(case_reference=CASE, limit=20)
    return next((action for action in found if action.rule and action.state in ENDED), None)


def _values(stage: Stage) -> dict[str, Any]:
    info = stage.ask("jadu_cxm", "info")
    address = f"{stage.address('jadu_cxm')}{info['endpoints']['service_api']}/case/{CASE}"
    answer = requests.get(address, headers={"X-API-KEY": info["credentials"]["api_key"]}, timeout=30)
    return dict(answer.json()["values"])
