"""The same deed for several actions: asked for, looked at once more, done one by one, each with its own answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from casebridge.console.desk import At, Desk, FilledIn
from casebridge.console.hand import Hand, choices
from casebridge.console.log import Asked
from casebridge.core.errors import CasebridgeError, Conflict
from casebridge.store.action import Action

router = APIRouter()

MOST = 500
"""How many actions one selection may have; what is more is done in several."""

DEEDS = {
    "retry": "Try again",
    "again_today": "Run again with today's template",
    "again_original": "Run again with the template of then",
    "create_again": "Create again",
    "close": "Close without a record",
}
_CHOICE = {"retry": "retry", "again_today": "again", "again_original": "original"}


@dataclass(frozen=True)
class Candidate:
    """An action of a selection, and whether the deed fits it."""

    action: Action
    fits: bool


@dataclass(frozen=True)
class Answer:
    """What became of one action of a selection."""

    action: Action
    done: bool
    text: str


@router.post("/selection")
def look(desk: At, filled_in: FilledIn, deed: Annotated[str, Form()] = "") -> HTMLResponse:
    """What the deed would do, before it is done."""
    candidates = [Candidate(one, _fits(desk, one, deed)) for one in _chosen(desk, filled_in, deed)]
    return desk.page("selection.html", candidates=candidates, deed=deed, name=DEEDS[deed])


@router.post("/selection/do")
def do(
    desk: At, filled_in: FilledIn, deed: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Does it, action by action: what fails for one is done for the others."""
    answers = [_do(desk, one, deed, reason.strip()) for one in _chosen(desk, filled_in, deed)]
    return desk.page("selection_done.html", answers=answers, name=DEEDS[deed])


def _chosen(desk: Desk, filled_in: FormData, deed: str) -> list[Action]:
    if deed not in DEEDS:
        raise Conflict("choose what to do with the selected actions")
    search = desk.installation.search
    if filled_in.get("every"):
        form = Asked(**{name: str(filled_in.get(name, "")).strip() for name in Asked.__dataclass_fields__})
        ids = search.ids(form.search(desk), limit=MOST + 1)
    else:
        ids = [str(one) for one in filled_in.getlist("id")]
    if not ids:
        raise Conflict("no action is selected; tick those that you mean")
    if len(ids) > MOST:
        raise Conflict(f"these are more than {MOST} actions; narrow the search and do it in several steps")
    return desk.installation.ledger.of_ids(ids, desk.viewer.systems)


def _fits(desk: Desk, action: Action, deed: str) -> bool:
    return action.system in desk.viewer.acts_on and choices(action)[_CHOICE.get(deed, "decide")]


def _do(desk: Desk, action: Action, deed: str, reason: str) -> Answer:
    hand = Hand(desk.installation, desk.viewer)
    if action.system not in desk.viewer.acts_on:
        return Answer(action, False, "You may look at it only.")
    try:
        match deed:
            case "retry":
                text = hand.retry(action)
            case "create_again":
                text = hand.create_again(action)
            case "close":
                text = hand.close(action, reason)
            case _:
                _, run_id = hand.again(action, today=deed == "again_today")
                text = f"It was started as run {run_id}."
    except CasebridgeError as error:
        return Answer(action, False, str(error))
    return Answer(action, True, text)
