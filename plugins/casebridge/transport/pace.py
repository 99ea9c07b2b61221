"""A pace for what asks a target much and is in no hurry: its calls leave room for those of live actions."""

from __future__ import annotations

import time
from typing import Any

import requests
from requests.adapters import BaseAdapter


class PacedAdapter(BaseAdapter):
    """Sends no more than so many requests a second, whoever asks.

    Args:
        inner: What sends them.
        per_second: How many a second.
    """

    def __init__(self, inner: BaseAdapter, per_second: float) -> None:
        super().__init__()
        self._inner = inner
        self._pause = 1 / per_second
        self._next = 0.0

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        """Waits for its turn, then sends."""
        now = time.monotonic()
        turn = max(now, self._next)
        self._next = turn + self._pause
        time.sleep(turn - now)
        return self._inner.send(*arguments, **options)

    def close(self) -> None:
        """Closes what sends."""
        self._inner.close()


def pace(session: requests.Session, per_second: float) -> None:
    """The session sends no more than so many requests a second from now on; 0 leaves it as it is."""
    if per_second > 0:
        for prefix, adapter in list(session.adapters.items()):
            session.mount(prefix, PacedAdapter(adapter, per_second))
