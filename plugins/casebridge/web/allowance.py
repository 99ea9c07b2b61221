"""How many requests a client may make: a bucket of tokens for each address and system."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from casebridge.web.refusal import Refusal

MOST_CLIENTS = 10_000
"""Addresses that are remembered; the one that has been silent longest is forgotten, which fills its bucket."""


class Allowance:
    """Counts requests. It lives in one event loop, so it needs no lock.

    Args:
        rate: Tokens that come back in a second.
        burst: Tokens in a full bucket.
        clock: Seconds that only go forward.
    """

    def __init__(self, rate: float, burst: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, system: str, client: str) -> None:
        """Takes a token.

        Raises:
            Refusal: The bucket is empty; says when to come again.
        """
        now = self._clock()
        tokens, since = self._buckets.pop((system, client), (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        allowed = tokens >= 1
        self._buckets[system, client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        if not allowed:
            raise Refusal(429, "too many requests", retry_after=max(1, math.ceil((1 - tokens) / self._rate)))
