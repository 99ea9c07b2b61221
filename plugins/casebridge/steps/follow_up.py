"""What follows an action that a rule asked for: when its record exists, or when it has definitely failed.

The case system's own later rule actions run before the record exists. These wait for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from casebridge.core.errors import RejectedError, TransientError
from casebridge.core.outcome import State
from casebridge.core.rule import Email, FollowUp, Rule
from casebridge.steps.drain import Desk, start_action
from casebridge.store.action import Action

log = logging.getLogger(__name__)

SendEmail = Callable[[str, str, str], None]
"""Sends a message: to, subject, text."""


def follow_up(desk: Desk, *, send_email: SendEmail, limit: int = 200) -> int:
    """The follow-up steps of every action that has ended are done; returns of how many actions.

    A step that is refused is logged and the others go on; one that could not be reached is tried again next time.
    """
    rules = {rule.name: rule for rule in desk.rules}
    done = 0
    for action in desk.ledger.to_follow_up(limit):
        rule = rules.get(action.rule)
        steps = _steps(rule, action) if rule else ()
        try:
            for number, step in enumerate(steps, 1):
                _do(desk, rule, step, number, action, send_email)
        except TransientError as error:
            log.warning("Follow-up of action %s waits: %s", action.id[:8], error)
            continue
        except Exception as error:
            # Such as a mail server that is away: the other actions go on, this one is tried again next time.
            log.error("Follow-up of action %s waits: an unexpected %s", action.id[:8], type(error).__name__)
            continue
        desk.ledger.followed_up(action, f"{len(steps)} follow-up steps done")
        done += 1
    return done


def _steps(rule: Rule, action: Action) -> tuple[FollowUp, ...]:
    return rule.when_created if action.state is State.CONFIRMED else rule.when_failed


def _do(desk: Desk, rule: Rule | None, step: FollowUp, number: int, action: Action, send_email: SendEmail) -> None:
    if rule is None:
        return
    try:
        if step.transition:
            desk.source(action.case_source).transition(action.case_reference, step.transition)
            log.info("Case %s: transition %s", action.case_reference, step.transition)
        elif step.apply:
            template = desk.template(step.apply)
            dag_id = f"{template.system}__{template.action.name}"
            run_id = f"{action.case_reference}~{template.id}~{rule.name}~{action.id[:8]}~{number}"
            start_action(
                desk,
                rule.model_copy(update={"name": f"{rule.name}_{number}"}),
                template,
                dag_id,
                run_id,
                action.case_source,
                action.case_reference,
                since=action.created_at,
            )
        elif step.email is not None:
            send_email(*_message(step.email, action))
            log.info("Case %s: e-mail sent", action.case_reference)
    except RejectedError as error:
        # A transition that was made before the last crash is refused now; and one bad step must not stop the others.
        log.error("Case %s: a follow-up step of rule %s was refused: %s", action.case_reference, rule.name, error)


def _message(email: Email, action: Action) -> tuple[str, str, str]:
    facts = {"case": action.case_reference, "record": action.record_id or "none", "reason": action.reason}

    def filled(text: str) -> str:
        for name, value in facts.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return email.to, filled(email.subject), filled(email.text)
