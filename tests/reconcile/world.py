"""One installation, one system and its simulator, put together for the tests of reconciliation."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from casebridge.connectors import registry
from casebridge.core.catalogue import Catalogue
from casebridge.core.drift import Drift
from casebridge.core.errors import CasebridgeError, ClockSkew
from casebridge.core.manifest import ActionType
from casebridge.core.outcome import State
from casebridge.core.ports import Connector
from casebridge.settings import CLOSED_STATUSES
from casebridge.sources.local import LocalSource
from casebridge.steps.apply import apply_incoming
from casebridge.steps.call import call_target
from casebridge.steps.plan import plan_action
from casebridge.steps.reconcile import Scope, Sides, reconcile
from casebridge.store.action import Action, ActionRequest
from casebridge.store.adoptions import adopt_record
from casebridge.store.cases import LocalCases
from casebridge.store.database import Database
from casebridge.store.decisions import Decisions
from casebridge.store.findings import Finding, Findings
from casebridge.store.ledger import Ledger
from casebridge.store.reconciliations import Reconciliation, Reconciliations
from casebridge.store.references import References
from tests.reconcile.planting import Planting

Drifts = Counter[tuple[Drift, str]]
Result = TypeVar("Result")


def patiently(step: Callable[[], Result]) -> Result:
    """What a step gives, tried again as Airflow does when a clock stands at the edge of a minute."""
    for _ in range(3):
        try:
            return step()
        except ClockSkew as error:
            time.sleep(error.retry_after or 1)
    return step()


class World:
    """casebridge and one target.

    Args:
        planting: The system.
        database_url: casebridge's database.
        folder: For the templates.
    """

    def __init__(self, planting: Planting, database_url: str, folder: Path) -> None:
        self.planting = planting
        self.database = Database(database_url)
        self.ledger = Ledger(self.database)
        self.references = References(self.database)
        self.decisions = Decisions(self.database)
        self.findings = Findings(self.database)
        self.reconciliations = Reconciliations(self.database)
        self.cases = LocalCases(self.database)
        self.source = LocalSource(self.cases)
        home = folder / planting.system
        home.mkdir(parents=True)
        for name, text in planting.templates.items():
            (home / f"{name}.yaml").write_text(text, "utf-8")
        self.catalogue = Catalogue(folder, registry.manifests())
        self.manifest = registry.manifest(planting.system)
        (self.kind,) = (kind for kind in self.manifest.listed if kind.record == self._outgoing.record)
        self._connector = registry.connector(planting.system, planting.settings(), where="test")

    @property
    def _outgoing(self) -> ActionType:
        return self.manifest.action(self.planting.outgoing)

    @property
    def adopts(self) -> bool:
        """Whether the record of an action in doubt can be told without a person."""
        return self._outgoing.found_by is not None and not self._outgoing.in_parts

    @property
    def sides(self) -> Sides:
        return Sides(
            connector=self._connector,
            source=lambda name: self.source,
            ledger=self.ledger,
            references=self.references,
            catalogue=self.catalogue,
            reconciliations=self.reconciliations,
            findings=self.findings,
            closed_statuses=frozenset(CLOSED_STATUSES.split(",")),
        )

    def scope(self, **changes: Any) -> Scope:
        now = datetime.now(UTC)
        scope = Scope(
            system=self.planting.system,
            kind=self.kind,
            since=now - timedelta(days=2),
            until=now + timedelta(minutes=1),
            quiet=timedelta(0),
            dag_id="reconcile__test",
            run_id=f"test-{now.timestamp()}",
        )
        return replace(scope, **changes)

    def reconcile(self, connector: Connector | None = None, **changes: Any) -> Reconciliation:
        sides = replace(self.sides, connector=connector) if connector else self.sides
        done = patiently(lambda: reconcile(self.scope(**changes), sides))
        assert done is not None
        return done

    def open_case(self, reference: str) -> None:
        self.cases.put([(reference, {"status": "open", **self.planting.case})])

    def set_status(self, reference: str, status: str) -> None:
        """The case is in another status; the rest of it stays."""
        self.source.transition(reference, status)

    def plan(self, reference: str) -> Action:
        self.open_case(reference)
        request = ActionRequest(
            key=f"test:{reference}",
            system=self.planting.system,
            action_type=self.planting.outgoing,
            record=self._outgoing.record,
            case_source="local",
            case_reference=reference,
            template="out",
            dag_id=f"{self.planting.system}__{self.planting.outgoing}",
            run_id=reference,
        )
        return plan_action(
            request,
            ledger=self.ledger,
            references=self.references,
            catalogue=self.catalogue,
            source=self.source,
            timezone=self._connector.timezone,
            enabled=True,
        )

    def create(self, reference: str) -> Action:
        """A record that casebridge made, with its data brought back."""
        planned = self.plan(reference)
        action = patiently(lambda: call_target(planned.id, ledger=self.ledger, connector=self._connector))
        patiently(
            lambda: apply_incoming(
                self.ledger.action(action.id),
                ledger=self.ledger,
                catalogue=self.catalogue,
                source=self.source,
                connector=self._connector,
            )
        )
        return self.ledger.action(action.id)

    def doubt(self, reference: str, lose: Callable[[], None]) -> Action:
        """An action whose last try got no clear answer."""
        planned = self.plan(reference)
        lose()
        with contextlib.suppress(CasebridgeError):
            call_target(planned.id, ledger=self.ledger, connector=self._connector, last=True)
        action = self.ledger.action(planned.id)
        assert State.NEEDS_PERSON is action.state
        return action

    def hold(self, reference: str, record_id: str, name: str = "worksheet") -> Action:
        """A case that holds a record which no action of it made."""
        self.ledger.refuse_plan(self.plan(reference), reason="a rule of the test")
        like = self.ledger.planned(f"{self.planting.system}__{self.planting.outgoing}", reference)
        return adopt_record(self.database, like, record_id=record_id, reference=name, record_url="", who="test")

    def missing(self, reference: str) -> Action:
        """A Reference whose record the target does not have."""
        return self.hold(reference, self.planting.absent_id + reference[-1])

    def found(self) -> Drifts:
        return Counter((one.drift, one.case_reference) for one in self.findings.latest(system=self.planting.system))

    def open_findings(self) -> list[Finding]:
        return self.findings.latest(system=self.planting.system)

    def field(self, reference: str, name: str) -> Any:
        return self.source.read(reference).fields.get(name)

    def close(self) -> None:
        self.database.close()
