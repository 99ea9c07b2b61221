"""Nothing is answered as taken that is not in the database, and nothing is in it twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.core.errors import Unreachable
from casebridge.store import schema
from casebridge.store.database import Database
from casebridge.store.inbox import Entry, Inbox
from casebridge.web import health
from casebridge.web.app import create_app
from casebridge.web.intake import Intake, put_each
from casebridge.web.refusal import Refusal
from casebridge.web.settings import InboxSettings
from stack.postgres import Postgres
from tests.web.senders import XML, event, poke, webhook
from tests.web.serving import serving


def arrival(key: str, **parts: str) -> Arrival:
    """An arrival with this key."""
    return Arrival(system="jadu_cxm", kind=ArrivalKind.CASE_EVENT, key=key, subject="EMA001330", **parts)


class Forwarding:
    """An inbox in front of another one.

    Args:
        inbox: The other one.
    """

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.batches: list[list[str]] = []

    def put(self, arrivals: Sequence[Arrival]) -> int:
        """Stores them there."""
        self.batches.append([one.key for one in arrivals])
        return self.inbox.put(arrivals)

    def latest(self, limit: int = 50) -> list[Entry]:
        """The newest there."""
        return self.inbox.latest(limit)

    def count_pending(self) -> int:
        """How many wait there."""
        return self.inbox.count_pending()


class Gated(Forwarding):
    """An inbox that stores only once it is let."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self.reached = threading.Event()
        self.gate = threading.Event()

    def put(self, arrivals: Sequence[Arrival]) -> int:
        """Waits, then stores."""
        self.reached.set()
        assert self.gate.wait(30)
        return super().put(arrivals)


def test_many_at_once_are_one_entry(url: str, inbox: Inbox) -> None:
    """Fifty deliveries of one event: one is new, and all are told that it is safe."""
    body, headers = webhook()

    def send(_: int) -> tuple[int, bool]:
        answer = requests.post(f"{url}/inbox/jadu_cxm", body, headers=headers, timeout=30)
        return answer.status_code, answer.json()["stored"]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))

    assert {202} == {status for status, _ in answers}
    assert 1 == sum(stored for _, stored in answers)
    assert 1 == inbox.count_pending()


def test_many_different_ones_are_all_there(url: str, inbox: Inbox) -> None:
    """Of two hundred, each twice, every one is told once as new."""
    references = [f"EMA{number % 200:06}" for number in range(400)]
    bodies = {reference: webhook(event(reference)) for reference in references}

    def send(reference: str) -> tuple[str, bool]:
        body, headers = bodies[reference]
        answer = requests.post(f"{url}/inbox/jadu_cxm", body, headers=headers, timeout=30)
        return reference, answer.json()["stored"]

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(send, references))

    assert sorted(set(references)) == sorted(reference for reference, stored in answers if stored)
    assert sorted(set(references)) == sorted(entry.arrival.subject for entry in inbox.latest(1000))


