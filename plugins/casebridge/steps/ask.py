"""How an action is asked for: which DAG, which run, with what. The same for the command line and the console."""

from __future__ import annotations

import uuid

from casebridge.core.errors import Conflict, NotFound
from casebridge.core.outcome import ENDED, Incoming, State
from casebridge.store.action import Action

CALL = "call_target"
APPLY = "apply_incoming"


def dag_id(system: str, action_type: str) -> str:
    """The DAG that carries an action type out."""
    return f"{system}__{action_type}"


def run_id(conf: dict[str, str], key: str = "") -> str:
    """The run id, which is the idempotency key; Airflow allows letters, digits and `_.~:+-` in it.

    Args:
        conf: What the run is asked for.
        key: The same key makes the same run; a new one when empty.
    """
    parts = [conf["case"], conf["template"], key or uuid.uuid4().hex[:12]]
    return "~".join(
        "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else f":{ord(c):x}:" for c in part) for part in parts
    )  # two cases never share an id


def again(earlier: Action, *, today: bool) -> dict[str, str]:
    """The conf of a run that does an action once more as a new one.

    Args:
        earlier: The action.
        today: With today's template; otherwise with the template as it was then.

    Raises:
        Conflict: The action has not ended, or a person must decide it first.
        NotFound: It was never planned with a template, so there is none of then.
    """
    if earlier.state not in ENDED or earlier.state in (State.NEEDS_PERSON, State.UNCONFIRMED):
        raise Conflict(f"action {earlier.id[:8]} is {earlier.state}: decide it first with `casebridge resolve`")
    if not earlier.template:
        raise Conflict(f"action {earlier.id[:8]} was an update from the target; ask for the record again instead")
    conf = {"case": earlier.case_reference, "template": earlier.template, "source": earlier.case_source}
    if earlier.connection:
        conf["connection"] = earlier.connection
    if not today:
        if earlier.template_digest is None:
            raise NotFound(f"action {earlier.id[:8]} was never planned with a template; use today's")
        conf["template_version"] = earlier.template_digest
    return conf


def goes_on(action: Action) -> bool:
    """Whether the action's own run carries out what a person decided.

    An update that a target told is taken up again by the inbox; the run that handled it handles others as well.
    """
    return bool(action.run_id and action.template)


def retried_tasks(action: Action) -> tuple[str, ...]:
    """The tasks to have done again so that an action gets one more chance; empty for the whole run.

    Raises:
        Conflict: There is nothing to try again.
    """
    if action.state is State.NEEDS_PERSON:
        raise Conflict(f"action {action.id[:8]} waits for a person: decide it first")
    if action.state is State.CLOSED:
        raise Conflict(f"action {action.id[:8]} was closed by a person")
    if action.state is State.UNCONFIRMED:
        raise Conflict(f"action {action.id[:8]} was sent, and is not confirmed yet: decide it when it is known")
    if action.run_id and action.dag_id != dag_id(action.system, action.action_type):
        raise Conflict(f"action {action.id[:8]} came by the inbox, whose run is not its own")
    if not action.template:
        return ()
    if action.state is State.CONFIRMED:
        if action.incoming in (Incoming.PARTLY, Incoming.FAILED):
            return (APPLY,)
        raise Conflict(f"action {action.id[:8]} is confirmed already")
    return (CALL,) if action.payload is not None else ()
