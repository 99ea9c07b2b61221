"""Fresh actions while many others wait for their retry, as they do when a target is down."""

from __future__ import annotations

import statistics
import time

from stack.ports import LOOPBACK, free_ports
from tests.bench.actions import latencies
from tests.bench.figures import Figure, p95
from tests.bench.running import ACTION, Running

AIM = 1.25
ENVIRONMENT = {"CASEBRIDGE_RETRY_BASE_S": "7200"}
"""So long that no waiting task comes back while fresh ones are measured; those that succeed do not notice it."""

CONNECTION = "whitespace_down"


def measure(hub: Running, *, quick: bool) -> list[Figure]:
    """Measure without waiting runs, with them, and without them again."""
    count, samples = (50, 6) if quick else (500, 12)
    latencies(hub, 3)  # warm-up
    alone = latencies(hub, samples)
    settings = hub.stack.airflow.request("GET", "/connections/whitespace_default")
    (port,) = free_ports(1)
    hub.stack.airflow.set_connection(
        CONNECTION, "whitespace", host=f"http://{LOOPBACK}:{port}", login=settings["login"], password="any"
    )
    started = time.monotonic()
    runs = [hub.trigger(case, connection=CONNECTION) for case in hub.new_cases(count)]
    while hub.waiting_for_retry() < count:
        if time.monotonic() - started > 900:
            raise RuntimeError(f"only {hub.waiting_for_retry()} of {count} runs wait for their retry")
        time.sleep(0.5)
    filled = time.monotonic() - started
    time.sleep(2)
    before, idle_from = hub.cpu(), time.monotonic()
    time.sleep(5)
    idle = (hub.cpu()["scheduler"] - before["scheduler"]) / (time.monotonic() - idle_from)
    beside_waiting = latencies(hub, samples)
    if hub.waiting_for_retry() < count:
        raise RuntimeError("some of the waiting runs came back while fresh ones were measured")
    for run in runs:
        hub.stack.airflow.set_run_state(ACTION, run, "failed")
    alone += latencies(hub, samples)
    return [
        Figure(
            f"trigger to Reference beside {count} waiting runs, median",
            statistics.median(beside_waiting),
            "s",
            statistics.median(alone),
            "none waiting",
            aim=AIM,
            note="none waiting: before and after; Airflow looks at all running runs in turn, waiting ones too",
        ),
        Figure("  95 of 100 within", p95(beside_waiting), "s", p95(alone), "none waiting"),
        Figure(
            "  until all of them waited", filled, "s", note=f"the scheduler then idles at {100 * idle:.0f} % of a core"
        ),
    ]
