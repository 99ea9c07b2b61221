"""The bell: tells whoever handles the inbox that something is in it, without keeping a sender waiting."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

PAUSE_S = 1.0
"""Seconds between two nudges."""

_LOG = logging.getLogger("casebridge.inbox")


class Bell:
    """Calls a nudge in the background, at most once a second, and after the last ring at least once.

    Args:
        nudge: Called without arguments; it may be slow and it may fail.
        pause_s: Seconds between two calls.
    """

    def __init__(self, nudge: Callable[[], object], *, pause_s: float = PAUSE_S) -> None:
        self._nudge = nudge
        self._pause_s = pause_s
        self._rung = threading.Event()
        self._closed = threading.Event()
        self._failing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to listen."""
        if self._thread is None:
            self._closed.clear()
            self._thread = threading.Thread(target=self._run, name="inbox-bell", daemon=True)
            self._thread.start()

    def ring(self) -> None:
        """Something new is in the inbox."""
        self._rung.set()

    def close(self, *, seconds: float = 5) -> None:
        """Ends, and waits a little for a nudge that is on its way."""
        if self._thread is None:
            return
        self._closed.set()
        self._rung.set()
        self._thread.join(seconds)
        self._thread = None

    def _run(self) -> None:
        while True:
            self._rung.wait()
            if self._closed.is_set():
                return
            self._rung.clear()
            self._call()
            self._closed.wait(self._pause_s)

    def _call(self) -> None:
        try:
            self._nudge()
        except Exception as error:
            # The inbox is looked at by the clock too, so this costs seconds, not events.
            level = logging.DEBUG if self._failing else logging.WARNING
            _LOG.log(level, "the nudge failed (%s); the inbox is handled at its next turn", type(error).__name__)
            self._failing = True
        else:
            self._failing = False
