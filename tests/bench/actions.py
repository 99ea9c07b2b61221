"""What an action costs, beside as many tasks that do nothing; and how long a Reference takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from tests.bench.figures import Figure, p95
from tests.bench.running import ACTION, EMPTY, Running

AIM_CPU = 1.25
AIM_LATENCY_S = 1.5
IDLE_S = 10


def measure_cost(hub: Running, *, quick: bool) -> list[Figure]:
    """Batches of actions in turns with batches of empty runs."""
    batches, runs = (2, 10) if quick else (5, 20)

    def actions() -> list[str]:
        return [hub.trigger(case) for case in hub.new_cases(runs)]

    def empty() -> list[str]:
        return [hub.trigger_empty() for _ in range(runs)]

    for start, dag_id in ((actions, ACTION), (empty, EMPTY)):  # warm-up
        _batch(hub, start, dag_id)
    ours, theirs = [], []
    for _ in range(batches):
        ours.append(_batch(hub, actions, ACTION))
        theirs.append(_batch(hub, empty, EMPTY))

    def of(samples: list[dict[str, float]], name: str) -> float:
        return statistics.fmean(sample[name] for sample in samples) / runs

    parts = [name for name in ours[0] if name not in ("wall", "simulators", "all")]
    return [
        Figure(
            "CPU of an action",
            of(ours, "all"),
            "s",
            of(theirs, "all"),
            "three empty tasks",
            aim=AIM_CPU,
            note=f"PostgreSQL and all of Airflow; {batches} batches of {runs} runs each, in turns",
        ),
        *(Figure(f"  of it {name}", of(ours, name), "s", of(theirs, name), "three empty tasks") for name in parts),
        Figure("  and the simulators", of(ours, "simulators"), "s", note="stands for the target, not counted above"),
        Figure("time of an action in a batch", of(ours, "wall"), "s", of(theirs, "wall"), "three empty tasks"),
    ]


def _batch(hub: Running, start: Callable[[], list[str]], dag_id: str) -> dict[str, float]:
    before, started = hub.cpu(), time.monotonic()
    hub.await_success(dag_id, start())
    wall = time.monotonic() - started
    time.sleep(1)  # the scheduler writes its last word on a run, and children are waited for
    used = {name: after - before[name] for name, after in hub.cpu().items()}
    return used | {"wall": wall, "all": sum(used.values()) - used["simulators"]}


def latencies(hub: Running, count: int) -> list[float]:
    """Seconds from sending the trigger to the stored Reference, one action after the other."""
    found = []
    for case in hub.new_cases(count):
        sent = time.time()
        run_id = hub.trigger(case)
        hub.await_success(ACTION, [run_id])
        stored = hub.stored_at(case)
        if stored is None:
            raise RuntimeError(f"case {case} got no Reference")
        found.append(stored.timestamp() - sent)
    return found


def measure_latency(hub: Running, *, quick: bool) -> list[Figure]:
    """Single actions on a copy that has nothing else to do."""
    latencies(hub, 3)  # warm-up
    found = latencies(hub, 8 if quick else 20)
    return [
        Figure("trigger to Reference, median", statistics.median(found), "s", aim=AIM_LATENCY_S),
        Figure("trigger to Reference, 95 of 100 within", p95(found), "s"),
    ]


def measure_idle(hub: Running, *, quick: bool) -> list[Figure]:
    """What a copy uses that has nothing to do."""
    before = hub.cpu()
    time.sleep(IDLE_S / 2 if quick else IDLE_S)
    used = {name: after - before[name] for name, after in hub.cpu().items()}
    seconds = IDLE_S / 2 if quick else IDLE_S
    memory = hub.memory()
    parts = ", ".join(f"{name} {value:.0f}" for name, value in memory.items() if name != "simulators")
    return [
        Figure(
            "idle CPU",
            100 * (sum(used.values()) - used["simulators"]) / seconds,
            "% of a core",
            note=", ".join(f"{name} {100 * value / seconds:.1f}" for name, value in used.items()),
        ),
        Figure("idle memory (PSS)", sum(memory.values()) - memory["simulators"], "MB", note=parts),
    ]
