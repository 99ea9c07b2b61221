"""A session whose n-th request fails as it is told, in place of reaching the target."""

from __future__ import annotations

from typing import Any

import requests

from tests.connectors.wire import reply


class BrokenWire(requests.Session):
    """Sends everything but one request, or that one as often as it is repeated.

    Args:
        position: Which request fails, counted from 0.
        failure: What is raised in its place, or the HTTP status that answers it.
        times: How often it fails.
    """

    def __init__(self, position: int, failure: Exception | int, *, times: int = 1) -> None:
        super().__init__()
        self.trust_env = False
        self._left = position
        self._failure = failure
        self._times = times
        self._address: str | None = None

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Sends a request, or fails."""
        self._left -= 1
        again = self._address == request.url and self._times > 0
        if self._left != -1 and not again:
            return super().send(request, **options)
        self._address, self._times = request.url, self._times - 1
        if isinstance(self._failure, Exception):
            raise self._failure
        answer = reply("", self._failure, Retry_After="7")
        answer.url = request.url or ""
        answer.request = request
        return answer
