"""One row of the ledger, as it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from casebridge.core.outcome import Incoming, State
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem


@dataclass(frozen=True)
class ActionRequest:
    """What was asked for: one integration action.

    Attributes:
        key: Idempotency key: the same key is the same action.
        system: Name of the target system.
        action_type: Name of the action type.
        record: The kind of record that it writes or reads.
        case_source: Name of the case source.
        case_reference: Reference number of the case.
        template: Name of the mapping template.
        connection: Name of the Airflow connection.
        dag_id: Airflow's DAG, "" outside Airflow.
        run_id: Airflow's DAG run, "" outside Airflow.
        rule: Name of the rule that asked for it, "" when somebody asked by hand.
    """

    key: str
    system: str
    action_type: str
    record: str
    case_source: str
    case_reference: str
    template: str
    connection: str = ""
    dag_id: str = ""
    run_id: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Action:
    """One integration action, as the ledger holds it. Times are in UTC.

    The names are those of the columns; `store/tables.py` says what is not plain from the name.
    """

    id: str
    key: str
    system: str
    action_type: str
    record: str
    connection: str
    case_source: str
    case_reference: str
    template: str
    template_digest: str | None
    reference: str
    state: State
    reason: str
    problems: tuple[Problem, ...]
    external_reference: str = field(repr=False)
    record_id: str | None
    record_url: str = field(repr=False)
    case_url: str = field(repr=False)
    incoming: Incoming
    fence: int
    tries: int
    maybe_sent: bool
    looks: int
    first_sent_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    dag_id: str
    run_id: str
    rule: str
    followed_up_at: datetime | None
    created_at: datetime
    updated_at: datetime
    payload: Payload | None = field(repr=False)
    payload_digest: str | None

    @classmethod
    def from_row(cls, row: Any) -> Action:
        """The action in a row of the table."""
        data = dict(row)
        data["state"] = State(data["state"])
        data["incoming"] = Incoming(data["incoming"])
        data["problems"] = tuple(Problem.from_json(problem) for problem in data["problems"])
        data["payload"] = Payload.from_json(data["payload"]) if data["payload"] else None
        return cls(**data)


@dataclass(frozen=True)
class Event:
    """One line of an action's story."""

    at: datetime
    attempt: int
    kind: str
    text: str
    who: str
