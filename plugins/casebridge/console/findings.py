"""Findings of reconciliation: searched, understood beside the report, and decided, one by one or several at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from casebridge.connectors import registry
from casebridge.console.desk import NUMBER, At, Desk, FilledIn
from casebridge.console.finding_hand import (
    Decision,
    FindingHand,
    asks_for_record,
    asks_for_reference,
    usual_reference,
    ways,
)
from casebridge.core.drift import FINDINGS, MEANING, TITLES, Drift, Way
from casebridge.core.errors import CasebridgeError, Conflict, NotFound
from casebridge.core.manifest import ReferenceUse
from casebridge.store.findings import Finding, FindingState
from casebridge.store.reconciliations import Reconciliation

router = APIRouter()
Text = Annotated[str, Form()]

EVERY_STATE = "any"
MOST = 500
"""How many findings one selection may have."""

_ON_A_PAGE = 50
_WAYS = {
    Way.ADOPT: "Adopt the record",
    Way.SEND_AGAIN: "Send again",
    Way.CLOSE: "Close, it stays as it is",
    Way.IGNORE: "Ignore, it is none",
}
_REPORT_HEADERS = {
    # The report brings its own script and styles along, in an origin of its own: it can do nothing as its reader.
    "content-security-policy": (
        "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "img-src data:; frame-ancestors 'self'"
    )
}


@dataclass(frozen=True)
class Asked:
    """The search form, as it was filled in."""

    system: str = ""
    kind: str = ""
    case: str = ""
    state: str = FindingState.OPEN

    def find(self, desk: Desk, *, limit: int, after: int | None = None) -> list[Finding]:
        """What is found, within what the viewer may look at.

        Raises:
            NotFound: A kind or a state is not one.
        """
        if self.kind and self.kind not in FINDINGS:
            raise NotFound("there is no such kind of finding")
        if self.state != EVERY_STATE and self.state not in set(FindingState):
            raise NotFound("a finding has no such state")
        return desk.installation.findings.latest(
            system=self.system or None,
            systems=desk.viewer.systems,
            drift=Drift(self.kind) if self.kind else None,
            case_reference=self.case or None,
            state=None if self.state == EVERY_STATE else FindingState(self.state),
            after=after,
            limit=limit,
        )


@dataclass(frozen=True)
class Answer:
    """What became of one finding of a selection."""

    finding: Finding
    done: bool
    text: str


def asked(request: Request) -> Asked:
    """The search form in the address."""
    given = {name: request.query_params.get(name, "").strip() for name in Asked.__dataclass_fields__}
    return Asked(**{name: text for name, text in given.items() if text})


AskedFor = Annotated[Asked, Depends(asked)]


@router.get("/findings")
def show(desk: At, form: AskedFor, after: str = "") -> HTMLResponse:
    """A page of findings."""
    if after and not NUMBER.fullmatch(after):
        raise NotFound("there is no such page of findings")
    found = form.find(desk, limit=_ON_A_PAGE + 1, after=int(after) if after else None)
    systems = [form.system] if form.system in desk.viewer.systems else sorted(desk.viewer.systems)
    return desk.page(
        "findings.html",
        form=form,
        query=vars(form),
        found=found[:_ON_A_PAGE],
        older=found[_ON_A_PAGE - 1].id if len(found) > _ON_A_PAGE else "",
        after=after,
        systems=sorted(name for name in desk.viewer.systems if registry.manifest(name).listed),
        kinds=FINDINGS,
        states=list(FindingState),
        ways=_WAYS,
        titles=TITLES,
        reconciliations=[one for system in systems for one in last_reconciliations(desk, system)],
    )


@router.get("/findings/{number}")
def one(desk: At, number: str, done: str = "") -> HTMLResponse:
    """One finding, and what can be decided about it."""
    finding = desk.finding(number)
    installation = desk.installation
    return desk.page(
        "finding.html",
        finding=finding,
        done=done,
        title=TITLES[finding.drift],
        meaning_of=MEANING.get(finding.drift, ""),
        action=installation.ledger.action(finding.action_id) if finding.action_id else None,
        parts=installation.ledger.parts(finding.action_id) if finding.action_id else [],
        seen_in=installation.reconciliations.reconciliation(finding.seen_in),
        acts=finding.system in desk.viewer.acts_on,
        ways=ways(finding),
        asks_for_record=asks_for_record(finding),
        asks_for_reference=asks_for_reference(finding),
        reference=usual_reference(finding),
        references=_references(desk, finding),
    )


@router.post("/findings/{number}/decide")
def decide(
    desk: At, number: str, decision: Text = "", record_id: Text = "", reference: Text = "", reason: Text = ""
) -> RedirectResponse:
    """Decides one finding."""
    finding = desk.finding(number)
    given = Decision(decision, record_id.strip(), reference.strip(), reason.strip())
    done = FindingHand(desk.installation, desk.viewer).decide(finding, given)
    return desk.go("findings", number, done=done)


@router.post("/findings/selection")
def look(desk: At, filled_in: FilledIn, deed: Text = "") -> HTMLResponse:
    """What is decided about which, before it is done."""
    way = _way(deed)
    chosen = _chosen(desk, filled_in)
    fitting = [one for one in chosen if one.system in desk.viewer.acts_on and way in ways(one)]
    return desk.page(
        "findings_selection.html",
        chosen=chosen,
        fitting=fitting,
        deed=deed,
        name=_WAYS[way],
        titles=TITLES,
        asks_for_record=asks_for_record,
        asks_for_reference=asks_for_reference,
        usual_reference=usual_reference,
    )


@router.post("/findings/selection/do")
def do(desk: At, filled_in: FilledIn, deed: Text = "", reason: Text = "") -> HTMLResponse:
    """Decides one after the other: what fails for one is done for the others."""
    way = _way(deed)
    answers = []
    for finding in _chosen(desk, filled_in):
        record_id, reference = (str(filled_in.get(f"{what}-{finding.id}", "")) for what in ("record_id", "reference"))
        given = Decision(way, record_id.strip(), reference.strip(), reason.strip())
        answers.append(_answer(desk, finding, given))
    return desk.page("findings_done.html", answers=answers, name=_WAYS[way])


@router.get("/findings/reports/{number}")
def report(desk: At, number: str) -> FileResponse:
    """The report of a reconciliation, as its run wrote it."""
    if not NUMBER.fullmatch(number):
        raise NotFound("a reconciliation has a number")
    mine = desk.installation.reconciliations.reconciliation(int(number))
    desk.viewer.must_look_at(mine.system)
    page = Path(mine.report)
    if not mine.report or not page.is_file():
        raise NotFound("the report of this reconciliation is not on this machine, or not any more")
    return FileResponse(page, media_type="text/html", headers=_REPORT_HEADERS)


def last_reconciliations(desk: Desk, system: str) -> list[Reconciliation]:
    """The last reconciliation of each kind of record of a system that has come to its end; none for a case source."""
    manifest = registry.manifests().get(system)
    kinds = [kind.record for kind in manifest.listed] if manifest else []
    return [one for kind in kinds for one in desk.installation.reconciliations.latest(system, kind, limit=1)]


def _answer(desk: Desk, finding: Finding, given: Decision) -> Answer:
    if finding.system not in desk.viewer.acts_on:
        return Answer(finding, False, "You may look at it only.")
    try:
        return Answer(finding, True, FindingHand(desk.installation, desk.viewer).decide(finding, given))
    except CasebridgeError as error:
        return Answer(finding, False, str(error))


def _way(deed: str) -> Way:
    if deed not in set(Way):
        raise Conflict("choose what to decide about the selected findings")
    return Way(deed)


def _chosen(desk: Desk, filled_in: FormData) -> list[Finding]:
    if filled_in.get("every"):
        form = Asked(**{name: str(filled_in.get(name, "")).strip() for name in Asked.__dataclass_fields__})
        found = form.find(desk, limit=MOST + 1)
    else:
        ids = [int(str(one)) for one in filled_in.getlist("id") if NUMBER.fullmatch(str(one))]
        found = desk.installation.findings.of_ids(ids, desk.viewer.systems)
    if not found:
        raise Conflict("no finding is selected; tick those that you mean")
    if len(found) > MOST:
        raise Conflict(f"these are more than {MOST} findings; narrow the search and do it in several steps")
    return found


def _references(desk: Desk, finding: Finding) -> list[str]:
    """The References that the templates of this system store such a record in."""
    return sorted(
        {
            template.reference
            for template in desk.installation.catalogue.valid(finding.system)
            if template.action.reference is ReferenceUse.STORES and template.action.record == finding.record
        }
    )
