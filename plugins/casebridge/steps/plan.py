"""The first step of an action: read the case, evaluate the mappings, put the plan on record."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pendulum

from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import InvalidMapping, InvalidTemplate, NotConfigured, RejectedError, TransientError
from casebridge.core.manifest import ReferenceUse
from casebridge.core.mapping import evaluate
from casebridge.core.outcome import State
from casebridge.core.payload import Payload
from casebridge.core.ports import CaseSource
from casebridge.core.template import MappingTemplate
from casebridge.steps.record_holder import RecordHolder, empty_reference
from casebridge.store.action import Action, ActionRequest
from casebridge.store.ledger import Ledger
from casebridge.store.references import References

log = logging.getLogger(__name__)


def plan_action(
    request: ActionRequest,
    *,
    ledger: Ledger,
    references: References,
    catalogue: Catalogue,
    source: CaseSource,
    timezone: str,
    enabled: bool,
    template_version: str = "",
) -> Action:
    """The action is on record with what will be sent, or refused with every reason.

    A request that was planned before is planned anew as long as nothing can have been sent; after that it stays as
    it was.

    Args:
        request: What was asked for.
        ledger: Where it is recorded.
        references: Where the record is found that a template's Reference holds.
        catalogue: Where mapping templates are found.
        source: Where the case is read.
        timezone: The target's time zone.
        enabled: Whether the integration may act.
        template_version: Digest of the template version to plan with; today's when empty.

    Raises:
        InvalidMapping: The case does not give what the template needs; carries every Problem.
        RejectedError: It can never be planned as asked.
        TransientError: The case source or the ledger gave no answer.
    """
    action = ledger.open(request)
    if action.maybe_sent or action.state in (State.CONFIRMED, State.UNCONFIRMED, State.CLOSED):
        log.info("Action %s is %s already: what was planned stays as it is", action.id[:8], action.state)
        return action
    template: MappingTemplate | None = None
    try:
        if not enabled:
            raise NotConfigured(
                f"{catalogue.manifest(request.system).title} is disabled in its settings; enable it and run this again"
            )
        template = _template(request, catalogue, ledger, template_version)
        case = source.read(request.case_reference)
        payload, problems = evaluate(template, case, timezone=timezone)
        if template.action.reference is ReferenceUse.USES:
            holder = RecordHolder(ledger, references, catalogue)
            record_id = holder.record_of(template, request.case_source, request.case_reference)
            record_id = record_id or case.references.get(template.reference, "")
            payload = replace(payload, record_id=record_id)
            problems += [] if record_id else [empty_reference(template, request.case_reference)]
        if any(problem.stops for problem in problems):
            raise InvalidMapping(f'template "{template.id}" on case {case.reference}', problems)
    except InvalidMapping as error:
        ledger.refuse_plan(action, reason=_first_line(error), problems=error.problems, template=template)
        for problem in error.problems:
            log.error("Problem: %s", problem)
        raise
    except TransientError as error:
        ledger.delayed(action, str(error))
        raise
    except RejectedError as error:
        told = error.problems if isinstance(error, InvalidTemplate) else ()
        ledger.refuse_plan(action, reason=_first_line(error), problems=told, template=template)
        raise
    external_reference = payload.external_reference(template.action)
    planned = ledger.plan(
        action, template=template, payload=payload, external_reference=external_reference, case_url=case.url
    )
    log.info(
        'Planned: %s for case %s with template "%s" (version %s), %d values from %d rows',
        template.action.title,
        request.case_reference,
        template.name,
        template.digest[:12],
        len(payload.fields) + sum(len(rows) for rows in payload.keyed.values()),
        len(template.rows),
    )
    _warn_of_cooldown(planned, template, payload, ledger)
    return planned


def _template(request: ActionRequest, catalogue: Catalogue, ledger: Ledger, template_version: str) -> MappingTemplate:
    if template_version:
        text = ledger.template_text(template_version)
        template = catalogue.parse(request.system, request.template, text)
    else:
        template = catalogue.template(request.system, request.template)
    if template.action.name != request.action_type:
        raise NotConfigured(
            f'template "{template.id}" is of the type {template.action.name} and cannot be used for '
            f"{request.action_type}"
        )
    return template


def _warn_of_cooldown(action: Action, template: MappingTemplate, payload: Payload, ledger: Ledger) -> None:
    """The target is the judge of its own rule; but who reads the log should know what is coming."""
    cooldown = template.action.cooldown
    if cooldown is None:
        return
    field = next(name for name in cooldown.per if name != "case")
    earlier = ledger.recent_send(
        action,
        field=field,
        value=payload.text(field),
        since=pendulum.now("UTC") - timedelta(minutes=cooldown.minutes),
    )
    if earlier is not None:
        log.warning(
            "Case %s already has %s %s with the same %s, sent at %s: the target refuses a second one within %d minutes",
            action.case_reference,
            template.action.record,
            earlier.record_id,
            template.action.fields[field].title,
            f"{earlier.sent_at:%H:%M:%S} UTC",
            cooldown.minutes,
        )


def _first_line(error: RejectedError) -> str:
    return str(error).splitlines()[0]
