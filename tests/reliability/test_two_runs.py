"""The same task run twice at the same time makes one record (R4)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from casebridge.core.errors import CasebridgeError, Fenced
from casebridge.core.outcome import State
from casebridge.core.ports import Connector
from casebridge.core.record import Receipt
from casebridge.store.action import Action
from tests.connectors.scenario import Example, examples
from tests.connectors.trial import Trial
from tests.hub import Hub
from tests.reliability.conftest import repeats
from tests.simulators.client import Whitespace


@pytest.mark.proof
@pytest.mark.parametrize(("system", "action"), examples())
def test_two_runs_of_one_task_make_one_record(trial: Trial, example: Example) -> None:
    outcomes: Counter[str] = Counter()
    trial.simulate("settings", **trial.scenario.unguarded)  # the target must not be the one who saves us
    connectors = [trial.connector() for _ in range(2)]
    for number in range(repeats(5, 1000)):
        action = trial.ready(example, f"C-{number}")
        before = trial.counts(example)
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(_run, trial, action, connector, start) for connector in connectors]
        ended = [run.result() for run in runs]
        assert State.CONFIRMED in ended
        assert dict(example.makes) == {kind: count - before[kind] for kind, count in trial.counts(example).items()}
        outcomes.update(ended)
    assert set(outcomes) <= {State.CONFIRMED, "Fenced"}


def _run(hub: Hub, action: Action, connector: Connector, start: threading.Barrier) -> str:
    start.wait()
    try:
        return hub.call(action, connector).state
    except CasebridgeError as error:
        return type(error).__name__


def test_the_loser_is_fenced_and_sends_nothing(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    with hub.ledger.claim(action.id, attempt=1), pytest.raises(Fenced):
        hub.call(action)
    assert [] == whitespace.requests


def test_a_run_that_was_believed_dead_cannot_write_over_its_successor(hub: Hub, whitespace: Whitespace) -> None:
    """Its database session was lost, somebody else took over, and then it comes back with an answer."""
    hub.case("C-1")
    action = hub.plan("C-1")
    with hub.ledger.claim(action.id, attempt=1) as late:
        late.intend()
        with hub.database.begin() as connection:
            connection.exec_driver_sql("UPDATE actions SET fence = fence + 1")
        with pytest.raises(Fenced):
            late.confirm(Receipt("1"), reason="worksheet 1 created")
    assert State.INTENT == hub.ledger.action(action.id).state
    assert [] == hub.references.of_case("C-1")
    whitespace.set("reset")
    hub.call(action, hub.connector(look_again_after=(0.0,)), attempt=2)
