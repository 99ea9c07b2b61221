"""What `make demo` shows: integration actions on a running Airflow, and what became of them.

Five are started through Airflow's REST API; the sixth begins in the case system, and its outcome comes back by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from casebridge.cli.log_table import show_log
from casebridge.core.outcome import Incoming, State
from casebridge.installation import Installation
from casebridge.settings import PROJECT, read_environment
from casebridge.sources.local import read_cases
from casebridge.store.action import Action
from stack import case_system, connections
from stack.errors import StackError
from stack.progress import Terminal
from stack.stack import Stack

DAG = "whitespace__create_worksheet"
CASES = PROJECT / "include" / "cases" / "samples.yaml"
RULES = PROJECT / "stack" / "story_rules.yaml"
QUICK = {"CASEBRIDGE_RETRY_BASE_S": "1", "CASEBRIDGE_RULES": str(RULES)}
"""The demonstration waits seconds where production waits minutes; how often is the same."""
LOOK_AGAIN_AFTER = "0.5,1"
PATIENCE_S = 90


@dataclass(frozen=True)
class Scene:
    """One action of the story and how it has to end.

    Attributes:
        letter: Its place in the story.
        title: What it shows.
        case: The case reference number.
        template: The mapping template.
        fault: What the target does to it, as the simulator's admin side takes it.
        state: How it has to end.
        tries: How many tries it has to take.
        problems: How many mapping problems it has to have.
    """

    letter: str
    title: str
    case: str
    template: str = "missed_bin"
    fault: dict[str, Any] = field(default_factory=dict)
    state: State = State.CONFIRMED
    tries: int = 1
    problems: int = 0

    @property
    def run_id(self) -> str:
        """The DAG run's id."""
        return f"{self.case}~{self.template}~{self.letter}"


AT_ONCE = (
    Scene("a", "a worksheet is created, its id stored, its data brought back", "CASE-1001"),
    Scene("b", "three mapping problems, all told at once", "CASE-1002", "any_service", state=State.REFUSED, problems=3),
    Scene(
        "c",
        "the target is down twice, the third try succeeds",
        "CASE-1003",
        fault={"kind": "status_503", "times": 2},
        tries=3,
    ),
    Scene(
        "e",
        "the answer is lost after the target committed: found again, not created twice",
        "CASE-1004",
        fault={"kind": "cut_after_commit", "times": 1, "operation": "CreateWorksheet"},
        tries=2,
    ),
)
AFTERWARDS = Scene("d", "a second worksheet within 30 minutes, refused by the target", "CASE-1001", state=State.REFUSED)


FROM_A_RULE = Scene(
    "f", "a rule in Jadu CXM, the inbox, a worksheet; then Whitespace's poke brings the outcome", case_system.CASE
)


def tell(stack: Stack, terminal: Terminal) -> None:
    """Runs the story and prints the integration log.

    Raises:
        StackError: An action did not end as it has to.
    """
    installation = Installation(read_environment(stack.environment))
    simulator = stack.simulator_url("whitespace")
    with terminal.step("Load sample cases"):
        installation.local_cases.put(read_cases(Path(CASES)))
        requests.post(f"{simulator}/_sim/reset", json={}, timeout=30).raise_for_status()
        fields = connections.fields(simulator) | {"extra": {"look_again_after": LOOK_AGAIN_AFTER}}
        stack.airflow.set_connection("whitespace_default", "whitespace", **fields)
    scenes = sorted((*AT_ONCE, AFTERWARDS), key=lambda scene: scene.letter)
    with terminal.step("Apply four templates to four cases through Airflow's REST API"):
        for scene in AT_ONCE:
            _trigger(stack, scene, simulator)
        for scene in AT_ONCE:
            stack.airflow.wait_for_run(DAG, scene.run_id, seconds=PATIENCE_S)
    with terminal.step("Apply one of them once more"):
        _trigger(stack, AFTERWARDS, simulator)
        stack.airflow.wait_for_run(DAG, AFTERWARDS.run_id, seconds=PATIENCE_S)
    actions = {scene.letter: installation.ledger.planned(DAG, scene.run_id) for scene in scenes}
    cxm = case_system.CaseSystem(stack, patience_s=PATIENCE_S)
    with terminal.step("A rule in Jadu CXM asks for a worksheet; the crew completes it, and Whitespace says so"):
        actions[FROM_A_RULE.letter] = cxm.tell(installation)
    scenes.append(FROM_A_RULE)
    _show(terminal, scenes, actions)
    _show_case(terminal, installation, actions["a"])
    terminal.note(f"Case {FROM_A_RULE.case} in Jadu CXM shows now: {cxm.shown()}")
    _check(scenes, actions, _worksheets(simulator))


def _trigger(stack: Stack, scene: Scene, simulator: str) -> None:
    if scene.fault:
        fault = {**scene.fault, "reference": scene.case}
        requests.post(f"{simulator}/_sim/faults", json=fault, timeout=30).raise_for_status()
    conf = {"case": scene.case, "template": scene.template}
    stack.airflow.trigger_run(DAG, conf, run_id=scene.run_id)


def _show(terminal: Terminal, scenes: list[Scene], actions: dict[str, Action]) -> None:
    show_log([(scene.letter, actions[scene.letter]) for scene in scenes], terminal.console)
    for scene in scenes:
        terminal.note(f"({scene.letter}) {scene.title}")
        for problem in actions[scene.letter].problems:
            terminal.note(f"      {problem}")


def _show_case(terminal: Terminal, installation: Installation, action: Action) -> None:
    case = installation.source("local").read(action.case_reference)
    back = {name: value for name, value in case.fields.items() if name.startswith("worksheet_")}
    listed = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in back.items())
    terminal.note(f"Case {case.reference} shows now: {listed}")


def _worksheets(simulator: str) -> list[dict[str, Any]]:
    records = requests.get(f"{simulator}/_sim/records", timeout=30).json()
    return list(records["worksheets"])


def _check(scenes: list[Scene], actions: dict[str, Action], worksheets: list[dict[str, Any]]) -> None:
    """A demonstration that shows something else than it says must fail."""
    wrong = [
        f"({scene.letter}) is {action.state} after {action.tries} tries with {len(action.problems)} problems"
        for scene in scenes
        for action in [actions[scene.letter]]
        if (action.state, max(action.tries, 1), len(action.problems)) != (scene.state, scene.tries, scene.problems)
    ]
    held = {str(worksheet["worksheet_id"]) for worksheet in worksheets}
    known = {action.record_id for action in actions.values() if action.record_id}
    if held != known or len(worksheets) != len(known):
        wrong.append(f"Whitespace holds {len(worksheets)} worksheets, the ledger knows {len(known)}")
    if actions["a"].incoming is not Incoming.APPLIED:
        wrong.append("(a) brought no data back onto the case")
    if wrong:
        raise StackError(f"the demonstration did not go as it should: {'; '.join(wrong)}")
