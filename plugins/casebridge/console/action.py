"""The whole story of one action, and what a person can do about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.console.airflow_port import AirflowRefused, TaskTry
from casebridge.console.desk import At, Desk
from casebridge.console.hand import Hand, choices
from casebridge.core.errors import CasebridgeError, NotFound
from casebridge.core.manifest import ActionType
from casebridge.core.mapping import evaluate
from casebridge.core.payload import Payload
from casebridge.steps.prove import behind
from casebridge.steps.side_by_side import compare, lines
from casebridge.store.action import Action
from casebridge.store.parts import PartState

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/actions/{action_id}")
def show(desk: At, action_id: str, done: str = "") -> HTMLResponse:
    """The story of an action."""
    return _story(desk, desk.action(action_id), done=done)


@router.get("/run")
def of_run(desk: At, dag_id: str = "", run_id: str = "") -> HTMLResponse:
    """The tab of a DAG run: its action, or its actions where an update went to several cases."""
    found = [
        one for one in desk.installation.ledger.actions_of_run(dag_id, run_id) if one.system in desk.viewer.systems
    ]
    if len(found) == 1:
        return _story(desk, found[0])
    return desk.page("run.html", found=found, dag_id=dag_id, run_id=run_id)


@router.get("/actions/{action_id}/record")
def record(desk: At, action_id: str) -> HTMLResponse:
    """What the target holds about the record now; it is asked, and nothing is written."""
    action = desk.action(action_id)
    desk.viewer.must_act_on(action.system)
    if not action.record_id:
        raise NotFound("the action has no record")
    name = action.connection or registry.manifest(action.system).connection.default
    target = behind(action.system, desk.installation.connection(name), where=name)
    if not isinstance(target, ConnectorBase):
        raise NotFound("there is no such target system")
    kinds = target.manifest.incoming(action.record)
    titles = {field: one.title for kind in kinds for field, one in kind.fields.items()}
    held = target.fetch(action.record, action.record_id)
    return desk.page("record.html", action=action, record=held, titles=titles)


@router.get("/actions/{action_id}/again")
def foresee(desk: At, action_id: str) -> HTMLResponse:
    """What was sent, beside what the template of then and today's would send now."""
    action = desk.action(action_id)
    kind = _kind(action)
    then, then_note = _evaluated(desk, action, today=False)
    today, today_note = _evaluated(desk, action, today=True)
    return desk.page(
        "again.html",
        action=action,
        rows=compare(kind, [action.payload, then, today] if action.payload else [then, today]),
        notes={"then": then_note, "today": today_note},
        same=bool(then and today and then.digest == today.digest),
        may=choices(action),
        sees=desk.viewer.sees_values(action.system),
    )


@router.post("/actions/{action_id}/retry")
def retry(desk: At, action_id: str) -> RedirectResponse:
    """Has it tried again, in its own run."""
    action = desk.action(action_id)
    return desk.go("actions", action.id, done=Hand(desk.installation, desk.viewer).retry(action))


@router.post("/actions/{action_id}/again")
def again(desk: At, action_id: str, template: Text = "today") -> RedirectResponse:
    """Does it once more as a new action."""
    action = desk.action(action_id)
    dag_id, run_id = Hand(desk.installation, desk.viewer).again(action, today=template == "today")
    return desk.go("started", dag_id=dag_id, run_id=run_id, case=action.case_reference)


@router.get("/started")
def started(desk: At, dag_id: str, run_id: str, case: str = "") -> HTMLResponse:
    """A run that was asked for; its action is shown as soon as there is one."""
    found = [
        one for one in desk.installation.ledger.actions_of_run(dag_id, run_id) if one.system in desk.viewer.systems
    ]
    if found:
        return _story(desk, found[0], done="It was started.", fresh=True)
    address = desk.viewer.airflow.run_url(dag_id, run_id)
    return desk.page("started.html", run_id=run_id, case=case, run_url=address)


@router.post("/actions/{action_id}/decide")
def decide(desk: At, action_id: str, decision: Text, record_id: Text = "", reason: Text = "") -> RedirectResponse:
    """A person decides about an action in doubt."""
    action, hand = desk.action(action_id), Hand(desk.installation, desk.viewer)
    match decision:
        case "adopt":
            done = hand.adopt(action, record_id.strip())
        case "create_again":
            done = hand.create_again(action)
        case "close":
            done = hand.close(action, reason.strip())
        case _:
            raise NotFound("choose one of adopt, create again and close")
    return desk.go("actions", action.id, done=done)


def _story(desk: Desk, action: Action, *, done: str = "", fresh: bool = False) -> HTMLResponse:
    installation = desk.installation
    text = installation.ledger.template_text(action.template_digest) if action.template_digest else ""
    tries, tries_note = _tries(desk, action)
    parts = installation.ledger.parts(action.id)
    return desk.page(
        "action.html",
        action=action,
        done=done,
        fresh=fresh,
        lines=lines(_kind(action), action.payload) if action.payload else [],
        messages=len(action.payload.messages) if action.payload else 0,
        sees=desk.viewer.sees_values(action.system),
        acts=action.system in desk.viewer.acts_on,
        template_rows=_template_lines(action, text),
        parts=parts,
        doubtful=next((part for part in parts if part.state is PartState.SENT), None),
        findings=installation.findings.of_action(action.id),
        story=installation.log.story(action.id),
        tries=tries,
        tries_note=tries_note,
        run_url=desk.viewer.airflow.run_url(action.dag_id, action.run_id) if action.run_id else "",
        may=choices(action),
    )


def _tries(desk: Desk, action: Action) -> tuple[list[TaskTry], str]:
    if not action.run_id:
        return [], "The action was not started by Airflow."
    try:
        return desk.viewer.airflow.tries(action.dag_id, action.run_id), ""
    except (AirflowRefused, CasebridgeError) as error:
        return [], f"Airflow does not tell its tries: {error}"


def _template_lines(action: Action, text: str) -> list[tuple[int, str, list[object]]]:
    """The template as it was, each line with the problems that stand at it."""
    return [
        (number, line, [problem for problem in action.problems if problem.line == number])
        for number, line in enumerate(text.splitlines(), 1)
    ]


def _kind(action: Action) -> ActionType | None:
    manifest = registry.manifests().get(action.system)
    return manifest.actions.get(action.action_type) if manifest else None


def _evaluated(desk: Desk, action: Action, *, today: bool) -> tuple[Payload | None, str]:
    """What a template makes of the case now, or why it makes nothing."""
    installation = desk.installation
    try:
        if today:
            template = installation.catalogue.template(action.system, action.template)
        elif action.template_digest:
            text = installation.ledger.template_text(action.template_digest)
            template = installation.catalogue.parse(action.system, action.template, text)
        else:
            return None, "It was never planned with a template."
        case = installation.source(action.case_source).read(action.case_reference)
        payload, problems = evaluate(template, case, timezone=desk.timezone(action.system, action.connection))
    except CasebridgeError as error:
        return None, str(error)
    stopping = [str(problem) for problem in problems if problem.stops]
    return payload, f"It would be refused: {' '.join(stopping)}" if stopping else ""
