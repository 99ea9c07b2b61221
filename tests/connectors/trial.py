"""A connector on trial: an installation of its own, with the system's sample templates and its simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from casebridge.connectors import registry
from casebridge.core.errors import InDoubtError, TransientError
from casebridge.core.ports import Connector
from casebridge.store.action import Action
from tests.connectors.scenario import Example, Scenario, sample_cases, sample_templates
from tests.hub import Hub

PATIENCE = {"look_again_after": (0.0, 0.0), "read_timeout_s": 5}


class Trial(Hub):
    """An installation that runs a system's examples against its simulator.

    Args:
        database_url: Where its database is.
        folder: Where its templates are put.
        scenario: The system's.
        url: Where its simulator listens.
    """

    def __init__(self, database_url: str, folder: Path, scenario: Scenario, url: str) -> None:
        self.scenario = scenario
        self.system = scenario.system
        super().__init__(database_url, folder, url)
        self._admin = requests.Session()
        self._admin.trust_env = False
        self._values = scenario.connection(url, self.simulated("info"))

    def templates(self) -> None:
        """The system's sample templates are in the catalogue."""
        for name, text in sample_templates(self.system).items():
            self.template(name, text)

    def close(self) -> None:
        """The database and the connection to the simulator are let go."""
        self.database.close()
        self._admin.close()

    def connector(self, session: requests.Session | None = None, **settings: Any) -> Connector:
        """A connector to the simulator, over a session of the test's own if one is given."""
        values = {**self._values, **PATIENCE, **settings}
        return registry.connector(self.system, values, where=f"{self.system}_default", session=session)

    # the simulator

    def simulated(self, name: str) -> Any:
        """What the simulator's admin side shows."""
        answer = self._admin.get(f"{self.simulator_url}/_sim/{name}", timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def simulate(self, name: str, **fields: Any) -> None:
        """Tells the simulator's admin side."""
        answer = self._admin.post(f"{self.simulator_url}/_sim/{name}", json=fields, timeout=30)
        assert answer.ok, answer.text

    def fault(self, kind: str, example: Example, **more: Any) -> None:
        """The next writes of an example meet a fault."""
        self.simulate("faults", kind=kind, operation=example.operation, **more)

    def counts(self, example: Example) -> dict[str, int]:
        """How many records of the example's kinds the simulator holds."""
        held = self.simulated("records")
        counts = {}
        for name in example.makes:
            kind, _, member = name.partition(".")
            counts[name] = sum(len(record[member]) for record in held[kind]) if member else len(held[kind])
        return counts

    def ids(self, example: Example) -> set[str]:
        """The ids of the simulator's records of the kinds that References keep."""
        held = self.simulated("records")
        return {
            str(record[self.scenario.ids[kind]])
            for kind in example.makes
            if kind in self.scenario.ids
            for record in held[kind]
        }

    # the example

    def ready(self, example: Example, case: str, **details: Any) -> Action:
        """The example is planned on a case of that reference, after what must stand before it.

        Args:
            example: The example.
            case: Reference of the case, which is a copy of the example's.
            details: Parts of the case that replace the example's.
        """
        self.cases.put([(case, {**sample_cases()[example.case], **details})])
        if example.after:
            self.perform(self._planned(self.scenario.example(example.after), case))
        if example.meanwhile:
            call, fields = example.meanwhile
            self.simulate(call, **{name: str(value).replace("{case}", case) for name, value in fields.items()})
        return self._planned(example, case)

    def perform(self, action: Action, connector: Connector | None = None, *, tries: int = 16) -> Action:
        """The action's tasks as Airflow runs them: again after transient errors and doubts."""
        connector = connector or self.connector()
        for attempt in range(1, tries + 1):
            try:
                confirmed = self.call(action, connector, attempt=attempt, last=attempt == tries)
                break
            except (TransientError, InDoubtError):
                if attempt == tries:
                    raise
        self.apply(confirmed, connector)
        return self.ledger.action(action.id)

    def _planned(self, example: Example, case: str) -> Action:
        kind = self.scenario.kind(example)
        return self.plan(
            case,
            example.template,
            action_type=kind.name,
            record=kind.record,
            timezone=self.connector().timezone,
        )
