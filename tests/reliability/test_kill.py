"""A process that is killed at any point of the protocol loses and doubles nothing, whatever the connector (R1)."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from casebridge.connectors import registry
from casebridge.core.errors import InDoubtError, NeedsPerson, TransientError
from casebridge.core.manifest import ActionType, ReferenceUse
from casebridge.core.outcome import State
from casebridge.settings import PROJECT
from casebridge.store.action import Action
from tests.connectors.scenario import Example
from tests.connectors.trial import Trial
from tests.reliability.conftest import FULL, repeats
from tests.reliability.victim import POINTS

NEEDS_A_DOUBT = ("during_look_up", "after_look_up")
THE_WORST = "after_remote_create"


def _points() -> Iterator[tuple[str, str, str]]:
    """Every point of one action of a system; of its other actions the worst only, unless all is asked for."""
    for system, manifest in registry.manifests().items():
        chosen = max(manifest.outgoing, key=_looked_up)
        for action in manifest.outgoing:
            for point in POINTS if FULL or action is chosen else (THE_WORST,):
                if _met(action, point):
                    yield system, action.name, point


def _met(action: ActionType, point: str) -> bool:
    if point in NEEDS_A_DOUBT:
        return _looked_up(action)
    return point != "during_incoming" or action.reference is not ReferenceUse.NONE


def _looked_up(action: ActionType) -> bool:
    return action.found_by is not None and not (action.repeatable or action.in_parts)


@pytest.mark.proof
@pytest.mark.parametrize(("system", "action", "point"), list(_points()))
def test_kill_9_at_every_point_of_the_protocol(trial: Trial, example: Example, database_url: str, point: str) -> None:
    """At most one record is made for a case; without a look-up, a person is asked and nothing is sent again."""
    trial.simulate("settings", **trial.scenario.unguarded)  # the target must not be the one who saves us
    for number in range(repeats(1, 20)):
        action = trial.ready(example, f"{point}-{number}")
        before = trial.counts(example)
        if point in NEEDS_A_DOUBT:
            trial.fault("cut_after_commit", example)
            with pytest.raises(InDoubtError):
                trial.call(action)
        _kill(trial, action, database_url, point)
        outcome = _again(trial, action)
        made = {kind: count - before[kind] for kind, count in trial.counts(example).items()}
        if outcome is State.CONFIRMED:
            assert dict(example.makes) == made
        else:
            kind = trial.scenario.kind(example)
            assert (State.NEEDS_PERSON, None) == (outcome, kind.found_by)
            assert all(made[kind] <= most for kind, most in example.makes.items())


def _kill(trial: Trial, action: Action, database_url: str, point: str) -> None:
    command = [sys.executable, "-m", "tests.reliability.victim"]
    arguments = [database_url, str(trial.folder), trial.system, trial.simulator_url, action.id, point]
    victim = subprocess.run([*command, *arguments], cwd=PROJECT, check=False)
    assert -signal.SIGKILL == victim.returncode


def _again(trial: Trial, action: Action) -> State:
    connector = trial.connector()
    for attempt in range(3, 8):
        try:
            confirmed = trial.call(action, connector, attempt=attempt)
        except (TransientError, InDoubtError):
            continue
        except NeedsPerson:
            break
        trial.apply(confirmed, connector)
        break
    return trial.ledger.action(action.id).state