def test_the_answer_waits_for_the_commit(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    gated = Gated(inbox)
    body, headers = webhook()
    with serving(create_app(gated, settings)) as url, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(http.post, f"{url}/inbox/jadu_cxm", body, headers=headers)
        assert gated.reached.wait(30)
        assert not answer.done()
        assert 0 == inbox.count_pending()
        gated.gate.set()
        assert 202 == answer.result(30).status_code
        assert 1 == inbox.count_pending()


def test_a_database_that_hangs_is_told_in_time(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """The sender has a time limit too; it comes again, and it makes no difference whether it was stored."""
    from dataclasses import replace

    gated = Gated(inbox)
    body, headers = webhook()
    with serving(create_app(gated, replace(settings, patience_s=0.05))) as url:
        assert 503 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code
        gated.gate.set()
    with serving(create_app(inbox, settings)) as url:
        assert 202 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code
    assert 1 == inbox.count_pending()


def test_what_waits_is_stored_when_the_server_ends(
    http: requests.Session, inbox: Inbox, settings: InboxSettings
) -> None:
    """Nobody who is told to come again loses anything, and nobody who waits is forgotten."""
    gated = Gated(inbox)
    body, headers = webhook()
    with ThreadPoolExecutor(2) as pool:
        with serving(create_app(gated, settings)) as url:
            answer = pool.submit(http.post, f"{url}/inbox/jadu_cxm", body, headers=headers)
            assert gated.reached.wait(30)
            pool.submit(gated.gate.set)
        assert 202 == answer.result(30).status_code
    assert 1 == inbox.count_pending()


@pytest.fixture
def own_server(run_folder: Path, request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A database server that may be stopped."""
    server = Postgres(run_folder / "inbox-server", durable=False)
    server.start()
    yield server
    server.stop()


def test_while_the_database_is_away_nothing_is_taken(
    own_server: Postgres, http: requests.Session, settings: InboxSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender is told to come again; afterwards all goes on as before."""
    monkeypatch.setattr(health, "FRESH_S", -1.0)
    own_server.create_database("inbox")
    database = Database(own_server.url("inbox"))
    schema.upgrade(database)
    inbox = Inbox(database)
    first, second = webhook(event("EMA000001")), webhook(event("EMA000002"))
    with serving(create_app(inbox, settings)) as url:
        assert 202 == http.post(f"{url}/inbox/jadu_cxm", first[0], headers=first[1]).status_code
        assert {"database": "ok", "pending": 1} == http.get(f"{url}/inbox/health").json()

        own_server.stop()
        refused = http.post(f"{url}/inbox/jadu_cxm", second[0], headers=second[1])
        poked = http.post(f"{url}/inbox/whitespace", poke(), headers=XML)
        sick = http.get(f"{url}/inbox/health")

        assert (503, {"error": "the database is away"}) == (refused.status_code, refused.json())
        assert (503, True) == (poked.status_code, "soap:Server" in poked.text)
        assert refused.headers["Retry-After"] == poked.headers["Retry-After"] == "5"
        assert (503, {"database": "away"}) == (sick.status_code, sick.json())
        database.close()
    own_server.start()
    again = Database(own_server.url("inbox"))
    with serving(create_app(Inbox(again), settings)) as url:
        assert {"stored": True} == http.post(f"{url}/inbox/jadu_cxm", second[0], headers=second[1]).json()
        assert {"stored": False} == http.post(f"{url}/inbox/jadu_cxm", first[0], headers=first[1]).json()
    assert 2 == Inbox(again).count_pending()
    again.close()


def test_an_error_of_our_own_is_told_without_details(
    http: requests.Session, database_url: str, settings: InboxSettings, caplog: pytest.LogCaptureFixture
) -> None:
    """A database without our tables: the sender comes again, and learns nothing about us."""
    database = Database(database_url)
    with database.begin() as connection:
        connection.exec_driver_sql("DROP TABLE inbox")
    body, headers = webhook()
    with serving(create_app(Inbox(database), settings)) as url:
        answer = http.post(f"{url}/inbox/jadu_cxm", body, headers=headers)
        sick = http.get(f"{url}/inbox/health")
    database.close()

    assert (503, {"error": "it could not be stored"}) == (answer.status_code, answer.json())
    assert (503, {"database": "away"}) == (sick.status_code, sick.json())
    assert "Traceback" not in caplog.text


def test_each_learns_of_its_own(inbox: Inbox) -> None:
    """Of what is stored together, some is new, some is told twice, some was there."""
    inbox.put([arrival("a"), arrival("b")])
    together = [arrival("a"), arrival("c"), arrival("b"), arrival("c"), arrival("d")]

    assert [False, True, False, False, True] == put_each(inbox, together)
    assert [False, False] == put_each(inbox, [arrival("c"), arrival("d")])
    assert [True, False] == put_each(inbox, [arrival("e"), arrival("e")])
    assert ["e", "d", "c", "b", "a"] == [entry.arrival.key for entry in inbox.latest()]


def test_what_waits_is_stored_together(inbox: Inbox) -> None:
    """While one transaction is committed the others gather for the next."""
    gated = Gated(inbox)
    intake = Intake(gated)
    first = intake.put(arrival("first"))
    intake.start()
    assert gated.reached.wait(30)
    others = [intake.put(arrival(str(number))) for number in range(20)]
    gated.gate.set()

    assert [True] * 21 == [future.result(30) for future in (first, *others)]
    assert [["first"], [str(number) for number in range(20)]] == gated.batches
    intake.close()


def test_who_is_not_waiting_any_more_is_left_out(inbox: Inbox) -> None:
    """It was told to come again, and will."""
    intake = Intake(inbox)
    gone, there = intake.put(arrival("gone")), intake.put(arrival("there"))
    assert gone.cancel()
    intake.start()

    assert there.result(30)
    assert ["there"] == [entry.arrival.key for entry in inbox.latest()]
    intake.close()


def test_what_cannot_be_stored_takes_nothing_with_it(inbox: Inbox) -> None:
    intake = Intake(inbox)
    futures = [intake.put(one) for one in (arrival("a"), arrival("b", event="\x00"), arrival("c"))]
    intake.start()

    assert futures[0].result(30)
    with pytest.raises(Refusal, match="could not be stored"):
        futures[1].result(30)
    assert futures[2].result(30)
    intake.close()


def test_not_more_may_wait_than_fit(inbox: Inbox) -> None:
    """Memory has an end."""
    intake = Intake(inbox, most_waiting=2)
    waiting = [intake.put(arrival("a")), intake.put(arrival("b"))]
    with pytest.raises(Refusal) as raised:
        intake.put(arrival("c"))
    assert (503, 5) == (raised.value.status, raised.value.retry_after)
    intake.start()
    assert [True, True] == [future.result(30) for future in waiting]
    intake.close()


def test_an_answer_that_got_lost_is_no_success(inbox: Inbox) -> None:
    """The database went away between the commit and the look at what was new: the sender comes again."""

    class Losing(Forwarding):
        def latest(self, limit: int = 50) -> list[Entry]:
            raise Unreachable("away")

    inbox.put([arrival("a")])
    intake = Intake(Losing(inbox))
    futures = [intake.put(arrival(key)) for key in "ab"]
    intake.start()
    for future in futures:
        with pytest.raises(Refusal, match="away"):
            future.result(30)
    intake.close()


Nudge = Callable[[], object]


def test_a_nudge_follows_what_is_new(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """And not what was there already, or was refused."""
    rung = threading.Semaphore(0)
    body, headers = webhook()
    with serving(create_app(inbox, settings, nudge=rung.release)) as url:
        assert 401 == http.post(f"{url}/inbox/whitespace", poke(secret="x"), headers=XML).status_code
        assert not rung.acquire(blocking=False)
        assert 202 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code
        assert rung.acquire(timeout=30)
        assert 202 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code
    assert not rung.acquire(blocking=False)


def test_a_slow_nudge_keeps_nobody_waiting(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """Answers come while it is still on its way."""
    began, end = threading.Event(), threading.Event()

    def slow() -> None:
        began.set()
        end.wait(30)

    with serving(create_app(inbox, settings, nudge=slow)) as url:
        for number in range(3):
            body, headers = webhook(event(f"EMA00000{number}"))
            assert 202 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code
        assert began.wait(30)
        assert not end.is_set()
        end.set()
