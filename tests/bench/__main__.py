"""Runs the benchmarks and prints their figures: `python -m tests.bench --only latency --quick`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from stack.processes import PROJECT
from tests.bench import actions, console, demo, inbox, mapping, parsing, reconcile, waiting
from tests.bench.figures import Figure, show, write
from tests.bench.running import Running, running

ALONE: dict[str, Callable[..., list[Figure]]] = {
    "mapping": mapping.measure,
    "parsing": parsing.measure,
    "inbox": inbox.measure,
    "console": console.measure,
    "reconcile": reconcile.measure,
}
ON_A_STACK: dict[str, Callable[..., list[Figure]]] = {
    "idle": actions.measure_idle,
    "latency": actions.measure_latency,
    "cost": actions.measure_cost,
    "waiting": waiting.measure,
}
TITLES = {
    "mapping": "Mapping engine",
    "parsing": "Reading a DAG file",
    "inbox": "The inbox under load",
    "console": "The console over a million actions",
    "reconcile": "Reconciliation",
    "idle": "A copy that has nothing to do",
    "latency": "How soon",
    "cost": "What an action costs",
    "waiting": "While a target is down",
    "demo": "The first minutes",
}


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=TITLES, help="this benchmark; may be given several times")
    parser.add_argument("--demo", action="store_true", help="also clone the last commit and time `make demo`")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: to see that it works")
    parser.add_argument("--json", type=Path, default=PROJECT / "bench-results.json", help="where the figures go")
    given = parser.parse_args(arguments)
    wanted = given.only or [*ALONE, *ON_A_STACK, *(["demo"] if given.demo else [])]
    screen = Console()
    results: dict[str, list[Figure]] = {}

    with contextlib.ExitStack() as cleanup:
        hub: Running | None = None
        for name in wanted:
            screen.print(f"[dim]measuring {name} ...[/dim]")
            if name in ON_A_STACK:
                hub = hub or cleanup.enter_context(running(waiting.ENVIRONMENT))
                figures = ON_A_STACK[name](hub, quick=given.quick)
            else:
                figures = (ALONE | {"demo": demo.measure})[name](quick=given.quick)
            results[name] = figures
            show(screen, TITLES[name], figures)
            write(given.json, results)
    screen.print(f"Written to {given.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
