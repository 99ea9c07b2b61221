"""An update of a record reaches every case that holds it."""

from __future__ import annotations

import pytest

from casebridge.core.errors import NotConfigured, NotFound
from casebridge.core.outcome import Incoming
from casebridge.core.ports import Connector
from casebridge.steps.receive import receive_update
from casebridge.store.action import Action, ActionRequest
from tests.hub import WORKSHEET_BACK, Hub
from tests.simulators.client import Whitespace


def receive(hub: Hub, record_id: str, connector: Connector | None = None, key: str = "update-1") -> list[Action]:
    request = ActionRequest(
        key=key,
        system="whitespace",
        action_type="worksheet",
        record="worksheet",
        case_source="",
        case_reference="",
        template="",
        dag_id="whitespace__worksheet",
        run_id=key,
    )
    return receive_update(
        request,
        record_id,
        ledger=hub.ledger,
        references=hub.references,
        catalogue=hub.catalogue,
        source=lambda name: hub.source,
        connector=connector or hub.connector(),
    )


@pytest.mark.behaviour("W6")
def test_an_update_brings_the_outcome_back_onto_the_case(hub: Hub, whitespace: Whitespace) -> None:
    hub.template("back", WORKSHEET_BACK + '  - {from: service_property, key: "68", case_field: outcome}\n')
    hub.case("C-1")
    created = hub.call(hub.plan("C-1"))
    hub.apply(created)
    whitespace.set("whitespace/complete", worksheet_id=int(created.record_id or 0), outcome="Not Out")
    (update,) = receive(hub, str(created.record_id))
    case = hub.source.read("C-1")
    assert ("Complete", "Not Out") == (case.fields["worksheet_status"], case.fields["outcome"])
    held = hub.ledger.action(update.id)
    assert ("C-1", created.record_id, Incoming.APPLIED) == (held.case_reference, held.record_id, held.incoming)


def test_each_reference_gets_its_own_record(hub: Hub, whitespace: Whitespace) -> None:
    hub.template("back", WORKSHEET_BACK)
    hub.case("C-1")
    hub.case("C-2")
    first, second = hub.call(hub.plan("C-1")), hub.call(hub.plan("C-2"))
    receive(hub, str(second.record_id))
    assert "worksheet_number" not in hub.source.read("C-1").fields
    assert second.record_id == hub.source.read("C-2").fields["worksheet_number"]
    assert first.record_id != second.record_id


def test_a_record_that_no_case_holds_is_told(hub: Hub) -> None:
    with pytest.raises(NotFound, match="no case holds worksheet 4711"):
        receive(hub, "4711")


@pytest.mark.behaviour("C1")
def test_a_disabled_integration_receives_nothing(hub: Hub) -> None:
    with pytest.raises(NotConfigured, match="disabled"):
        receive(hub, "4711", hub.connector(enabled=False))
