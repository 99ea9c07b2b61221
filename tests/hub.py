"""The parts of casebridge, put together for a test: a real database, the real connector, a real simulator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casebridge.connectors import registry
from casebridge.core.catalogue import Catalogue
from casebridge.core.outcome import Incoming
from casebridge.core.ports import Connector
from casebridge.sources.local import LocalSource
from casebridge.steps.apply import apply_incoming
from casebridge.steps.call import call_target
from casebridge.steps.plan import plan_action
from casebridge.store.action import Action, ActionRequest
from casebridge.store.cases import LocalCases
from casebridge.store.database import Database
from casebridge.store.decisions import Decisions
from casebridge.store.ledger import Ledger
from casebridge.store.log import IntegrationLog
from casebridge.store.references import References

MISSED_BIN = """\
name: Missed bin
type: create_worksheet
reference: worksheet
rows:
  - {to: service_id, text: "289"}
  - {to: worksheet_message, case_field: details}
  - {to: worksheet_due_date, case_date: due}
  - {to: service_property, key: "79", case_field: bin_was_out}
  - {to: service_item_quantity, key: "{case.item_id}", text: "1"}
"""

WORKSHEET_BACK = """\
name: Worksheet back
type: worksheet
reference: worksheet
rows:
  - {from: worksheet_id, case_field: worksheet_number}
  - {from: status, case_field: worksheet_status}
  - {from: due_date, case_date: worksheet_due}
  - {from: service_property, key: "79", case_field: property_79}
"""

CASE: dict[str, dict[str, Any]] = {
    "fields": {"details": "The lid is broken, mind the dog", "bin_was_out": "Yes", "item_id": "22"},
    "dates": {"due": "2026-12-24"},
    "person": {"name": "Sample Resident Fortytwo"},
    "address": {"uprn": "10001", "line1": "42 Sample Street"},
}

LOOK_AGAIN_AFTER = (0.2, 0.5)


class Hub:
    """One installation with its own database and its own templates."""

    system = "whitespace"

    def __init__(self, database_url: str, folder: Path, simulator_url: str = "") -> None:
        self.database = Database(database_url)
        self.ledger = Ledger(self.database)
        self.log = IntegrationLog(self.database)
        self.references = References(self.database)
        self.decisions = Decisions(self.database)
        self.cases = LocalCases(self.database)
        self.source = LocalSource(self.cases)
        self.folder = folder
        self.catalogue = Catalogue(folder, registry.manifests())
        self.simulator_url = simulator_url
        self.templates()

    def templates(self) -> None:
        """The catalogue has its first templates."""
        self.template("missed_bin", MISSED_BIN)

    def template(self, name: str, text: str) -> None:
        """Puts a mapping template into the catalogue."""
        folder = self.folder / self.system
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(text, "utf-8")

    def case(self, reference: str, **parts: Mapping[str, Any]) -> None:
        """Puts a case on the shelf; parts replace those of the sample."""
        self.cases.put([(reference, {**CASE, **parts})])

    def connector(self, **settings: Any) -> Connector:
        """A connector to the simulator."""
        values = {
            "host": self.simulator_url,
            "login": "WSAPI_DEMO",
            "password": "demo-password",
            "look_again_after": LOOK_AGAIN_AFTER,
            "read_timeout_s": 5,
            "wsdl": "bundled",
            **settings,
        }
        return registry.connector("whitespace", values, where="whitespace_default")

    def plan(
        self,
        case: str,
        template: str = "missed_bin",
        *,
        key: str = "",
        request_rule: str = "",
        action_type: str = "create_worksheet",
        record: str = "worksheet",
        **options: Any,
    ) -> Action:
        """Plans an action as the first task does."""
        request = ActionRequest(
            key=key or f"test:{case}:{template}",
            system=self.system,
            action_type=action_type,
            record=record,
            case_source="local",
            case_reference=case,
            template=template,
            dag_id=f"{self.system}__{action_type}",
            run_id=key or f"{case}~{template}",
            rule=request_rule,
        )
        given = {"timezone": "Europe/London", "enabled": True, **options}
        return plan_action(
            request,
            ledger=self.ledger,
            references=self.references,
            catalogue=self.catalogue,
            source=self.source,
            **given,
        )

    def plan_only(self, case: str) -> Action:
        """Puts a case of that reference on the shelf and plans an action on it."""
        self.case(case)
        return self.plan(case)

    def call(
        self, action: Action, connector: Connector | None = None, *, attempt: int = 1, last: bool = False
    ) -> Action:
        """Calls the target as the second task does."""
        return call_target(
            action.id, ledger=self.ledger, connector=connector or self.connector(), attempt=attempt, last=last
        )

    def apply(self, action: Action, connector: Connector | None = None) -> Incoming:
        """Applies incoming templates as the third task does."""
        return apply_incoming(
            self.ledger.action(action.id),
            ledger=self.ledger,
            catalogue=self.catalogue,
            source=self.source,
            connector=connector or self.connector(),
        )

    def kinds(self, action: Action) -> list[str]:
        """The kinds of events in an action's story."""
        return [event.kind for event in self.log.story(action.id)]
