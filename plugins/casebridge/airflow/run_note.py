"""A listener: when a run has ended, its note says the outcome in a line.

It runs in the scheduler, so it is quick, does one small query, and gives up at once when the database is away.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

log = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_S = 30.0
_away_until = 0.0


@hookimpl
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:
    """Writes the note of a run that succeeded."""
    _write_note(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:
    """Writes the note of a run that failed, and closes what its process left open."""
    _write_note(dag_run)


def _write_note(dag_run: DagRun) -> None:
    global _away_until
    if not _is_ours(dag_run.dag_id) or time.monotonic() < _away_until:
        return
    from casebridge.installation import Installation
    from casebridge.steps.outcome import outcome_line

    try:
        actions = Installation().ledger.settle(dag_run.dag_id, dag_run.run_id)
        if actions:
            dag_run.note = "\n".join(outcome_line(action) for action in actions)
    except Exception as error:
        _away_until = time.monotonic() + PAUSE_AFTER_FAILURE_S
        log.warning("The note of run %s was not written: %s", dag_run.run_id, type(error).__name__)


def _is_ours(dag_id: str) -> bool:
    from casebridge.connectors import registry

    return dag_id.partition("__")[0] in registry.manifests()
