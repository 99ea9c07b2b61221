"""`apply`, `rerun`, `log`, `references`: ask for actions and see what became of them."""

from __future__ import annotations

import time
from typing import Annotated, Any

import requests
import typer

from casebridge.cli.airflow_client import AirflowClient, AirflowRefusal
from casebridge.cli.log_table import show_log
from casebridge.cli.screen import ERRORS, SCREEN, AsJson, show_json, show_table
from casebridge.core.outcome import State
from casebridge.core.template import MappingTemplate
from casebridge.installation import Installation
from casebridge.steps import ask
from casebridge.steps.outcome import outcome_line
from casebridge.store.action import Action

DAG_READING_S = 120.0
"""How long a new template may take to be known to Airflow, which reads DAG files at intervals."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("apply")(apply)
    app.command("rerun")(rerun)
    app.command("log")(log)
    app.command("references")(references)


def apply(
    template: Annotated[str, typer.Argument(help="Name of a mapping template, or system/name.")],
    case: Annotated[str, typer.Argument(help="Case reference number.")],
    source: Annotated[str, typer.Option(help="Case source.")] = "local",
    key: Annotated[str, typer.Option(help="The same key makes one action, however often it is asked for.")] = "",
    connection: Annotated[str, typer.Option(help="Airflow connection; the system's default if left out.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the outcome; the exit code tells it.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 300,
    as_json: AsJson = False,
) -> None:
    """Apply an outgoing mapping template to a case: start its DAG run."""
    installation = Installation()
    found = installation.find_template(template)
    conf = {"case": case, "template": found.id, "source": source}
    if connection:
        conf["connection"] = connection
    _start(installation, found, conf, key, wait=wait, timeout=timeout, as_json=as_json)


def rerun(
    action: Annotated[str, typer.Argument(help="The action's id, or its beginning.")],
    today: Annotated[bool, typer.Option("--today", help="With today's template, not as it was planned.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the outcome.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 300,
    as_json: AsJson = False,
) -> None:
    """Do an action once more as a new one: with the template as it was then, or with today's."""
    installation = Installation()
    earlier = installation.ledger.action(action)
    conf = ask.again(earlier, today=today)
    found = installation.find_template(f"{earlier.system}/{earlier.template}")
    _start(installation, found, conf, "", wait=wait, timeout=timeout, as_json=as_json)


def log(
    case: Annotated[str | None, typer.Option(help="Only this case.")] = None,
    system: Annotated[str | None, typer.Option(help="Only this system.")] = None,
    state: Annotated[State | None, typer.Option(help="Only this state.")] = None,
    action: Annotated[str | None, typer.Option(help="The whole story of one action, by its id.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the integration log: the newest actions, or the whole story of one."""
    installation = Installation()
    if action is not None:
        _show_story(installation, action, as_json=as_json)
        return
    found = installation.log.latest(case_reference=case, system=system, state=state, limit=limit)
    if as_json:
        show_json([action_json(one) for one in found])
        return
    show_log([(one.id[:8], one) for one in found], SCREEN)


def action_json(one: Action) -> dict[str, Any]:
    """An action for a script: without its payload."""
    return {
        "id": one.id,
        "case": one.case_reference,
        "source": one.case_source,
        "system": one.system,
        "action": one.action_type,
        "template": one.template,
        "template_version": one.template_digest,
        "state": one.state,
        "tries": max(one.tries, 1),
        "reference": one.reference,
        "record": one.record_id,
        "reason": one.reason,
        "problems": [problem.as_json() for problem in one.problems],
        "incoming": one.incoming,
        "dag": one.dag_id,
        "run": one.run_id,
        "created_at": one.created_at,
        "ended_at": one.ended_at,
    }


def references(
    case: Annotated[str, typer.Argument(help="Case reference number.")],
    source: Annotated[str | None, typer.Option(help="Case source; all if left out.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Earlier records too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the References of a case: which records it has in which systems."""
    found = [one for one in Installation().references.of_case(case, source) if one.current or history]
    if as_json:
        show_json([vars(one) for one in found])
        return
    show_table(
        f"References of case {case}",
        ("Reference", "System", "Record", "Id", "Stored", "Action"),
        [
            (
                one.name if one.current else f"{one.name} (earlier)",
                one.system,
                one.record,
                one.record_id,
                f"{one.stored_at:%Y-%m-%d %H:%M} UTC",
                one.action_id[:8],
            )
            for one in found
        ],
        empty=f"Case {case} has no References.",
    )


def _start(
    installation: Installation,
    template: MappingTemplate,
    conf: dict[str, str],
    key: str,
    *,
    wait: bool,
    timeout: float,
    as_json: bool,
) -> None:
    client = AirflowClient.of(installation.settings)
    dag_id = ask.dag_id(template.system, template.action.name)
    run_id = ask.run_id(conf, key)
    try:
        _trigger(client, dag_id, conf, run_id)
    except AirflowRefusal as refusal:
        if refusal.status != requests.codes.conflict or not key:
            raise
        ERRORS.print("This was asked for before: it is the same action.", soft_wrap=True)
    if not wait:
        if as_json:
            show_json({"dag": dag_id, "run": run_id})
        else:
            SCREEN.print(f"Started {dag_id}, run {run_id}. See it with: casebridge log --case {conf['case']}")
        return
    client.wait_for_run(dag_id, run_id, seconds=timeout)
    action = installation.ledger.planned(dag_id, run_id)
    if as_json:
        show_json(action_json(action))
    else:
        SCREEN.print(outcome_line(action), markup=False, soft_wrap=True)
        for problem in action.problems:
            SCREEN.print(f"  {problem}", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_CODES.get(action.state, 3))


EXIT_CODES = {
    State.CONFIRMED: 0,
    State.UNCONFIRMED: 0,
    State.REFUSED: 1,
    State.CLOSED: 1,
    State.FAILED: 3,
    State.NEEDS_PERSON: 4,
    State.IN_DOUBT: 4,
}


def _trigger(client: AirflowClient, dag_id: str, conf: dict[str, str], run_id: str) -> None:
    """Starts a run. The template is known to be there and good, so Airflow has at most not read it yet."""
    deadline = time.monotonic() + DAG_READING_S
    told = False
    while True:
        try:
            client.trigger_run(dag_id, conf, run_id=run_id)
            return
        except AirflowRefusal as refusal:
            is_new = refusal.status == requests.codes.bad_request and f"'{conf['template']}' is not one of" in str(
                refusal
            )
            if not is_new or time.monotonic() > deadline:
                raise
        if not told:
            ERRORS.print(f"Waiting for Airflow to read the new template {conf['template']} ...", soft_wrap=True)
            told = True
        time.sleep(2)


def _show_story(installation: Installation, action_id: str, *, as_json: bool) -> None:
    action = installation.ledger.action(action_id)
    story = installation.log.story(action.id)
    if as_json:
        show_json(action_json(action) | {"story": [vars(event) for event in story]})
        return
    SCREEN.print(f"Action {action.id[:8]}: {action.action_type} for case {action.case_reference}", markup=False)
    SCREEN.print(outcome_line(action), markup=False, soft_wrap=True)
    show_table(
        "Story",
        ("UTC", "Try", "What", "", "Who"),
        [(f"{e.at:%Y-%m-%d %H:%M:%S}", str(e.attempt or ""), e.kind, e.text, e.who) for e in story],
        empty="Nothing happened yet.",
    )
    for problem in action.problems:
        SCREEN.print(f"  {problem}", markup=False, soft_wrap=True)
