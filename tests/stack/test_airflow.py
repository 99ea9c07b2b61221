"""Airflow counts as ready when every part of this start has reported and every DAG file was read."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from casebridge.core.errors import Unreachable
from stack.airflow import Readiness, dag_files
from stack.airflow_api import AirflowApi
from stack.errors import StackError

START = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
LATER = "2026-11-22T12:00:05+00:00"
EARLIER = "2026-11-22T11:59:55+00:00"


class Answers:
    """Says what Airflow would say."""

    def __init__(self, *, heartbeat: str = LATER, read: tuple[str, ...] = ("one.py",), error: str = "") -> None:
        self.heartbeat = heartbeat
        self.read = read
        self.error = error

    def health(self) -> dict[str, Any]:
        return {
            name: {"status": "healthy", f"latest_{name}_heartbeat": self.heartbeat}
            for name in ("scheduler", "dag_processor", "triggerer")
        }

    def dags(self) -> list[dict[str, Any]]:
        return [{"dag_id": name, "relative_fileloc": name} for name in self.read]

    def import_errors(self) -> list[dict[str, Any]]:
        return [{"filename": "one.py", "stack_trace": self.error}] if self.error else []


class Silence(Answers):
    """Does not answer yet."""

    def health(self) -> dict[str, Any]:
        raise Unreachable("no answer")


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    """A DAGs folder with one DAG file, and one file that only sounds like it."""
    (tmp_path / "one.py").write_text("from airflow.sdk import dag\n")
    (tmp_path / "names.py").write_text("NAMES = ['dag']\n")
    return tmp_path


def readiness(answers: Answers, dags: Path) -> Readiness:
    """What tells when Airflow is ready, given these answers."""
    return Readiness(cast(AirflowApi, answers), dags, START)


def test_ready_when_all_have_reported_and_all_is_read(dags: Path) -> None:
    """Then there is nothing to wait for."""
    assert dag_files(dags) == {"one.py"}
    assert readiness(Answers(), dags).missing() == ""


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        (Silence(), "the API server does not answer"),
        (Answers(heartbeat=EARLIER), "no heartbeat of scheduler, dag_processor, triggerer"),
        (Answers(read=()), "no DAG yet from one.py"),
    ],
)
def test_what_is_missing_is_named(answers: Answers, missing: str, dags: Path) -> None:
    """For half a minute Airflow calls the components of a copy that was stopped healthy: those do not count."""
    assert readiness(answers, dags).missing() == missing
    with pytest.raises(StackError, match=missing):
        readiness(answers, dags).wait(lambda: None, seconds=0)


def test_broken_dag_file_is_shown_at_once(dags: Path) -> None:
    """With its stack trace; waiting would not mend it."""
    with pytest.raises(StackError, match=r"cannot read 1 DAG file.*\n.*one\.py.*\nNameError: name 'x'"):
        readiness(Answers(error="NameError: name 'x'\n"), dags).wait(lambda: None, seconds=600)
