"""Answers and requests that are lost, many of them: nothing is lost, nothing is doubled (R2, R3, R8, R17)."""

from __future__ import annotations

import random
import time

import pytest

from casebridge.core.errors import CasebridgeError, InDoubtError, RejectedError, TransientError
from casebridge.core.outcome import State
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
@pytest.mark.usefixtures("agree")
@pytest.mark.parametrize("kind", ["cut_after_commit", "malformed", "cut_before_commit", "status_503", "refuse"])
def test_no_answer_that_is_lost_loses_or_doubles_a_worksheet(hub: Hub, whitespace: Whitespace, kind: str) -> None:
    chance = random.Random(kind)
    count = repeats(12, 200)
    for number in range(count):
        case = f"{kind}-{number}"
        hub.case(case)
        if chance.random() < 0.5:
            matching = {} if kind == "refuse" else {"operation": "CreateWorksheet"}
            whitespace.set("faults", kind=kind, times=chance.choice([1, 2]), **matching)
        assert State.CONFIRMED == deliver(hub, case), case
    assert count == len(whitespace.worksheets)


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
