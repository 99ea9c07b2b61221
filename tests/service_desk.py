"""An SSP7, a service provider and casebridge between them, put together for a test; only Airflow is played."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.arrival import ArrivalState
from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import CasebridgeError, InDoubtError, TransientError
from casebridge.core.rule import inspect_rules
from casebridge.sources import registry as sources
from casebridge.sources.base import ConnectedSource
from casebridge.steps.apply import apply_incoming
from casebridge.steps.call import call_target
from casebridge.steps.drain import Desk, drain
from casebridge.steps.plan import plan_action
from casebridge.store.action import ActionRequest
from casebridge.store.case_states import CaseStates
from casebridge.store.database import Database
from casebridge.store.decisions import Decisions
from casebridge.store.inbox import Inbox
from casebridge.store.ledger import Ledger
from casebridge.store.log import IntegrationLog
from casebridge.store.references import References
from casebridge.store.told_cases import ToldCases
from casebridge.web.app import create_app
from casebridge.web.settings import InboxSettings
from tests.simulators.service_provider.client import Provider
from tests.simulators.ssp7.client import HASH, Ssp7
from tests.web.serving import serving

INCLUDE = Path(__file__).parents[1] / "include"
SECRET = "ssp7-secret-of-the-tests"
GROUP = "External Service Provider"


class ServiceDesk:
    """Everything between a task of SSP7 and a ticket of the provider.

    Args:
        database_url: A database with casebridge's tables.
        ssp7: The simulator of SSP7.
        provider: The simulator of the provider.
    """

    def __init__(self, database_url: str, ssp7: Ssp7, provider: Provider) -> None:
        self.ssp7, self.provider = ssp7, provider
        self.database = Database(database_url)
        self.inbox = Inbox(self.database)
        self.ledger = Ledger(self.database)
        self.log = IntegrationLog(self.database)
        self.references = References(self.database)
        self.decisions = Decisions(self.database)
        self.catalogue = Catalogue(INCLUDE / "mappings", registry.manifests())
        self.rules = inspect_rules((INCLUDE / "rules.yaml").read_text("utf-8"))[0]
        self.source_settings: dict[str, Any] = {}
        self.connector_settings: dict[str, Any] = {}
        self.mails: list[tuple[str, str, str]] = []
        self.waiting: list[tuple[str, dict[str, str], str]] = []
        self.started: list[str] = []

    @contextmanager
    def listening(self, *, format: str = "soap", **web_service: Any) -> Iterator[str]:
        """Both systems push to a running inbox."""
        settings = InboxSettings(
            ssp7_secret=SecretStr(SECRET), service_provider_secret=SecretStr("demo-webhook-secret")
        )
        with serving(create_app(self.inbox, settings)) as url:
            headers = {"X-Casebridge-Secret": SECRET}
            web = {"url": f"{url}/inbox/ssp7", "format": format, "headers": headers, **web_service}
            self.ssp7.set("settings", web_service=web, deliveries={"attempts": 1})
            hooks = {"url": f"{url}/inbox/service_provider"}
            self.provider.set("settings", webhooks=hooks, deliveries={"attempts": 1})
            yield url
            self.ssp7.act("settle")

    @property
    def desk(self) -> Desk:
        """What the handling of the inbox works with."""
        return Desk(
            inbox=self.inbox,
            ledger=self.ledger,
            references=self.references,
            case_states=CaseStates(self.database),
            catalogue=self.catalogue,
            rules=self.rules,
            template=lambda name: self.catalogue.template(*name.split("/")),
            source=lambda name: self.source,
            connector=lambda system: self.connector,
            start_run=self._start,
            dag_id="inbox",
            run_id="run-1",
        )

    @property
    def source(self) -> ConnectedSource[Any]:
        """SSP7 as a case source."""
        values = {"host": self.ssp7.url, "password": HASH, "read_timeout_s": 3, **self.source_settings}
        made = sources.source("ssp7", values, where="ssp7_default")
        made.shelf = ToldCases(self.database, "ssp7")
        made.send_email = lambda *mail: self.mails.append(mail)
        return made

    @property
    def connector(self) -> ConnectorBase[Any]:
        """The provider as a connector."""
        values = {
            "host": self.provider.url,
            "password": "demo-token-7c9e",
            "read_timeout_s": 3,
            "look_again_after": (0.2, 0.4),
            **self.connector_settings,
        }
        made = registry.connector("service_provider", values, where="service_provider_default")
        made.send_email = lambda *mail: self.mails.append(mail)
        return made

    def work(self, rounds: int = 12) -> None:
        """The inbox is handled and runs are done, until nothing has moved twice."""
        idle = 0
        for _ in range(rounds):
            self.ssp7.act("settle")
            self.provider.set("service_provider/settle")
            before = self.inbox.count_pending(), len(self.started)
            drain(self.desk)
            runs, self.waiting = self.waiting, []
            for dag_id, conf, run_id in runs:
                self.run(dag_id, conf, run_id)
            moved = bool(runs) or before != (self.inbox.count_pending(), len(self.started))
            idle = 0 if moved else idle + 1
            if idle == 2:
                return

    def run(self, dag_id: str, conf: dict[str, str], run_id: str) -> None:
        """The three tasks of a run, each tried again a few times as Airflow does."""
        try:
            self._retried(lambda attempt: self._plan(dag_id, conf, run_id))
            action = self.ledger.planned(dag_id, run_id)
            self._retried(
                lambda attempt: call_target(
                    action.id, ledger=self.ledger, connector=self.connector, attempt=attempt, last=attempt == 5
                )
            )
            self._retried(
                lambda attempt: apply_incoming(
                    self.ledger.action(action.id),
                    ledger=self.ledger,
                    catalogue=self.catalogue,
                    source=self.source,
                    connector=self.connector,
                )
            )
        except CasebridgeError:
            return  # it stands in the ledger

    def states(self) -> list[tuple[str, ArrivalState]]:
        """Event and state of every entry of SSP7, the oldest first."""
        entries = [entry for entry in reversed(self.inbox.latest(200)) if entry.arrival.system == "ssp7"]
        return [(entry.arrival.event, entry.state) for entry in entries]

    def calls(self) -> list[str]:
        """What the provider was asked to change, in order."""
        reading = ("read_ticket", "search_tickets")
        return [
            one["operation"] for one in self.provider.get("requests")["requests"] if one["operation"] not in reading
        ]

    def tickets(self, reference: str = "TSK0009001") -> list[dict[str, Any]]:
        """The provider's tickets with our reference."""
        return [one for one in self.provider.get("records")["tickets"] if one["reference"] == reference]

    def texts(self, origin: str = "customer") -> list[str]:
        """The texts in the ticket of task 9001."""
        return [one["text"] for one in self.tickets()[0]["updates"] if one["origin"] == origin]

    def close(self) -> None:
        """The database is let go."""
        self.database.close()

    def _start(self, dag_id: str, conf: dict[str, str], run_id: str) -> None:
        if run_id not in self.started:
            self.started.append(run_id)
            self.waiting.append((dag_id, conf, run_id))

    def _plan(self, dag_id: str, conf: dict[str, str], run_id: str) -> None:
        system, _, action_type = dag_id.partition("__")
        request = ActionRequest(
            key=f"{dag_id}:{run_id}",
            system=system,
            action_type=action_type,
            record="ticket",
            case_source=conf["source"],
            case_reference=conf["case"],
            template=conf["template"],
            connection=f"{system}_default",
            dag_id=dag_id,
            run_id=run_id,
            rule=conf["rule"],
        )
        plan_action(
            request,
            ledger=self.ledger,
            references=self.references,
            catalogue=self.catalogue,
            source=self.source,
            timezone="Europe/London",
            enabled=True,
        )

    @staticmethod
    def _retried(step: Any) -> None:
        for attempt in range(1, 6):
            try:
                step(attempt)
                return
            except (TransientError, InDoubtError):
                if attempt == 5:
                    raise
