"""`casebridge resolve`: a person decides about an action in doubt."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import Annotated

import typer

from casebridge.cli.actions import action_json
from casebridge.cli.airflow_client import AirflowClient
from casebridge.cli.screen import SCREEN, AsJson, show_json
from casebridge.core.outcome import RESOLVABLE, State
from casebridge.installation import Installation
from casebridge.steps import ask
from casebridge.steps.outcome import outcome_line
from casebridge.store.action import Action
from casebridge.store.parts import Part, PartState


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("resolve")(resolve)


def resolve(
    action: Annotated[str, typer.Argument(help="The action's id, or its beginning.")],
    adopt: Annotated[str, typer.Option(help="The id of the record that it made: store it in the Reference.")] = "",
    create_again: Annotated[
        bool, typer.Option("--create-again", help="There is no record in the target: create it now.")
    ] = False,
    close: Annotated[str, typer.Option(help="The reason for ending it without a record.")] = "",
    who: Annotated[str, typer.Option(help="Who decides, for the log.")] = "",
    continue_run: Annotated[
        bool, typer.Option("--continue/--no-continue", help="Have Airflow go on with the run.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Decide about an action in doubt: adopt the record, create it again, or close the action.

    Without a decision it shows what is known.
    """
    installation = Installation()
    found = installation.ledger.action(action)
    given = [bool(adopt), create_again, bool(close)]
    if sum(given) > 1:
        raise typer.BadParameter("choose one of --adopt, --create-again and --close")
    if not any(given):
        _show_choices(found, installation.ledger.parts(found.id), as_json=as_json)
        return
    person = who or getpass.getuser()
    if adopt:
        decided = installation.decisions.adopt(found.id, record_id=adopt, who=person)
    elif create_again:
        decided = installation.decisions.allow_again(found.id, who=person)
    else:
        decided = installation.decisions.close(found.id, who=person, reason=close)
    goes_on = continue_run and not close and ask.goes_on(decided)
    if goes_on:
        client = AirflowClient.of(installation.settings)
        client.clear_tasks(decided.dag_id, decided.run_id, ask.CALL)
    if as_json:
        show_json(action_json(decided))
    else:
        SCREEN.print(outcome_line(decided), markup=False, soft_wrap=True)
        if goes_on:
            SCREEN.print("The run goes on in Airflow.")


def _show_choices(found: Action, parts: Sequence[Part], *, as_json: bool) -> None:
    doubtful = next((part for part in parts if part.state is PartState.SENT), None)
    if as_json:
        listed = [{"name": part.name, "state": part.state, "record_id": part.record_id} for part in parts]
        show_json(action_json(found) | {"resolvable": found.state in RESOLVABLE, "parts": listed})
        return
    SCREEN.print(outcome_line(found), markup=False, soft_wrap=True)
    for part in parts:
        SCREEN.print(f"  {part.name}: {part.state} {part.record_id or ''}".rstrip(), markup=False, soft_wrap=True)
    if found.state not in RESOLVABLE:
        SCREEN.print("There is nothing to decide.")
        return
    record, sent_at = (doubtful.record, doubtful.sent_at) if doubtful else (found.record, found.sent_at)
    sent = f"{sent_at:%Y-%m-%d %H:%M:%S} UTC" if sent_at else "not at all"
    place = "the target" if found.template else "the case system"
    choices = {"--adopt ID": "it is there, with this id", "--create-again": "it is not there"}
    if found.state is State.UNCONFIRMED and not found.template:  # nothing would send it again
        del choices["--create-again"]
    choices['--close "reason"'] = "it is no longer wanted"
    lines = [f"  casebridge resolve {found.id[:8]} {option:<18}{meaning}" for option, meaning in choices.items()]
    SCREEN.print(
        f"Look in {place} for a {record} of case {found.case_reference}; it was last sent {sent}.\nThen one of:",
        markup=False,
        soft_wrap=True,
    )
    SCREEN.print("\n".join(lines), markup=False, soft_wrap=True)
