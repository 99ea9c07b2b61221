"""Scheduler and database stopped under load: what was answered 2xx is handled once, what was not may be sent again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from stack.stack import Stack
from tests.airflow.test_inbox import eventually
from tests.conftest import QUICK
from tests.reliability.conftest import repeats
from tests.web.senders import event, signed

pytestmark = [pytest.mark.stack, pytest.mark.proof]

AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")


@pytest.fixture
def own_stack(run_folder: Path) -> Iterator[Stack]:
    """A copy of its own: what it does to its parts must reach no other test."""
    with Stack(run_folder / "chaos", durable=False, airflow_env=QUICK, simulators=[]) as running:
        yield running


def keep_alive(stack: Stack) -> None:
    """Start again what has ended, as a supervisor would: some parts end when their database is away."""
    for name in AIRFLOW:
        component = stack.component(name)
        if not component.is_running:
            component.start()


class Sender:
    """Sends events at a steady rate, as a case system would, and remembers which were answered 2xx."""

    def __init__(self, stack: Stack) -> None:
        self._address = f"{stack.inbox_url}/inbox/jadu_cxm"
        self._secret = stack.environment["CASEBRIDGE_INBOX_SECRET_JADU_CXM"]
        self._session = threading.local()
        self.bodies: dict[str, bytes] = {}
        self.accepted: set[str] = set()

    def run(self, *, seconds: float, rate: int) -> None:
        with ThreadPoolExecutor(16) as pool:
            for number in range(int(seconds * rate)):
                case = f"CHA{number:06d}"
                self.bodies[case] = json.dumps(event(case)).encode()
                pool.submit(self.send, case)
                time.sleep(1 / rate)

    def send(self, case: str) -> None:
        if not hasattr(self._session, "session"):
            self._session.session = requests.Session()
        body = self.bodies[case]
        try:
            headers = signed(body, self._secret)
            answer = self._session.session.post(self._address, data=body, headers=headers, timeout=20)
        except requests.RequestException:
            return
        if answer.ok:
            self.accepted.add(case)


def entries(stack: Stack) -> dict[str, tuple[int, int]]:
    """How many entries there are of each case, and how many of them are handled."""
    engine = sa.create_engine(stack.postgres.url("casebridge"))
    query = sa.text(
        "SELECT subject, count(*), count(*) FILTER (WHERE state <> 'pending') FROM inbox "
        "WHERE subject LIKE 'CHA%' GROUP BY subject"
    )
    with engine.connect() as connection:
        found = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    engine.dispose()
    return found


def test_nothing_that_was_answered_is_lost_or_doubled(own_stack: Stack) -> None:
    stack = own_stack
    away = repeats(4, 60)
    rate = repeats(40, 200)
    sender = Sender(stack)
    load = threading.Thread(target=sender.run, kwargs={"seconds": away * 2 + 4, "rate": rate})
    load.start()
    time.sleep(2)
    stack.component("scheduler").kill()
    stack.postgres.kill()
    time.sleep(away)
    stack.postgres.stop()
    stack.postgres.start()
    load.join()
    stored = entries(stack)
    assert sender.accepted <= set(stored)
    assert {1} == {count for count, _ in stored.values()}
    refused = set(sender.bodies) - sender.accepted
    assert refused, "the database was away: some must have been refused"
    for case in refused:
        sender.send(case)
    assert set(sender.bodies) == sender.accepted

    def all_handled() -> bool:
        keep_alive(stack)
        return all(handled == 1 for _, handled in entries(stack).values())

    eventually(all_handled, seconds=240)
    everything = entries(stack)
    assert (len(sender.bodies), {(1, 1)}) == (len(everything), set(everything.values()))
