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
RECONCILE = "reconcile__"
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
    try:
        if lines := _lines(dag_run):
            dag_run.note = "\n".join(lines)
    except Exception as error:
        _away_until = time.monotonic() + PAUSE_AFTER_FAILURE_S
        log.warning("The note of run %s was not written: %s", dag_run.run_id, type(error).__name__)


def _lines(dag_run: DagRun) -> list[str]:
    from casebridge.installation import Installation

    installation = Installation()
    if dag_run.dag_id.startswith(RECONCILE):
        from casebridge.steps.reconcile_outcome import reconciliation_lines

        compared = installation.reconciliations.of_run(dag_run.dag_id, dag_run.run_id)
        return [line for one in compared for line in reconciliation_lines(one)]
    from casebridge.steps.outcome import outcome_line

    return [outcome_line(action) for action in installation.ledger.settle(dag_run.dag_id, dag_run.run_id)]


def _is_ours(dag_id: str) -> bool:
    from casebridge.connectors import registry

    return dag_id.startswith(RECONCILE) or dag_id.partition("__")[0] in registry.manifests()
