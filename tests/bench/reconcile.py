"""The comparison of a million References with a million records."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from casebridge.core.drift import Drift, Stand
from casebridge.reconcile.compare import compare_in_buckets
from stack.processes import PROJECT
from tests.bench.figures import Figure

CHUNK = 50_000
DRIFTS = 100
"""Every hundredth record is missing in the target, and as many more are there twice."""


def measure(*, quick: bool) -> list[Figure]:
    """Compare a hundred thousand and a million, each in a process of its own, so that its memory is its own."""
    small, large = (10_000, 100_000) if quick else (100_000, 1_000_000)
    (few_s, _), (many_s, many_mb) = _in_a_process(small), _in_a_process(large)
    return [
        Figure(f"{large:,} References against as many records", many_s, "s", aim=60),
        Figure("most memory of that process", many_mb, "MB", aim=1500, note="Python and pandas included"),
        Figure(
            "a row of many against a row of few",
            many_s / large * 1e6,
            "µs",
            few_s / small * 1e6,
            f"{small:,} References",
            note="1 is linear",
        ),
    ]


def _in_a_process(rows: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.bench.reconcile", str(rows)]
    environment = {"PYTHONPATH": "plugins:.", "PATH": ""}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def here(rows: int) -> Iterator[pd.DataFrame]:
    """The References."""
    for start in range(0, rows, CHUNK):
        numbers = np.arange(start, min(start + CHUNK, rows))
        yield pd.DataFrame(
            {
                "key": [f"CASE-{number:09}" for number in numbers],
                "record_id": [f"{number:036}" for number in numbers],
                "action_id": [f"{number:032x}" for number in numbers],
                "stands": Stand.HELD.value,
                "case_closed": np.zeros(len(numbers), dtype="int8"),
                "expected": True,
            }
        )


def there(rows: int) -> Iterator[pd.DataFrame]:
    """The records, in another order."""
    numbers = np.random.default_rng(7).permutation(rows)
    for start in range(0, rows, CHUNK):
        part = numbers[start : start + CHUNK]
        kept, twice = part[part % DRIFTS != 0], part[part % DRIFTS == 1]
        yield pd.DataFrame(
            {
                "key": [f"CASE-{number:09}" for number in (*kept, *twice)],
                "record_id": [*(f"{number:036}" for number in kept), *(f"{number:035}d" for number in twice)],
                "closed": np.zeros(len(kept) + len(twice), dtype="int8"),
                "changed": False,
            }
        )


def main() -> None:
    """Compare and print seconds and megabytes."""
    rows = int(sys.argv[1])
    started = time.perf_counter()
    counts: pd.Series[int] = pd.Series(dtype="int64")
    for part in compare_in_buckets(here(rows), there(rows), buckets=max(1, rows // CHUNK)):
        counts = counts.add(part["drift"].value_counts(), fill_value=0)
    seconds = time.perf_counter() - started
    expected = {
        Drift.MATCHED.value: rows - rows // DRIFTS,
        Drift.MISSING_IN_TARGET.value: rows // DRIFTS,
        Drift.DOUBLED.value: rows // DRIFTS,
    }
    if {name: int(count) for name, count in counts.items()} != expected:
        raise RuntimeError(f"the comparison is wrong: {dict(counts)}")
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")


if __name__ == "__main__":
    main()
