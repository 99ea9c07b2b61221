"""What processes cost: CPU time and memory, of whole process trees."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import psutil


def cpu_seconds(roots: Iterable[int]) -> float:
    """CPU seconds that these processes, their descendants and those descendants that have ended have used.

    A child's time moves to its parent's account when the parent has waited for it. The tree is read again when it
    changes in between, since time on the move would be counted twice or not at all.
    """
    roots = list(roots)
    while True:
        before = {process.pid for process in _trees(roots)}
        total = sum(_used(process) for process in _trees(roots))
        if before == {process.pid for process in _trees(roots)}:
            return total


def memory_mb(roots: Iterable[int]) -> float:
    """Memory of these process trees in MB, where each page that several share is counted once (PSS)."""
    total = 0
    for process in _trees(roots):
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 2**20


def _trees(roots: Iterable[int]) -> Iterator[psutil.Process]:
    for root in roots:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(root)
            yield process
            yield from process.children(recursive=True)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system
