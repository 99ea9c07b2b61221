"""Integration actions through the REST API of a running Airflow, and what Airflow keeps of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from casebridge.installation import Installation
from casebridge.settings import read_environment
from casebridge.store.action import Action
from stack import connections
from stack.stack import Stack
from tests.hub import CASE
from tests.simulators.client import Whitespace

DAG = "whitespace__create_worksheet"
_NUMBERS = itertools.count(1)


class Actions:
    """Asks a running stack for integration actions."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.airflow = stack.airflow
        self.installation = Installation(read_environment(stack.environment))
        self.whitespace = Whitespace(stack.simulator_url("whitespace"))

    def connection(self, name: str = "whitespace_default", **settings: Any) -> None:
        """Points a connection at the simulator, with settings beyond that."""
        fields: dict[str, Any] = connections.fields(self.whitespace.url)
        fields |= {key: settings.pop(key) for key in ("host", "login", "password") if key in settings}
        fields["extra"] = {"look_again_after": "0.2,0.5", **settings}
        self.airflow.set_connection(name, "whitespace", **fields)

    def case(self, prefix: str = "E", **parts: Mapping[str, Any]) -> str:
        """Puts a case on the shelf and returns its reference, which no other test uses."""
        reference = f"{prefix}-{next(_NUMBERS)}"
        self.installation.local_cases.put([(reference, {**CASE, **parts})])
        return reference

    def trigger(self, case: str, template: str = "missed_bin", *, key: str = "1", **conf: str) -> str:
        """Starts an action and returns its run id."""
        run_id = f"{case}~{template}~{key}"
        return self.airflow.trigger_run(DAG, {"case": case, "template": template, **conf}, run_id=run_id)

    def end(self, run_id: str, *, seconds: float = 120) -> Action:
        """Waits for the end of an action and returns it."""
        self.airflow.wait_for_run(DAG, run_id, seconds=seconds)
        return self.installation.ledger.planned(DAG, run_id)

    def perform(self, case: str, template: str = "missed_bin", **conf: str) -> Action:
        """Starts an action and waits for its end."""
        return self.end(self.trigger(case, template, **conf))

    def tries(self, run_id: str, task: str) -> int:
        """How often a task was tried."""
        return int(self.airflow.task_instance(DAG, run_id, task)["try_number"])

    def log(self, run_id: str, task: str, try_number: int = 1) -> str:
        """The log of one try, everything that Airflow keeps of it."""
        return str(self.airflow.task_log(DAG, run_id, task, try_number))
