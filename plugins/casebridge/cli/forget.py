"""`casebridge forget` and `casebridge retain`: values of cases are erased, outcomes and counts stay."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from casebridge.cli.airflow_client import AirflowClient
from casebridge.cli.airflow_traces import delete_run, places
from casebridge.cli.screen import SCREEN, AsJson, show_json
from casebridge.connectors import registry
from casebridge.core.errors import NotConfigured
from casebridge.installation import Installation
from casebridge.store.retention import LeftBehind


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("forget")(forget)
    app.command("retain")(retain)


def forget(
    case: Annotated[str, typer.Argument(help="Case reference number.")],
    source: Annotated[str, typer.Option(help="Case source.")] = "local",
    airflow: Annotated[
        bool, typer.Option("--airflow/--no-airflow", help="Also look for its values in what Airflow keeps of its runs.")
    ] = True,
    who: Annotated[str, typer.Option(help="Who asks for it, for the log.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase every value of a case here; it cannot be undone. The case system and the targets keep what they hold."""
    installation = Installation()
    if not yes:
        typer.confirm(f"Erase every value of case {case} in casebridge?", abort=True)
    retention = installation.retention
    client = AirflowClient.of(installation.settings) if airflow else None
    runs = retention.runs(source, case)
    # The case reference itself stays: it is what the outcomes are told by.
    values = [value for value in retention.values(source, case) if value != case]
    # Looked for before they are erased: afterwards nobody knows them any more.
    traces = {run: found for run in runs if client and (found := places(client, *run, values))}
    erased = retention.forget(source, case, who=who or getpass.getuser())
    for dag_run in traces:
        if client:
            delete_run(client, *dag_run)
    if as_json:
        show_json(
            {
                "case": case,
                "actions": erased.actions,
                "messages": erased.messages,
                "local_cases": erased.local_cases,
                "airflow_runs_searched": len(runs) if client else 0,
                "airflow_runs_deleted": [f"{dag} / {run}" for dag, run in traces],
                "left_in_targets": [vars(one) for one in erased.left_behind],
            }
        )
        return
    SCREEN.print(
        f"Erased: what {erased.actions} actions sent, {erased.messages} pushed messages, "
        f"{erased.local_cases} local copies of the case.",
        soft_wrap=True,
    )
    if client is None:
        SCREEN.print("Airflow was not looked at.")
    else:
        SCREEN.print(f"Airflow: {len(runs)} runs looked at, {len(traces)} held a value and were deleted.")
        for (dag, run), found in traces.items():
            SCREEN.print(f"  {dag} / {run}: {', '.join(found)}", markup=False, soft_wrap=True)
        if any(place.startswith("log") for found in traces.values() for place in found):
            SCREEN.print("  The files of these logs stay: remove them where Airflow's logs are kept.", soft_wrap=True)
    _remind(erased.left_behind, source)


def retain(
    days: Annotated[int | None, typer.Option(min=1, help="Erase what ended more than so many days ago.")] = None,
    as_json: AsJson = False,
) -> None:
    """Erase what ended long ago: payloads and pushed bodies. References, outcomes and counts stay."""
    installation = Installation()
    days = days or installation.settings.retention_days
    if not days:
        raise NotConfigured("say for how long values are kept: --days N, or the variable CASEBRIDGE_RETENTION_DAYS")
    erased = installation.retention.retain(datetime.now(UTC) - timedelta(days=days))
    if as_json:
        show_json({"days": days, "actions": erased.actions, "messages": erased.messages})
        return
    SCREEN.print(
        f"Erased what ended more than {days} days ago: "
        f"what {erased.actions} actions sent, and {erased.messages} pushed messages."
    )


def _remind(left: tuple[LeftBehind, ...], source: str) -> None:
    SCREEN.print("Not erased, because casebridge removes nothing elsewhere:")
    if source != "local":
        SCREEN.print(f"  the case itself in {source}", markup=False)
    for one in left:
        title = registry.manifests()[one.system].title if one.system in registry.manifests() else one.system
        SCREEN.print(f"  {title}: {one.record} {one.record_id}", markup=False)
    SCREEN.print("Use the tools of each system for these.")
