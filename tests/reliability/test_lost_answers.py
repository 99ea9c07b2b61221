"""Answers and requests that are lost, many of them: nothing is lost, nothing is doubled (R2, R3, R8, R17)."""

from __future__ import annotations

import random
import time

import pytest

from casebridge.core.errors import CasebridgeError, InDoubtError, NeedsPerson, RejectedError, TransientError
from casebridge.core.outcome import State
from tests.connectors.scenario import Example, examples
from tests.connectors.trial import Trial
from tests.hub import Hub
from tests.reliability.conftest import repeats
from tests.simulators.client import Whitespace

TRIES = 16


def deliver(hub: Hub, case: str) -> State:
    """Runs an action as Airflow does: again after transient errors and doubts, at most fifteen times."""
    connector = hub.connector(look_again_after=(0.0, 0.05), read_timeout_s=1)
    action = hub.plan(case)
    for attempt in range(1, TRIES + 1):
        try:
            return hub.call(action, connector, attempt=attempt, last=attempt == TRIES).state
        except (TransientError, InDoubtError) as error:
            time.sleep(error.retry_after or 0)  # as the retry policy would
        except RejectedError:
            break
    return hub.ledger.action(action.id).state


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["cut_after_commit", "malformed", "cut_before_commit", "status_503", "refuse"])
@pytest.mark.parametrize(("system", "action"), examples())
def test_no_answer_that_is_lost_loses_or_doubles_a_record(trial: Trial, example: Example, kind: str) -> None:
    """Whatever the connector. Where a target cannot be searched, a person is asked and nothing is sent again."""
    chance = random.Random(kind)
    searched = trial.scenario.kind(example).found_by is not None
    trial.simulate("settings", **trial.scenario.unguarded)  # the target must not be the one who saves us
    for number in range(repeats(3, 200)):
        action = trial.ready(example, f"{kind}-{number}")
        before = trial.counts(example)
        if number == 0 or chance.random() < 0.5:
            where = {} if kind == "refuse" else {"operation": example.operation}
            trial.simulate("faults", kind=kind, times=chance.choice([1, 2]), **where)
        try:
            outcome = trial.perform(action).state
        except NeedsPerson:
            outcome = trial.ledger.action(action.id).state
        made = {name: count - before[name] for name, count in trial.counts(example).items()}
        if outcome is State.CONFIRMED:
            assert dict(example.makes) == made
        else:
            assert (State.NEEDS_PERSON, False) == (outcome, searched)
            assert all(made[name] <= most for name, most in example.makes.items())


@pytest.mark.proof
@pytest.mark.usefixtures("agree")
def test_requests_that_never_left_cost_no_look(hub: Hub, whitespace: Whitespace) -> None:
    away = hub.connector(host="http://127.0.0.1:1")
    for number in range(repeats(5, 50)):
        hub.case(f"C-{number}")
        action = hub.plan(f"C-{number}")
        with pytest.raises(TransientError):
            hub.call(action, away)
        hub.call(action, attempt=2)
    assert {"CreateWorksheet"} == {call["operation"] for call in whitespace.requests}


@pytest.mark.proof
@pytest.mark.usefixtures("agree")
def test_one_poisoned_action_stops_no_other(hub: Hub, whitespace: Whitespace) -> None:
    count = repeats(10, 200)
    hub.case("poison", address={"uprn": "not-a-property"})
    for number in range(count):
        hub.case(f"C-{number}")
    states = [deliver(hub, case) for case in ("poison", *(f"C-{number}" for number in range(count)))]
    assert [State.REFUSED, *[State.CONFIRMED] * count] == states
    poison = hub.log.latest(case_reference="poison")[0]
    assert 1 == poison.tries


def test_no_call_is_made_without_an_intent_on_record(hub: Hub, whitespace: Whitespace) -> None:
    """With the ledger away nothing is sent (R14)."""
    hub.case("C-1")
    action = hub.plan("C-1")
    with hub.database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE action_events RENAME TO away")
    with pytest.raises(Exception, match="action_events") as raised:
        hub.call(action)
    assert not isinstance(raised.value, CasebridgeError)
    assert [] == whitespace.requests
    with hub.database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO action_events")
