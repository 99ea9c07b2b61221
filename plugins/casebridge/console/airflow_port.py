"""What the console asks of Airflow; everything is asked as the user who is looking, with that user's rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from casebridge.core.errors import RejectedError


class AirflowRefused(RejectedError):
    """Airflow refused a request.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"Airflow answered {status}: {detail}")
        self.status = status


@dataclass(frozen=True)
class TaskTry:
    """One try of a task, as Airflow keeps it. Times are in UTC."""

    task: str
    number: int
    state: str
    began: datetime | None
    ended: datetime | None
    log_url: str


@dataclass(frozen=True)
class Pool:
    """A pool of Airflow: how many calls a system gets at a time."""

    slots: int
    description: str
    running: int
    waiting: int


class Airflow(Protocol):
    """Airflow's public REST API, as one user. Each method raises AirflowRefused when Airflow says no."""

    def start(self, dag_id: str, conf: Mapping[str, str], run_id: str) -> None:
        """Starts a run."""

    def clear(self, dag_id: str, run_id: str, tasks: Sequence[str]) -> None:
        """Has these tasks of a run done again, and those after them; all when none is named."""

    def tries(self, dag_id: str, run_id: str) -> list[TaskTry]:
        """The tries of a run's tasks, the earliest first; none when Airflow has forgotten the run."""

    def run_url(self, dag_id: str, run_id: str) -> str:
        """Address of the run's page."""

    def pool(self, name: str) -> Pool | None:
        """A pool, or None when there is none."""

    def set_pool(self, name: str, slots: int, description: str) -> None:
        """Changes a pool."""

    def save_connection(self, name: str, kind: str, fields: Mapping[str, Any]) -> None:
        """Makes a connection, or replaces the fields of it."""
