"""A process that is killed while it writes back to SSP7 leaves no text twice: once, or a person is asked."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from casebridge.core.arrival import ArrivalState
from casebridge.core.outcome import State
from casebridge.settings import PROJECT
from tests.service_desk import GROUP, ServiceDesk
from tests.sources.ssp7.victim import POINTS

TASK = "9001"
IN_THE_DARK = ("after_intent", "mid_send", "after_write")
"""Points at which SSP7 may have the text, and nothing here knows."""


def kill(office: ServiceDesk, database_url: str, point: str) -> None:
    """A process handles the inbox and dies at the point."""
    command = [sys.executable, "-m", "tests.sources.ssp7.victim"]
    arguments = [database_url, office.ssp7.url, office.provider.url, point]
    victim = subprocess.run([*command, *arguments], cwd=PROJECT, check=False)
    assert -signal.SIGKILL == victim.returncode


def recover(office: ServiceDesk) -> None:
    """Others handle the inbox, until nothing waits but for a person. The database lets go of the dead one's locks."""
    for _ in range(50):
        office.work()
        if not office.inbox.count_pending() or parked(office):
            return
        time.sleep(0.1)
    raise AssertionError("the inbox does not come to an end")


def parked(office: ServiceDesk) -> list[Any]:
    return [action for action in office.log.latest(limit=50) if action.state is State.NEEDS_PERSON]


def submitted(office: ServiceDesk) -> str:
    """The number of the task's ticket."""
    office.ssp7.act("assign", task=TASK, group=GROUP)
    office.work()
    return str(office.tickets()[0]["number"])


@pytest.mark.parametrize("point", POINTS)
def test_an_update_text_is_on_the_task_at_most_once_and_a_person_is_asked_where_nobody_knows(
    office: ServiceDesk, database_url: str, point: str
) -> None:
    """The text of the next update comes after it, whatever the person decides."""
    written = lambda: [one["text"] for one in office.ssp7.task(TASK)["updates"]]  # noqa: E731
    with office.listening():
        number = submitted(office)
        office.provider.act("update", ticket=number, text="one")
        kill(office, database_url, point)
        office.provider.act("update", ticket=number, text="two")
        recover(office)
        if point in IN_THE_DARK:
            arrived = ["one"] if point == "after_write" else []
            assert arrived == written()
            [waiting] = parked(office)
            if arrived:
                office.decisions.adopt(waiting.id, record_id=TASK, who="somebody")
            else:
                office.decisions.allow_again(waiting.id, who="somebody")
            recover(office)
        assert (["one", "two"], []) == (written(), parked(office))


@pytest.mark.parametrize("point", ["mid_send", "after_write", "after_part"])
def test_a_closure_is_told_whatever_is_cut_short(office: ServiceDesk, database_url: str, point: str) -> None:
    """It may be told twice: a task that is closed already is as it should be, and nobody need be asked."""
    with office.listening():
        number = submitted(office)
        office.provider.act("close", ticket=number)
        kill(office, database_url, point)
        recover(office)
        told = [entry.state for entry in office.inbox.latest() if entry.arrival.system == "service_provider"]
    assert ("Closed", [ArrivalState.HANDLED], []) == (office.ssp7.task(TASK)["status"], told, parked(office))
