"""`casebridge reconcile`: compare a target with the ledger now, rather than at night."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from casebridge.cli.airflow_client import AirflowClient
from casebridge.cli.screen import SCREEN, AsJson, show_json
from casebridge.connectors import registry
from casebridge.core.errors import NotConfigured
from casebridge.installation import Installation
from casebridge.steps.reconcile_outcome import reconciliation_lines


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("reconcile")(reconcile)


def reconcile(
    system: Annotated[str, typer.Argument(help="Name of the system.")],
    window_days: Annotated[int, typer.Option(help="Compare so many days back.", min=1, max=3650)] = 30,
    limit: Annotated[int, typer.Option(help="Records at most; the next run goes on.", min=1)] = 10_000,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the outcome.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 600,
    as_json: AsJson = False,
) -> None:
    """Compare what a target holds with the ledger: start its DAG run."""
    manifest = registry.manifest(system)
    if not manifest.listed:
        raise NotConfigured(f"{manifest.title} cannot be listed, so it cannot be compared")
    installation = Installation()
    client = AirflowClient.of(installation.settings)
    dag_id = f"reconcile__{system}"
    conf = {"window_days": window_days, "limit": limit}
    run_id = client.trigger_run(dag_id, conf, run_id=f"asked~{time.time_ns()}")
    if wait:
        state = client.wait_for_run(dag_id, run_id, seconds=timeout)["state"]
        compared = installation.reconciliations.of_run(dag_id, run_id)
        if as_json:
            show_json({"dag": dag_id, "run": run_id, "state": state, "compared": [vars(one) for one in compared]})
        for line in () if as_json else (line for one in compared for line in reconciliation_lines(one)):
            SCREEN.print(line, markup=False, soft_wrap=True)
        raise typer.Exit(0 if state == "success" else 3)
    if as_json:
        show_json({"dag": dag_id, "run": run_id})
    else:
        SCREEN.print(f"Started {dag_id}, run {run_id}. See what it finds with: casebridge findings list")
