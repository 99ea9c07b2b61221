"""From the agent who closes a conversation to the Case in Salesforce, through everything but Airflow itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from casebridge.connectors import registry
from casebridge.core.arrival import ArrivalState
from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import InvalidMapping
from casebridge.core.outcome import Incoming, State
from casebridge.core.rule import inspect_rules
from casebridge.settings import PROJECT
from casebridge.sources.base import ConnectedSource
from casebridge.steps.apply import apply_incoming
from casebridge.steps.call import call_target
from casebridge.steps.drain import Desk, drain
from casebridge.steps.plan import plan_action
from casebridge.store.action import Action, ActionRequest
from casebridge.store.case_states import CaseStates
from casebridge.store.database import Database
from casebridge.store.inbox import Inbox
from casebridge.store.ledger import Ledger
from casebridge.store.references import References
from casebridge.web.app import create_app
from casebridge.web.settings import InboxSettings
from tests.connectors.salesforce.scenario import connection
from tests.simulators.salesforce.client import Salesforce
from tests.simulators.witiop.client import Witiop
from tests.sources.witiop.conftest import Faces
from tests.web.serving import serving

RULES = PROJECT / "include" / "rules.yaml"
FACES = {"witiop": "witiop", "chatwoot": "chatwoot", "twilio": "twilio", "twilio_events": "twilio"}


@pytest.fixture
def sf(simulator: Callable[[str], str]) -> Iterator[Salesforce]:
    """The Salesforce simulator with its sample data and no faults."""
    client = Salesforce(simulator("salesforce"))
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


class Way:
    """An inbox, a desk that tells it, and an Airflow that runs what it is asked for when it is told to."""

    def __init__(self, database: Database, face: Faces, sf: Salesforce, desk: Witiop) -> None:
        self.inbox = Inbox(database)
        self.ledger = Ledger(database)
        self.references = References(database)
        self.catalogue = Catalogue(PROJECT / "include" / "mappings", registry.manifests())
        self.settings: dict[str, Any] = {}
        self.source_settings: dict[str, Any] = {}
        self.started: list[tuple[str, dict[str, str], str]] = []
        self.witiop = desk
        self._face = face
        self._sf = sf
        self._states = CaseStates(database)

    def source(self, name: str) -> ConnectedSource[Any]:
        return self._face(name, **self.source_settings)

    def close(self, url: str, name: str, conversation: int) -> None:
        self.witiop.set("settings", webhook_url=f"{url}/inbox/{FACES[name]}", face=name)
        self.witiop.act("close", conversation=conversation, profile={"disposition": "sold"})

    def drain(self) -> dict[str, int]:
        text = RULES.read_text("utf-8")
        rules = inspect_rules(text)[0]
        (closed,) = [rule for rule in rules if rule.name == "witiop_closed"]
        named = [
            closed.model_copy(
                update={"name": f"{name}_closed", "when": closed.when.model_copy(update={"source": name})}
            )
            for name in sorted(set(FACES.values()))
        ]
        return drain(
            Desk(
                inbox=self.inbox,
                ledger=self.ledger,
                references=self.references,
                case_states=self._states,
                catalogue=self.catalogue,
                rules=named,
                template=lambda name: self.catalogue.template("salesforce", name.rpartition("/")[2]),
                source=self.source,
                connector=lambda system: self.connector(),
                start_run=lambda dag_id, conf, run_id: self.started.append((dag_id, conf, run_id)),
                dag_id="inbox",
                run_id="run-1",
            )
        )

    def connector(self) -> Any:
        values = connection(self._sf.url, {"credentials": self._sf.get("credentials")})
        return registry.connector("salesforce", {**values, **self.settings}, where="salesforce_default")

    def run(self) -> list[Action]:
        """Runs what was started, each as the three tasks of its DAG."""
        started, self.started = self.started, []
        return [self._run(*one) for one in started]

    def _run(self, dag_id: str, conf: dict[str, str], run_id: str) -> Action:
        source, connector = self.source(conf["source"]), self.connector()
        system, _, action_type = dag_id.partition("__")
        request = ActionRequest(
            key=f"{dag_id}:{run_id}",
            system=system,
            action_type=action_type,
            record="case",
            case_source=conf["source"],
            case_reference=conf["case"],
            template=conf["template"],
            dag_id=dag_id,
            run_id=run_id,
            rule=conf["rule"],
        )
        given = {"ledger": self.ledger, "catalogue": self.catalogue, "source": source}
        planned = plan_action(
            request, references=self.references, timezone=connector.timezone, enabled=connector.enabled, **given
        )
        call_target(planned.id, ledger=self.ledger, connector=connector)
        apply_incoming(self.ledger.action(planned.id), connector=connector, **given)
        return self.ledger.action(planned.id)


@pytest.fixture
def way(database: Database, face: Faces, sf: Salesforce, desk: Witiop) -> Way:
    return Way(database, face, sf, desk)


@pytest.fixture
def url(way: Way, desk: Witiop) -> Iterator[str]:
    """Where the inbox listens."""
    known = desk.get("credentials")
    settings = InboxSettings(
        witiop_secret=SecretStr(known["webhook_secret"]),
        chatwoot_secret=SecretStr(known["chatwoot_webhook_secret"]),
        twilio_secret=SecretStr(known["twilio_auth_token"]),
    )
    with serving(create_app(way.inbox, settings)) as address:
        yield address


def cases(sf: Salesforce, contact: str = "") -> list[dict[str, Any]]:
    """The cases that are new."""
    return [one for one in sf.held("Case") if one["WitiOp_Conversation_Id__c"] not in ("1001", None)]


@pytest.mark.behaviour("V1", "V6", "V8")
@pytest.mark.parametrize("name", sorted(FACES))
def test_a_conversation_that_is_closed_becomes_a_case_and_its_number_comes_back(
    name: str, way: Way, url: str, sf: Salesforce
) -> None:
    way.close(url, name, 1793)
    assert 1 == way.drain()[ArrivalState.HANDLED]
    (done,) = way.run()

    assert (State.CONFIRMED, Incoming.APPLIED) == (done.state, done.incoming)
    (case,) = cases(sf)
    assert case["Subject"].startswith("+393331234567 [")
    texts = [one["CommentBody"] for one in sf.held("CaseComment") if one["ParentId"] == case["Id"]]
    assert ["ciao", "Buongiorno", "[file: listino.pdf]"] == texts
    assert ["listino.pdf"] == [one["PathOnClient"] for one in sf.held("ContentVersion")]
    back = way.source(FACES[name]).read(done.case_reference).fields
    assert (case["CaseNumber"], case["Id"], "New") == (
        back["salesforce_case_number"],
        back["salesforce_case_id"],
        back["salesforce_status"],
    )


@pytest.mark.behaviour("V3")
def test_an_unknown_customer_without_a_name_is_a_contact_named_by_the_number(
    way: Way, url: str, sf: Salesforce
) -> None:
    way.close(url, "witiop", 1794)
    way.drain()
    (done,) = way.run()

    (case,) = cases(sf)
    (contact,) = [one for one in sf.held("Contact") if one["Id"] == case["ContactId"]]
    assert ("+447700900321", State.CONFIRMED) == (contact["LastName"], done.state)


@pytest.mark.behaviour("V4")
def test_an_agent_who_is_no_user_is_refused_with_the_reason_and_goes_through_once_there_is_a_fallback(
    way: Way, url: str, sf: Salesforce
) -> None:
    way.witiop.act(
        "open", id=60, customer={"number": "+447700900321"}, agent="agent.two@example.com", messages=[{"text": "x"}]
    )
    left = next(one for one in sf.held("User") if one["Email"] == "agent.two@example.com")
    sf.set("salesforce/update", object="User", id=left["Id"], fields={"IsActive": False})
    way.close(url, "witiop", 60)
    way.drain()
    started = list(way.started)
    with pytest.raises(InvalidMapping, match="not active"):
        way.run()
    assert [] == cases(sf)

    way.started, way.settings = started, {"fallback_owner": "agent.demo@example.com.acme"}
    (done,) = way.run()
    assert (State.CONFIRMED, 1) == (done.state, len(cases(sf)))


@pytest.mark.parametrize("name", sorted(FACES))
def test_a_conversation_that_is_closed_again_adds_to_its_case(name: str, way: Way, url: str, sf: Salesforce) -> None:
    """Two actions, one case; the second brings what is new."""
    way.close(url, name, 1794)
    way.drain()
    way.run()
    way.witiop.set("clock", skew_s=180)
    way.witiop.act("reopen", conversation=1794)
    way.witiop.act("message", conversation=1794, text="still here", sent_at="2024-05-02T09:50:00Z")
    way.close(url, name, 1794)
    way.drain()
    (second,) = way.run()

    (case,) = cases(sf)
    texts = [one["CommentBody"] for one in sf.held("CaseComment") if one["ParentId"] == case["Id"]]
    assert (case["Id"], State.CONFIRMED) == (second.record_id, second.state)
    assert ["The bin was missed again 🗑", "ok", "ok", "ok", "still here"] == texts


def test_a_second_closing_waits_for_the_actions_of_the_first(way: Way, url: str) -> None:
    """What the first tells must not be taken from under its action."""
    way.close(url, "witiop", 1793)
    way.drain()
    way.witiop.act("reopen", conversation=1793)
    way.witiop.act("message", conversation=1793, text="more")
    way.close(url, "witiop", 1793)

    assert 1 == way.drain()[ArrivalState.PENDING]
    way.run()
    assert 1 == way.drain()[ArrivalState.HANDLED]


@pytest.mark.behaviour("V10")
def test_an_integration_that_is_switched_off_starts_nothing_and_says_so(way: Way, url: str, sf: Salesforce) -> None:
    way.source_settings = {"enabled": False}
    way.close(url, "witiop", 1793)

    assert 1 == way.drain()[ArrivalState.FAILED]
    assert "disabled" in way.inbox.latest()[0].reason
    assert [] == way.started
    assert [] == cases(sf)
