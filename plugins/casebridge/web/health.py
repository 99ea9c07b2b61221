"""Whether the inbox can store: for monitoring, so it tells counts and no more."""

from __future__ import annotations

import threading
import time

from fastapi.responses import JSONResponse

from casebridge.web.intake import ArrivalStore

FRESH_S = 0.5
"""Seconds that an answer holds good, so that questions cost the database nothing."""


class Health:
    """Asks the database.

    Args:
        inbox: The inbox.
    """

    def __init__(self, inbox: ArrivalStore) -> None:
        self._inbox = inbox
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._pending: int | None = None

    def answer(self) -> JSONResponse:
        """200 with the number of entries that wait, or 503."""
        pending = self._ask()
        if pending is None:
            return JSONResponse({"database": "away"}, 503, {"Retry-After": "5"})
        return JSONResponse({"database": "ok", "pending": pending})

    def _ask(self) -> int | None:
        with self._lock:
            if time.monotonic() - self._asked_at > FRESH_S:
                try:
                    self._pending = self._inbox.count_pending()
                except Exception:
                    # Away, or without our tables: why is a matter for the log of who stores.
                    self._pending = None
                self._asked_at = time.monotonic()
            return self._pending
