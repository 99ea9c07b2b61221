"""Airflow's four processes: how they are started, and when they are fit for use."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable
from pathlib import Path

from casebridge.cli.airflow_client import AirflowRefusal
from casebridge.core.errors import Unreachable
from stack.airflow_api import AirflowApi
from stack.errors import StackError

PYTHON = Path(sys.executable)

COMPONENTS: dict[str, list[str]] = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
"""The arguments of `airflow` for each; they are started in this order, the slowest one first.

Not `airflow standalone`: asked to stop, it leaves children behind.
"""


def airflow_command(*arguments: str) -> list[str]:
    """Return the command line of Airflow in this virtual environment."""
    return [str(PYTHON), "-m", "airflow", *arguments]


def dag_files(folder: Path) -> set[str]:
    """Return the files of the DAGs folder, relative to it, that Airflow takes for DAG files.

    Its rule: the text has both words, whatever their case.
    """
    return {
        str(file.relative_to(folder))
        for file in folder.rglob("*.py")
        if all(word in file.read_text(errors="replace").lower() for word in ("dag", "airflow"))
    }


class Readiness:
    """Tells when a started Airflow is fit for use: every component has reported, and every DAG file has been read.

    Args:
        api: its REST API.
        dags_folder: every DAG file in it must have been read.
        since: heartbeats before this time are an earlier run's, which Airflow would still call healthy for 30 seconds.
    """

    def __init__(self, api: AirflowApi, dags_folder: Path, since: datetime.datetime) -> None:
        self.api = api
        self.dags_folder = dags_folder
        self.since = since

    def wait(self, check: Callable[[], None], *, seconds: float) -> None:
        """Wait until Airflow is fit for use.

        Args:
            check: called again and again; raises when waiting has no more sense.
            seconds: how long to wait at most.

        Raises:
            StackError: it was not in time, or a DAG file has an error; the message says what is missing.
        """
        deadline = time.monotonic() + seconds
        while missing := self.missing():
            check()
            if time.monotonic() > deadline:
                raise StackError(f"Airflow is not ready after {seconds:g} s: {missing}.")
            time.sleep(0.2)

    def missing(self) -> str:
        """Return what is not ready yet, empty when all is."""
        try:
            late = self._silent_components()
            return f"no heartbeat of {', '.join(late)}" if late else self._unread_files()
        except Unreachable:
            return "the API server does not answer"
        except AirflowRefusal as problem:
            # It answers before its database connections are up; anything but a 5xx is ours to fix.
            if problem.status < 500:
                raise
            return str(problem)

    def _silent_components(self) -> list[str]:
        health = self.api.health()
        return [
            name
            for name in ("scheduler", "dag_processor", "triggerer")
            if health[name]["status"] != "healthy"
            or datetime.datetime.fromisoformat(health[name][f"latest_{name}_heartbeat"]) < self.since
        ]

    def _unread_files(self) -> str:
        errors = self.api.import_errors()
        if errors:
            told = "\n".join(f"{error['filename']}:\n{error['stack_trace'].strip()}" for error in errors)
            raise StackError(f"Airflow cannot read {len(errors)} DAG file(s):\n{told}")
        read = {dag["relative_fileloc"] for dag in self.api.dags()}
        unread = sorted(dag_files(self.dags_folder) - read)
        return f"no DAG yet from {', '.join(unread)}" if unread else ""
