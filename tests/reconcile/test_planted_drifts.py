"""Drifts of every kind, planted in a target and here: all are told, none falsely, and what is safe is mended."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from casebridge.core.drift import Drift
from casebridge.core.errors import Unreachable
from casebridge.core.outcome import State
from casebridge.store.adoptions import adopt_record
from casebridge.store.findings import FindingState
from tests.reconcile.world import World


def plant(world: World) -> Counter[tuple[Drift, str]]:
    """Ten cases that agree, and two drifts of each kind; returns those that a person must be told of."""
    planting = world.planting
    for number in range(10):
        world.create(f"MATCHED-{number}")
    expected: Counter[tuple[Drift, str]] = Counter()
    for number in range(2):
        changed = world.create(f"CHANGED-{number}")
        planting.change(str(changed.record_id))
        world.missing(f"GONE-{number}")
        expected[Drift.MISSING_IN_TARGET, f"GONE-{number}"] += 1
        refused = world.plan(f"UNKNOWN-{number}")
        world.ledger.refuse_plan(refused, reason="a rule of the test")
        planting.make(f"UNKNOWN-{number}")
        expected[Drift.MISSING_HERE, f"UNKNOWN-{number}"] += 1
        world.create(f"TWICE-{number}")
        planting.make(f"TWICE-{number}")
        expected[Drift.DOUBLED, f"TWICE-{number}"] += 1
        done = world.create(f"DONE-{number}")
        planting.close(str(done.record_id))
        expected[Drift.CLOSED_IN_TARGET, f"DONE-{number}"] += 1
        world.create(f"SHUT-{number}")
        world.set_status(f"SHUT-{number}", "closed")
        expected[Drift.CLOSED_HERE, f"SHUT-{number}"] += 1
        both = world.create(f"BOTH-{number}")
        planting.close(str(both.record_id))
        world.set_status(f"BOTH-{number}", "closed")
        dropped = world.doubt(f"DROPPED-{number}", planting.lose_answer)
        world.decisions.close(dropped.id, who="test", reason="not wanted")
        expected[Drift.CLOSED_HERE, f"DROPPED-{number}"] += 1
        world.doubt(f"LOST-{number}", planting.lose_answer)
        expected[Drift.DECIDABLE, f"LOST-{number}"] += not world.adopts
        world.doubt(f"NEVER-{number}", planting.lose_request)
        expected[Drift.IN_DOUBT, f"NEVER-{number}"] += 1
        planting.make(f"STRANGER-{number}")
    return +expected


def test_every_planted_drift_is_told_and_none_falsely(world: World) -> None:
    expected = plant(world)
    before = world.planting.records()
    first = world.reconcile()
    assert ("done", expected) == (first.state, world.found())
    told = Counter(drift for drift, _ in expected.elements())
    assert told == Counter({drift: first.counts[drift] for drift in told})
    # Those that were planted, and those that the target has closed.
    assert 6 == first.counts[Drift.CHANGED]
    assert before == world.planting.records()  # nothing is created, changed or deleted in a target


def test_what_is_safe_is_mended_and_the_next_run_mends_nothing(world: World) -> None:
    plant(world)
    first = world.reconcile()
    assert {"Rear gate"} == {world.field(f"CHANGED-{n}", world.planting.taken) for n in range(2)}
    adopted = [one for n in range(2) for one in world.references.of_case(f"LOST-{n}")]
    assert {State.CONFIRMED} >= {world.ledger.action(one.action_id).state for one in adopted}
    assert Counter({Drift.CHANGED: 6, Drift.DECIDABLE: len(adopted)}) == Counter(first.mended)
    assert len(adopted) == (2 if world.adopts else 0)
    told = world.found()
    second = world.reconcile()
    assert ({}, told) == (second.mended, world.found())


def test_after_every_finding_is_decided_a_run_is_clean(world: World) -> None:
    """Whatever way a person decides, the same drift is not told again."""
    plant(world)
    world.reconcile()
    for number, finding in enumerate(world.open_findings()):
        state = (FindingState.CLOSED, FindingState.IGNORED)[number % 2]
        world.findings.decide(finding, state, who="test", reason="as agreed")
    world.reconcile()
    assert Counter() == world.found()


def test_a_drift_that_is_gone_is_settled_by_itself(world: World) -> None:
    world.create("SHUT-0")
    world.set_status("SHUT-0", "closed")
    world.reconcile()
    (finding,) = world.open_findings()
    world.set_status("SHUT-0", "open")
    world.reconcile()
    assert FindingState.SETTLED is world.findings.finding(finding.id).state


def test_two_records_of_one_case_that_two_references_hold_are_no_double(world: World) -> None:
    first = world.create("C-1")
    second = world.planting.make("C-1")
    like = world.ledger.action(first.id)
    adopt_record(world.database, like, record_id=second, reference="second_worksheet", record_url="", who="test")
    world.reconcile()
    assert Counter() == world.found()


def test_a_run_that_was_stopped_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a target has listed is not asked for again."""
    for number in range(6):
        world.create(f"C-{number}")
    monkeypatch.setattr("casebridge.steps.reconcile.KEYS", 2)
    name = "listing_of" if world.kind.listed_by == "reference" else "listing"
    connector = world.sides.connector
    listing = getattr(connector, name)
    asked: list[object] = []

    def stop_at_the_third(*given: object) -> object:
        if len(asked) == 2:
            asked.append("stopped")
            raise Unreachable("the target went away")
        asked.append(given)
        return listing(*given)

    monkeypatch.setattr(connector, name, stop_at_the_third)
    with pytest.raises(Unreachable):
        world.reconcile(connector)
    done = world.reconcile(connector)
    assert ("done", 6) == (done.state, done.listed)
    assert [] == [one for number, one in enumerate(asked) if one in asked[:number]]


def test_the_limit_ends_a_run_and_the_next_one_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        world.create(f"C-{number}")
    monkeypatch.setattr("casebridge.steps.reconcile.KEYS", 1)
    # The period ends after the records, however roughly a target keeps the time: there is something left to list.
    until = datetime.now(UTC) + timedelta(days=2)
    states = [world.reconcile(limit=1, until=until).state for _ in range(6)]
    assert "listing" == states[0]
    assert "done" in states


def test_an_action_that_a_run_works_on_is_left_alone(world: World) -> None:
    """The lock of a live action is never waited for, and its record is no drift."""
    lost = world.doubt("C-1", world.planting.lose_answer)
    with world.ledger.claim(lost.id, attempt=1):
        done = world.reconcile()
    assert ("done", Counter(), {}) == (done.state, world.found(), done.mended)


def test_a_live_action_can_be_claimed_while_a_reconciliation_is_at_work(world: World) -> None:
    action = world.create("C-1")
    with world.reconciliations.at_work(world.planting.system), world.ledger.claim(action.id, attempt=1) as claim:
        assert action.id == claim.action.id


def test_two_reconciliations_of_a_system_do_not_run_at_once(world: World) -> None:
    from casebridge.steps.reconcile import reconcile

    with world.reconciliations.at_work(world.planting.system) as held:
        assert held
        assert reconcile(world.scope(), world.sides) is None
