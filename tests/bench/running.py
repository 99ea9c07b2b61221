"""A running copy of casebridge with cases to send, for the benchmarks that need one."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from casebridge.store.cases import LocalCases
from casebridge.store.database import Database
from casebridge.store.references import References
from stack.processes import PROJECT
from stack.stack import Stack
from tests.bench.machine import cpu_seconds, memory_mb

ACTION = "whitespace__create_worksheet"
EMPTY = "bench__empty_tasks"
TEMPLATE = "missed_bin"
CASE = {
    "type": "missed_bin",
    "fields": {
        "details": "The bin was at the kerb before six.",
        "bin_was_out": "Yes",
        "container_location": "Front",
        "item_id": "22",
    },
    "dates": {"due": "2026-12-24"},
    "address": {"uprn": "10001"},
}
UNFINISHED = ("queued", "running")


class Running:
    """A stack, and what the benchmarks do with it.

    Args:
        stack: A stack that has started.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._numbers = itertools.count(1)
        database = Database(stack.database_url)
        self._cases = LocalCases(database)
        self._references = References(database)
        # Asking over REST whether runs have ended would be a load of its own.
        self._airflow = sa.create_engine(stack.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])

    def new_cases(self, count: int) -> list[str]:
        """Make cases of which each may have a worksheet of its own."""
        references = [f"BENCH-{next(self._numbers):05}" for _ in range(count)]
        self._cases.put((reference, CASE) for reference in references)
        return references

    def trigger(self, case: str, **params: str) -> str:
        """Start an action on a case and return its run's id."""
        return self.stack.airflow.trigger_run(ACTION, {"case": case, "template": TEMPLATE, **params})

    def trigger_empty(self) -> str:
        """Start a run of tasks that do nothing and return its id."""
        return self.stack.airflow.trigger_run(EMPTY)

    def states(self, dag_id: str, run_ids: Sequence[str]) -> dict[str, int]:
        """How many of these runs are in which state."""
        query = sa.text(
            "SELECT state, count(*) FROM dag_run WHERE dag_id = :dag AND run_id = ANY(:runs) GROUP BY state"
        )
        with self._airflow.connect() as connection:
            rows = connection.execute(query, {"dag": dag_id, "runs": list(run_ids)}).all()
        return {str(state): count for state, count in rows}

    def await_success(self, dag_id: str, run_ids: Sequence[str], *, seconds: float = 300) -> None:
        """Wait until all of these runs have ended well.

        Raises:
            RuntimeError: One failed, or it took too long.
        """
        deadline = time.monotonic() + seconds
        while True:
            states = self.states(dag_id, run_ids)
            if states.get("success", 0) == len(run_ids):
                return
            if not sum(states.get(name, 0) for name in UNFINISHED) or time.monotonic() > deadline:
                raise RuntimeError(f"runs of {dag_id} did not end well: {states}")
            time.sleep(0.1)

    def waiting_for_retry(self) -> int:
        """How many tasks wait for their next try."""
        query = sa.text("SELECT count(*) FROM task_instance WHERE state = 'up_for_retry'")
        with self._airflow.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def stored_at(self, case: str) -> datetime | None:
        """When a case got its Reference, by the clock of this machine."""
        found = self._references.of_case(case)
        return found[0].stored_at if found else None

    @property
    def processes(self) -> Mapping[str, int]:
        """The process id of each component: PostgreSQL's and Airflow's, without the simulators'."""
        components = {name: one.pid for name, one in self.stack.components.items()}
        return {"postgres": self.stack.processes["postgres"].pid, **components}

    @property
    def simulators(self) -> Mapping[str, int]:
        """The process id of each simulator."""
        return {name: one.pid for name, one in self.stack.simulators.items()}

    def cpu(self) -> dict[str, float]:
        """CPU seconds used so far, by component; all simulators together."""
        used = {name: cpu_seconds([pid]) for name, pid in self.processes.items()}
        return used | {"simulators": cpu_seconds(self.simulators.values())}

    def memory(self) -> dict[str, float]:
        """Memory in MB, by component; all simulators together."""
        used = {name: memory_mb([pid]) for name, pid in self.processes.items()}
        return used | {"simulators": memory_mb(self.simulators.values())}


@contextmanager
def running(airflow_env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start a copy in a folder of its own, with the project's Whitespace DAGs and those of the benchmark."""
    with tempfile.TemporaryDirectory(prefix="casebridge-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's user passes through
        dags = folder / "dags"
        dags.mkdir()
        for file in (PROJECT / "dags" / "whitespace.py", Path(__file__).parent / "dags" / "empty_tasks.py"):
            shutil.copy(file, dags)
        with Stack(folder / "home", dags_folder=dags, simulators=["whitespace"], airflow_env=airflow_env) as stack:
            yield Running(stack)
