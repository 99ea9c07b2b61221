"""From a rule of the case system to the record in the target, and back, through the inbox of a running Airflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from casebridge.core.outcome import ENDED
from casebridge.store.action import Action
from stack.stack import Stack
from tests.airflow.actions import Actions

pytestmark = pytest.mark.stack

CASE = "MBN001004"

RULES = """\
rules:
  - name: send_crew
    when: {source: jadu_cxm, case_type: missed_bin, event: case.transitioned, transition: send-to-contractor}
    apply: [missed_bin]
"""


@pytest.fixture
def rules(run_folder: Path) -> Iterator[None]:
    path = run_folder / "include" / "rules.yaml"
    before = path.read_text("utf-8")
    path.write_text(RULES, "utf-8")
    yield
    path.write_text(before, "utf-8")


def eventually(found: Callable[[], Any], *, seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.3)
    raise AssertionError("it did not happen in time")


@pytest.mark.usefixtures("rules")
@pytest.mark.behaviour("C8")
@pytest.mark.behaviour("C10")
@pytest.mark.behaviour("W6")
def test_a_rule_of_the_case_system_makes_a_worksheet_and_a_poke_brings_its_outcome(
    actions: Actions, stack: Stack
) -> None:
    cxm = stack.simulator_url("jadu_cxm")

    def admin(path: str, **body: Any) -> Any:
        answer = requests.post(f"{cxm}/_sim/{path}", json=body, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def values(case: str) -> dict[str, Any]:
        read = requests.get(
            f"{cxm}/api/service-api/council/case/{case}", headers={"X-API-KEY": "demo-api-key"}, timeout=30
        )
        return dict(read.json()["values"])

    secret = stack.environment["CASEBRIDGE_INBOX_SECRET_JADU_CXM"]
    admin(
        "jadu_cxm/rule",
        case_type="missed-bin",
        event="case.transitioned",
        url=f"{stack.inbox_url}/inbox/jadu_cxm",
        secret=secret,
    )
    sent = admin("jadu_cxm/transition", case=CASE, transition="send-to-contractor")
    assert ["delivered"] == [delivery["status"] for delivery in sent["deliveries"]], sent

    def created() -> Action | None:
        found = actions.installation.log.latest(case_reference=CASE)
        return found[0] if found and found[0].state in ENDED else None

    action = eventually(created)
    assert "confirmed" == action.state, (action.reason, action.problems)
    eventually(lambda: values(CASE).get("worksheet_number") == action.record_id)
    assert "send_crew" == action.rule

    worksheet_id = int(action.record_id or 0)
    poke = {
        "poke_url": f"{stack.inbox_url}/inbox/whitespace",
        "secret": stack.environment["CASEBRIDGE_INBOX_SECRET_WHITESPACE"],
    }
    done = actions.whitespace.set("whitespace/complete", worksheet_id=worksheet_id, outcome="Not Out", **poke)
    assert (200, "OK") == (done["poke"]["http_status"], done["poke"]["body"])
    eventually(lambda: values(CASE).get("worksheet_outcome") == "Not Out")
    assert "Complete" == values(CASE)["worksheet_status"]
