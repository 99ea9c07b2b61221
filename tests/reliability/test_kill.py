"""A process that is killed at any point of the protocol loses and doubles nothing (R1)."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from casebridge.core.errors import InDoubtError, TransientError
from casebridge.core.outcome import State
from tests.hub import WORKSHEET_BACK, Hub
from tests.reliability.conftest import repeats
from tests.reliability.victim import POINTS
from tests.simulators.client import Whitespace

ROOT = Path(__file__).parents[2]
NEEDS_A_DOUBT = ("during_look_up", "after_look_up")


@pytest.mark.proof
@pytest.mark.usefixtures("agree")
@pytest.mark.parametrize("point", POINTS)
def test_kill_9_at_every_point_of_the_protocol(hub: Hub, whitespace: Whitespace, database_url: str, point: str) -> None:
    hub.template("back", WORKSHEET_BACK)
    whitespace.set("settings", duplicate_rule={"window_s": 0})  # the target must not be the one who saves us
    connector = hub.connector(look_again_after=(0.0, 0.0))
    count = repeats(1, 20)
    for number in range(count):
        case = f"{point}-{number}"
        hub.case(case)
        action = hub.plan(case)
        if point in NEEDS_A_DOUBT:
            whitespace.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")
            with pytest.raises(InDoubtError):
                hub.call(action, connector)
        command = [sys.executable, "-m", "tests.reliability.victim"]
        victim = subprocess.run(
            [*command, database_url, str(hub.folder), whitespace.url, action.id, point], cwd=ROOT, check=False
        )
        assert -signal.SIGKILL == victim.returncode
        for attempt in range(3, 8):
            try:
                confirmed = hub.call(action, connector, attempt=attempt)
                break
            except (TransientError, InDoubtError):
                continue
        assert State.CONFIRMED == confirmed.state
        hub.apply(confirmed, connector)
        assert confirmed.record_id == hub.source.read(case).fields["worksheet_number"]
    assert count == len(whitespace.worksheets)
