"""The intake: what arrives at the same time is stored in one transaction, and each sender learns of its own."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from casebridge.core.arrival import Arrival
from casebridge.core.errors import TransientError
from casebridge.web.refusal import Refusal

MOST_TOGETHER = 200
MOST_WAITING = 5000
RETRY_AFTER_S = 5

_LOG = logging.getLogger("casebridge.inbox")


class Stored(Protocol):
    """An arrival that is in the inbox."""

    @property
    def arrival(self) -> Arrival:
        """The arrival."""


class ArrivalStore(Protocol):
    """Where arrivals go: the inbox."""

    def put(self, arrivals: Sequence[Arrival]) -> int:
        """Stores arrivals, and returns how many were new."""

    def latest(self, limit: int = 50) -> Sequence[Stored]:
        """The newest entries first."""

    def count_pending(self) -> int:
        """How many entries wait."""


class Intake:
    """A thread that stores what is waiting, again and again: no wait is added when there is only one.

    Args:
        inbox: Where arrivals go.
        most_waiting: How many may wait; beyond that senders are told to come again.
    """

    def __init__(self, inbox: ArrivalStore, *, most_waiting: int = MOST_WAITING) -> None:
        self._inbox = inbox
        self._waiting: queue.Queue[tuple[Arrival, Future[bool]] | None] = queue.Queue(most_waiting)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to store."""
        if self._thread is None:
            # A daemon: a database that hangs must not keep the process from ending.
            self._thread = threading.Thread(target=self._run, name="inbox-intake", daemon=True)
            self._thread.start()

    def close(self, *, seconds: float = 5) -> None:
        """Stores what is waiting, as far as there is time, and ends."""
        if self._thread is None:
            return
        try:
            self._waiting.put(None, timeout=seconds)
        except queue.Full:
            return
        self._thread.join(seconds)
        self._thread = None

    def put(self, arrival: Arrival) -> Future[bool]:
        """Will be True when the arrival is stored, False when it was there already; until then it is not safe.

        Raises:
            Refusal: Too many are waiting.
        """
        future: Future[bool] = Future()
        try:
            self._waiting.put_nowait((arrival, future))
        except queue.Full:
            raise Refusal(503, "too much is waiting to be stored", retry_after=RETRY_AFTER_S) from None
        return future

    def _run(self) -> None:
        more = True
        while more:
            batch = [self._waiting.get()]
            while len(batch) < MOST_TOGETHER and not self._waiting.empty():
                batch.append(self._waiting.get())
            more = None not in batch
            # Who has stopped waiting for the answer will send again.
            wanted = [one for one in batch if one is not None and one[1].set_running_or_notify_cancel()]
            if wanted:
                self._store(wanted)

    def _store(self, batch: Sequence[tuple[Arrival, Future[bool]]]) -> None:
        try:
            new = put_each(self._inbox, [arrival for arrival, _ in batch])
        except TransientError:
            for _, future in batch:
                future.set_exception(Refusal(503, "the database is away", retry_after=RETRY_AFTER_S))
        except Exception as error:
            if len(batch) > 1:
                for one in batch:  # so that one that cannot be stored does not take the others with it
                    self._store([one])
                return
            _LOG.error("an arrival could not be stored (%s)", type(error).__name__)
            batch[0][1].set_exception(Refusal(503, "it could not be stored", retry_after=RETRY_AFTER_S))
        else:
            for (_, future), is_new in zip(batch, new, strict=True):
                future.set_result(is_new)


def put_each(inbox: ArrivalStore, arrivals: Sequence[Arrival]) -> list[bool]:
    """Stores arrivals, and says for each one whether it was new."""
    by_key: dict[tuple[str, str], Arrival] = {}
    first = []
    for arrival in arrivals:
        first.append(by_key.setdefault((arrival.system, arrival.key), arrival) is arrival)
    count = inbox.put(list(by_key.values()))
    new = set(by_key) if count == len(by_key) else set()
    if 0 < count < len(by_key):
        # The inbox tells how many were new. They are the newest of these keys.
        latest = [(entry.arrival.system, entry.arrival.key) for entry in inbox.latest(count + MOST_TOGETHER)]
        new = set([key for key in latest if key in by_key][:count])
    return [is_first and (one.system, one.key) in new for one, is_first in zip(arrivals, first, strict=True)]
