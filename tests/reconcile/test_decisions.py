"""What a person decides about a finding."""

from __future__ import annotations

from typing import Any

import pytest

from casebridge.core.drift import Drift
from casebridge.core.errors import Conflict, NotConfigured
from casebridge.core.outcome import State
from casebridge.steps.reconcile_decide import Desk
from casebridge.store.findings import Finding, FindingState
from tests.reconcile.world import World


class Airflow:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.started: list[tuple[str, dict[str, str], str]] = []
        self.cleared: list[tuple[str, str, str]] = []

    def start(self, dag_id: str, conf: dict[str, str], run_id: str) -> None:
        self.started.append((dag_id, conf, run_id))

    def go_on(self, dag_id: str, run_id: str, task: str) -> None:
        self.cleared.append((dag_id, run_id, task))


@pytest.fixture
def airflow() -> Airflow:
    return Airflow()


@pytest.fixture
def desk(world: World, airflow: Airflow) -> Desk:
    return Desk(world.database, start_run=airflow.start, go_on=airflow.go_on)


def only(world: World) -> Finding:
    (finding,) = world.open_findings()
    return finding


def refused_with_record(world: World, reference: str) -> str:
    world.ledger.refuse_plan(world.plan(reference), reason="a rule of the test")
    return world.planting.make(reference)


def settled(world: World) -> tuple[str, int]:
    """The state of a further reconciliation, and how many findings are open after it."""
    return world.reconcile().state, len(world.open_findings())


def test_an_adopted_record_is_in_the_reference_and_its_data_comes_back(world: World, desk: Desk) -> None:
    record_id = refused_with_record(world, "C-1")
    world.reconcile()
    desk.adopt(only(world), who="Sample Officer", reference="worksheet")
    (held,) = world.references.of_case("C-1")
    assert (record_id, "worksheet") == (held.record_id, held.name)
    assert State.CONFIRMED is world.ledger.action(held.action_id).state
    world.planting.change(record_id)
    assert ("done", 0) == settled(world)
    assert "Rear gate" == world.field("C-1", world.planting.taken)


def test_a_record_is_adopted_once(world: World, desk: Desk) -> None:
    refused_with_record(world, "C-1")
    world.reconcile()
    finding = only(world)
    desk.adopt(finding, who="first", reference="worksheet")
    with pytest.raises(Conflict):
        desk.adopt(finding, who="second", reference="worksheet")
    assert 1 == len(world.references.of_case("C-1"))


def test_a_doubled_record_is_adopted_only_into_a_named_reference(world: World, desk: Desk) -> None:
    """Without a word the record that the Reference holds would be replaced."""
    first = world.create("C-1")
    second = world.planting.make("C-1")
    world.reconcile()
    with pytest.raises(NotConfigured, match="holds a record already"):
        desk.adopt(only(world), who="test")
    desk.adopt(only(world), who="test", reference="second_worksheet")
    held = {one.name: one.record_id for one in world.references.of_case("C-1")}
    assert {"worksheet": first.record_id, "second_worksheet": second} == held
    assert ("done", 0) == settled(world)


def test_a_record_that_is_gone_is_sent_again_by_one_new_run(world: World, desk: Desk, airflow: Airflow) -> None:
    world.missing("GONE-0")
    world.reconcile()
    finding = only(world)
    desk.send_again(finding, who="test")
    ((dag_id, conf, run_id),) = airflow.started
    assert f"{world.planting.system}__{world.planting.outgoing}" == dag_id
    assert {"case": "GONE-0", "template": "out", "source": "local"} == conf
    assert f"finding-{finding.id}" in run_id
    with pytest.raises(Conflict):
        desk.send_again(finding, who="test")
    assert 1 == len(airflow.started)


def test_an_action_in_doubt_is_decided_as_resolve_decides_it(world: World, desk: Desk, airflow: Airflow) -> None:
    lost = [world.doubt(f"NEVER-{number}", world.planting.lose_request) for number in range(3)]
    world.reconcile()
    by_case = {one.case_reference: one for one in world.open_findings()}
    other = world.planting.make("elsewhere")
    desk.adopt(by_case["NEVER-0"], who="test", record_id=other)
    desk.send_again(by_case["NEVER-1"], who="test")
    desk.close(by_case["NEVER-2"], who="test", reason="not wanted")
    states = [world.ledger.action(one.id).state for one in lost]
    # One that makes several writes goes on with the next one.
    assert [State.CONFIRMED if world.adopts else State.PLANNED, State.PLANNED, State.CLOSED] == states
    assert [(one.dag_id, one.run_id, "call_target") for one in lost[:2]] == airflow.cleared


def test_a_finding_cannot_be_decided_in_a_way_that_does_not_fit(world: World, desk: Desk) -> None:
    world.missing("GONE-0")
    world.reconcile()
    with pytest.raises(Conflict, match="send-again, close, ignore"):
        desk.adopt(only(world), who="test")


@pytest.mark.parametrize(("way", "state"), [("close", FindingState.CLOSED), ("ignore", FindingState.IGNORED)])
def test_what_a_person_leaves_as_it_is_is_not_told_again(world: World, desk: Desk, way: str, state: Any) -> None:
    world.missing("GONE-0")
    world.reconcile()
    decided = getattr(desk, way)(only(world), who="Sample Officer", reason="the council knows")
    assert (state, "Sample Officer", "the council knows") == (decided.state, decided.who, decided.reason)
    assert ("done", 0) == settled(world)


def test_a_drift_that_comes_back_after_it_was_sent_again_is_told_again(world: World, desk: Desk) -> None:
    world.missing("GONE-0")
    world.reconcile()
    desk.send_again(only(world), who="test")
    world.reconcile()
    assert (Drift.MISSING_IN_TARGET, "GONE-0") == (only(world).drift, only(world).case_reference)
