"""The third step: bring the record's data back onto the case, through every incoming template of the Reference."""

from __future__ import annotations

import logging

from casebridge.core.case import Case, CaseChanges
from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import CasebridgeError, InvalidMapping, NeedsPerson, TransientError
from casebridge.core.incoming import evaluate_incoming
from casebridge.core.manifest import ReferenceUse
from casebridge.core.outcome import Incoming, State
from casebridge.core.payload import Payload
from casebridge.core.ports import CaseSource, Connector, WritesInParts
from casebridge.core.privacy import hide
from casebridge.core.problem import Problem
from casebridge.core.record import Receipt, Record
from casebridge.core.template import MappingTemplate
from casebridge.steps.parts import ActionParts
from casebridge.store.action import Action
from casebridge.store.ledger import Ledger

log = logging.getLogger(__name__)


def apply_incoming(
    action: Action,
    *,
    ledger: Ledger,
    catalogue: Catalogue,
    source: CaseSource,
    connector: Connector,
    told: Record | None = None,
) -> Incoming:
    """The case shows the record, and every incoming template of the action's Reference has been applied to it.

    A row with a problem leaves its case field as it is; the rest is written, and the record stays created.

    Args:
        action: The action.
        ledger: Where it is recorded.
        catalogue: Where mapping templates are found.
        source: Where the case is kept.
        connector: The target.
        told: What the target told of the record; it is read when None.

    Raises:
        InvalidMapping: Rows had problems; carries every one, after the rest was written.
        TransientError: The target or the case source gave no answer; worth another try.
        RejectedError: The record cannot be read or the case not be written.
    """
    if not action.record_id or not action.reference or action.state is State.UNCONFIRMED:
        log.info("The action has no record to read back")
        return Incoming.NONE
    templates, broken = catalogue.incoming_of(action.system, action.reference, action.record)
    problems = [
        Problem("broken_template", f"an incoming template cannot be used: {str(error).splitlines()[0]}.", "Lint it.")
        for error in broken
    ]
    changes = CaseChanges()
    try:
        if catalogue.manifest(action.system).action(action.action_type).reference is ReferenceUse.STORES:
            source.store_reference(action.case_reference, action.reference, action.record_id)
        if templates:
            record = told or connector.fetch(action.record, action.record_id)
            case = source.read(action.case_reference)
            changes, found = _evaluate(templates, record, case, connector.timezone)
            problems += found
        if changes:
            _write(action, changes, ledger=ledger, source=source, told=told is not None)
    except CasebridgeError as error:
        sent = action.payload.private_values() if action.payload is not None else []
        # A case system, too, likes to repeat what it was given.
        hide(error, [*sent, *(value for value in changes.texts() if value != action.record_id)])
        if not isinstance(error, TransientError):
            ledger.incoming_done(action.id, Incoming.FAILED, reason=str(error), problems=())
        raise
    if not templates and not problems:
        log.info('No incoming template belongs to Reference "%s": nothing to bring back', action.reference)
        if action.incoming is Incoming.FAILED:  # an earlier try could not show the record on the case
            ledger.incoming_done(action.id, Incoming.NONE, reason="", problems=())
        return Incoming.NONE
    outcome = Incoming.PARTLY if problems else Incoming.APPLIED
    names = ", ".join(f'"{template.name}"' for template in templates) or "none"
    log.info(
        "Applied incoming %s: %d case fields and %d case dates written",
        names,
        len(changes.fields),
        len(changes.dates),
    )
    reason = ""
    if problems:
        reason = f"{len(problems)} incoming mapping problem{'s' if len(problems) > 1 else ''}; the rest was written"
        reason = f"{action.record} {action.record_id} is there; {reason}"
    ledger.incoming_done(action.id, outcome, reason=reason, problems=problems)
    if problems:
        for problem in problems:
            log.error("Problem: %s", problem)
        raise InvalidMapping(f"incoming mappings on case {action.case_reference}", problems)
    return outcome


def _write(action: Action, changes: CaseChanges, *, ledger: Ledger, source: CaseSource, told: bool) -> None:
    """The case has the data; of a source whose writes may not be done twice, each is remembered with the action."""
    if not isinstance(source, WritesInParts):
        source.write(action.case_reference, changes)
        return
    values = {name: str(value) for name, value in (*changes.fields.items(), *changes.dates.items())}
    with ledger.claim(action.id, attempt=1) as claim:
        parts = ActionParts(claim, title=source.name, payload=Payload(fields={**values}), look_again_after=())
        try:
            answered = source.write_in_parts(action.case_reference, changes, parts, told=told)
        except NeedsPerson as error:
            if not action.template:
                claim.needs_person(str(error))
            raise
        if action.template:  # it has made its record in the target: what is written back changes nothing of that
            return
        receipt = Receipt(action.record_id or "")
        if not answered:
            claim.unconfirmed(receipt, reason="the case system was told by e-mail")
        elif claim.action.state is not State.CONFIRMED:
            claim.confirm(receipt, reason=f"{action.record} {action.record_id}")


def _evaluate(
    templates: list[MappingTemplate], record: Record, case: Case, timezone: str
) -> tuple[CaseChanges, list[Problem]]:
    changes = CaseChanges()
    problems: list[Problem] = []
    for template in templates:
        found, wrong = evaluate_incoming(template, record, case, timezone=timezone)
        changes = CaseChanges({**changes.fields, **found.fields}, {**changes.dates, **found.dates})
        problems += wrong
    return changes, problems
