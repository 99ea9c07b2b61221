"""Timing two things in turns, so that whatever else the machine does slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def seconds_each(*calls: Callable[[], object], rounds: int = 15, least: float = 0.05) -> list[float]:
    """Seconds that one call of each takes: the median of several rounds, in each of which all have their turn.

    Args:
        calls: What is measured.
        rounds: How often each has its turn.
        least: Seconds that a turn takes at least; a quick call is repeated for so long.
    """
    repeats = []
    for call in calls:
        call()  # warm-up
        started = time.perf_counter()
        call()
        repeats.append(max(1, int(least / max(time.perf_counter() - started, 1e-9))))
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, repeat, times in zip(calls, repeats, taken, strict=True):
            started = time.perf_counter()
            for _ in range(repeat):
                call()
            times.append((time.perf_counter() - started) / repeat)
    return [statistics.median(times) for times in taken]
