"""The outcome of an action in one line: for run notes, tables and pages."""

from __future__ import annotations

from casebridge.core.outcome import MEANING, Incoming, State
from casebridge.store.action import Action


def outcome_line(action: Action) -> str:
    """One line without case values: what became of it, and what to do."""
    line = f"{MEANING[action.state]}: {reason(action)}"
    if action.state is State.CONFIRMED and action.reference:
        line += f' (Reference "{action.reference}")'
    if action.state is State.CONFIRMED and action.incoming is Incoming.APPLIED:
        line += ", data brought back onto the case"
    if action.state is State.UNCONFIRMED:
        line += f". When it is known: casebridge resolve {action.id[:8]}"
    if action.state in (State.NEEDS_PERSON, State.IN_DOUBT):
        line += f". Decide: casebridge resolve {action.id[:8]}"
    return line


def reason(action: Action) -> str:
    """Why it stands where it stands."""
    if action.reason:
        return action.reason
    if action.state is State.CONFIRMED and action.record_id:
        return f"{action.record} {action.record_id}"
    return action.template
