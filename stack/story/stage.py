"""The stage: what runs, and what a chapter does on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import requests

from casebridge.installation import Installation
from casebridge.settings import PROJECT, read_environment
from casebridge.sources.local import read_cases
from casebridge.store.action import Action
from stack.errors import StackError
from stack.stack import Stack
from stack.story.scene import Scene

CASES = PROJECT / "include" / "cases" / "samples.yaml"
PATIENCE_S = 90
LOOK_AGAIN_AFTER = "0.5,1"
"""The demonstration waits seconds where production waits minutes; how often is the same."""

T = TypeVar("T")


class Stage:
    """Everything that runs, and the actions that were played on it.

    Args:
        stack: What runs.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.actions: dict[str, Action] = {}

    @cached_property
    def installation(self) -> Installation:
        """The installation that runs."""
        return Installation(read_environment(self.stack.environment))

    @cached_property
    def samples(self) -> list[tuple[str, dict[str, Any]]]:
        """The sample cases that come with casebridge: case reference and details of each."""
        return list(read_cases(CASES))

    def start(self, scene: Scene) -> None:
        """Starts a scene's action through Airflow's REST API."""
        if scene.fault:
            self.order(scene.system, "faults", **scene.fault)
        conf = {"case": scene.case, "template": scene.template}
        self.stack.airflow.trigger_run(scene.dag, conf, run_id=scene.run_id)

    def finish(self, scene: Scene) -> None:
        """Waits until a scene has ended, and keeps its action."""
        self.stack.airflow.wait_for_run(scene.dag, scene.run_id, seconds=PATIENCE_S)
        self.actions[scene.letter] = self.installation.ledger.planned(scene.dag, scene.run_id)

    def order(self, simulator: str, path: str, **body: Any) -> dict[str, Any]:
        """Tells a simulator something on its admin side, and returns what it answers."""
        answer = requests.post(f"{self.address(simulator)}/_sim/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def ask(self, simulator: str, path: str) -> dict[str, Any]:
        """Asks a simulator's admin side, such as for its `records`."""
        answer = requests.get(f"{self.address(simulator)}/_sim/{path}", timeout=60)
        answer.raise_for_status()
        return dict(answer.json())

    def address(self, simulator: str) -> str:
        """Where a simulator is reached."""
        return self.stack.simulator_url(simulator)

    def secret(self, system: str) -> str:
        """The secret with which a system signs what it pushes into the inbox."""
        return self.stack.environment[f"CASEBRIDGE_INBOX_SECRET_{system.upper()}"]

    def wait_for(self, found: Callable[[], T | None], what: str) -> T:
        """What the function finds, as soon as it finds something.

        Raises:
            StackError: It did not come.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if result := found():
                return result
            time.sleep(0.2)
        raise StackError(f"{what} did not come within {PATIENCE_S:g} s")
