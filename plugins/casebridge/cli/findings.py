"""`casebridge findings`: what reconciliations left for a person, and what a person decides."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import Annotated, Any

import typer

from casebridge.cli.airflow_client import AirflowClient, AirflowRefusal
from casebridge.cli.screen import SCREEN, AsJson, show_json, show_table
from casebridge.core.drift import MEANING, TITLES, WAYS
from casebridge.installation import Installation
from casebridge.steps.reconcile_decide import Desk
from casebridge.store.findings import Finding, FindingState

app = typer.Typer(help="What reconciliations left for a person.", no_args_is_help=True)

_CONFLICT = 409


@app.command(name="list")
def list_findings(
    system: Annotated[str | None, typer.Option(help="Only this system.")] = None,
    case: Annotated[str | None, typer.Option(help="Only this case.")] = None,
    state: Annotated[FindingState, typer.Option(help="Only this state.")] = FindingState.OPEN,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=100_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """Show findings, the newest first."""
    found = Installation().findings.latest(system=system, case_reference=case, state=state, limit=limit)
    if as_json:
        show_json([_flat(one) for one in found])
        return
    show_table(
        "Findings",
        ("No.", "What", "System", "Case", "Reference", "Record", "Found (UTC)", "State"),
        [
            (
                str(one.id),
                TITLES[one.drift],
                one.system,
                one.case_reference,
                one.reference,
                f"{one.record} {one.record_id}".strip(),
                f"{one.found_at:%Y-%m-%d %H:%M}",
                f"{one.state}{f': {one.reason}' if one.reason else ''}",
            )
            for one in found
        ],
        empty="There is no such finding.",
    )


@app.command()
def resolve(
    finding: Annotated[int, typer.Argument(help="The number of the finding.")],
    adopt: Annotated[bool, typer.Option("--adopt", help="The record belongs to the case: hold it.")] = False,
    send_again: Annotated[bool, typer.Option("--send-again", help="Do the action once more.")] = False,
    close: Annotated[str, typer.Option(help="The reason for leaving it as it is.")] = "",
    ignore: Annotated[str, typer.Option(help="The reason why it is none.")] = "",
    record: Annotated[str, typer.Option(help="With --adopt for an action in doubt: the id of its record.")] = "",
    reference: Annotated[str, typer.Option(help="With --adopt: the Reference that is to hold the record.")] = "",
    who: Annotated[str, typer.Option(help="Who decides, for the log.")] = "",
    as_json: AsJson = False,
) -> None:
    """Decide about a finding: adopt the record, send the action again, close it, or ignore it.

    Without a decision it shows what is known.
    """
    installation = Installation()
    found = installation.findings.finding(finding)
    if sum([adopt, send_again, bool(close), bool(ignore)]) > 1:
        raise typer.BadParameter("choose one of --adopt, --send-again, --close and --ignore")
    desk, person = _desk(installation), who or getpass.getuser()
    if adopt:
        found = desk.adopt(found, who=person, record_id=record, reference=reference)
    elif send_again:
        found = desk.send_again(found, who=person)
    elif close:
        found = desk.close(found, who=person, reason=close)
    elif ignore:
        found = desk.ignore(found, who=person, reason=ignore)
    if as_json:
        show_json(_flat(found))
        return
    SCREEN.print(f"Finding {found.id}: {TITLES[found.drift]}. {MEANING[found.drift]}", soft_wrap=True)
    SCREEN.print(
        f"Case {found.case_reference or 'unknown'}, {found.record} {found.record_id or 'unknown'}: {found.state}.",
        markup=False,
        soft_wrap=True,
    )
    if found.state is FindingState.OPEN:
        ways = ", ".join(f"--{way.replace('_', '-')}" for way in WAYS[found.drift])
        SCREEN.print(f"Decide with: {ways}", markup=False)


def _desk(installation: Installation) -> Desk:
    def start(dag_id: str, conf: dict[str, str], run_id: str) -> None:
        try:
            AirflowClient.of(installation.settings).trigger_run(dag_id, conf, run_id=run_id)
        except AirflowRefusal as refusal:
            if refusal.status != _CONFLICT:  # started before: the same run
                raise

    def go_on(dag_id: str, run_id: str, task: str) -> None:
        AirflowClient.of(installation.settings).clear_tasks(dag_id, run_id, task)

    return Desk(installation.database, start_run=start, go_on=go_on)


def _flat(finding: Finding) -> dict[str, Any]:
    return asdict(finding) | {"ways": WAYS[finding.drift]}
