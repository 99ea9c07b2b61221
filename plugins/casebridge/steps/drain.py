"""Handles what is in the inbox: once each, in the order of arrival per subject.

An update of a record is applied to the cases that hold it; one whose create is not confirmed yet waits for it, and so
do those behind it. An event of a case starts the actions that the rules ask for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from casebridge.core.arrival import ArrivalKind, ArrivalState
from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import InDoubtError, RejectedError, TransientError
from casebridge.core.ports import CaseSource, Connector
from casebridge.core.rule import CaseEvent, Rule, matches
from casebridge.core.template import MappingTemplate
from casebridge.steps.receive import receive_update
from casebridge.store.action import ActionRequest
from casebridge.store.case_states import CaseStates
from casebridge.store.inbox import Entry, Inbox
from casebridge.store.ledger import Ledger
from casebridge.store.references import References

log = logging.getLogger(__name__)

CLOCK_DIFFERENCE = timedelta(minutes=1)
"""An event that is told twice, by a webhook and by polling, may carry two times; and clocks differ."""

MOST_SURPRISES = 5
"""How often an entry is tried that fails in a way that nobody foresaw."""

LONGEST_WAIT = timedelta(hours=72)
"""An update waits for its create as long as the create may be retried."""


class RunStarter(Protocol):
    """Starts a DAG run; one that was started before under the same id is left as it is."""

    def __call__(self, dag_id: str, conf: dict[str, str], run_id: str) -> None:
        """Starts it.

        Raises:
            TransientError: Airflow gave no answer.
        """


@dataclass(frozen=True)
class Desk:
    """What the handling of the inbox works with.

    Attributes:
        inbox: The arrivals.
        ledger: The actions.
        references: The References.
        case_states: What was last seen of cases.
        catalogue: The mapping templates.
        rules: The rules.
        template: Finds a template by the name that a rule gives it.
        source: Finds a case source by its name.
        connector: Makes the connector of a system.
        start_run: Starts DAG runs.
        dag_id: The DAG that handles the inbox, for the log.
        run_id: Its run.
    """

    inbox: Inbox
    ledger: Ledger
    references: References
    case_states: CaseStates
    catalogue: Catalogue
    rules: Sequence[Rule]
    template: Callable[[str], MappingTemplate]
    source: Callable[[str], CaseSource]
    connector: Callable[[str], Connector]
    start_run: RunStarter
    dag_id: str = ""
    run_id: str = ""


def drain(desk: Desk, *, page_size: int = 500) -> dict[str, int]:
    """Every entry whose turn has come is handled; returns how many ended in which state.

    When another process is at it already, nothing is done.
    """
    counts = dict.fromkeys([*ArrivalState], 0)
    with desk.inbox.draining() as held:
        if not held:
            log.info("Another run is handling the inbox")
            return counts
        blocked: set[tuple[str, str]] = set()
        after = 0
        while page := desk.inbox.pending(after=after, limit=page_size):
            sweep = _Sweep(desk)
            for entry in page:
                subject = (entry.arrival.system, entry.arrival.subject)
                if subject in blocked:
                    counts[ArrivalState.PENDING] += 1
                    continue
                state = sweep.handle(entry)
                counts[state] += 1
                if state is ArrivalState.PENDING:
                    blocked.add(subject)
            sweep.finish()
            after = page[-1].id
    return counts


class _Sweep:
    """Handles one page of entries. What starts nothing and calls nobody is written down for the whole page at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ignored: list[tuple[int, str]] = []
        self._seen: dict[tuple[str, str], str] = {}

    def handle(self, entry: Entry) -> ArrivalState:
        arrival = entry.arrival
        state, reason = self._outcome(entry)
        if state is ArrivalState.PENDING:
            self._desk.inbox.waits(entry, reason)
        elif state is ArrivalState.IGNORED:
            self._ignored.append((entry.id, reason))
        else:
            self._desk.inbox.done(entry, state, reason)
        level = logging.ERROR if state is ArrivalState.FAILED else logging.INFO
        log.log(
            level,
            "Entry %d (%s, %s %s): %s. %s",
            entry.id,
            arrival.system,
            arrival.kind,
            arrival.subject,
            state,
            reason,
        )
        return state

    def finish(self) -> None:
        self._desk.case_states.see_all(self._seen)
        self._desk.inbox.ignore(self._ignored)

    def _outcome(self, entry: Entry) -> tuple[ArrivalState, str]:
        try:
            if entry.arrival.kind is ArrivalKind.RECORD_UPDATE:
                return _update(self._desk, entry)
            return self._case_event(entry)
        except (TransientError, InDoubtError) as error:
            return ArrivalState.PENDING, str(error)
        except RejectedError as error:
            return ArrivalState.FAILED, str(error).splitlines()[0]
        except Exception as error:
            # Nobody foresaw it, so its text may hold anything; and one such entry must not hold up all others for ever.
            given_up = entry.tries + 1 >= MOST_SURPRISES
            return (ArrivalState.FAILED if given_up else ArrivalState.PENDING), f"an unexpected {type(error).__name__}"

    def _case_event(self, entry: Entry) -> tuple[ArrivalState, str]:
        event = _event(self._desk, entry)
        if not event.event and self._status(event) == event.status:
            return ArrivalState.IGNORED, "the status is as it was"
        rules = [rule for rule in self._desk.rules if matches(rule, event)]
        started = [run for rule in rules for name in rule.apply for run in _apply(self._desk, rule, name, event)]
        self._seen[event.source, event.case_reference] = event.status
        if not rules:
            return ArrivalState.IGNORED, "no rule is about it"
        self._desk.case_states.see_all({(event.source, event.case_reference): event.status})
        names = ", ".join(rule.name for rule in rules)
        return ArrivalState.HANDLED, f"rules {names}; {len(started)} actions started"

    def _status(self, event: CaseEvent) -> str | None:
        case = (event.source, event.case_reference)
        return self._seen[case] if case in self._seen else self._desk.case_states.status(*case)


def _update(desk: Desk, entry: Entry) -> tuple[ArrivalState, str]:
    arrival = entry.arrival
    manifest = desk.catalogue.manifest(arrival.system)
    incoming = next(action for action in manifest.actions.values() if not action.outgoing)
    if not desk.references.holding(arrival.system, incoming.record, arrival.subject):
        reference = arrival.details.get("reference", "")
        is_young = datetime.now(UTC) - entry.received_at < LONGEST_WAIT
        if reference and is_young and desk.ledger.has_open_action(arrival.system, incoming.record, reference):
            return ArrivalState.PENDING, "its create is not confirmed yet"
        return ArrivalState.IGNORED, f"no case holds {incoming.record} {arrival.subject}"
    request = ActionRequest(
        key=f"inbox:{entry.id}",
        system=arrival.system,
        action_type=incoming.name,
        record=incoming.record,
        case_source="",
        case_reference="",
        template="",
        dag_id=desk.dag_id,
        run_id=desk.run_id,
    )
    done = receive_update(
        request,
        arrival.subject,
        ledger=desk.ledger,
        references=desk.references,
        catalogue=desk.catalogue,
        source=desk.source,
        connector=desk.connector(arrival.system),
    )
    return ArrivalState.HANDLED, f"applied to {', '.join(action.case_reference for action in done)}"


def _event(desk: Desk, entry: Entry) -> CaseEvent:
    """The event, with what it does not say taken from the case itself."""
    arrival, details = entry.arrival, entry.arrival.details
    # Case systems write the type of a case in their own way; rules and templates write it as we do.
    case_type, status = details.get("case_type", "").replace("-", "_"), details.get("status", "")
    if not case_type or not status:
        case = desk.source(arrival.system).read(arrival.subject)
        case_type, status = case_type or case.type, status or case.status
    return CaseEvent(
        source=arrival.system,
        case_reference=arrival.subject,
        occurred_at=_moment(details.get("occurred_at", "")) or entry.received_at,
        event=arrival.event,
        case_type=case_type,
        status=status,
        transition=details.get("transition", ""),
    )


def _apply(desk: Desk, rule: Rule, name: str, event: CaseEvent) -> list[str]:
    template = desk.template(name)
    dag_id = f"{template.system}__{template.action.name}"
    run_id = f"{event.case_reference}~{template.id}~{rule.name}~{event.occurred_at:%Y%m%dT%H%M%S}"
    return start_action(
        desk, rule, template, dag_id, run_id, event.source, event.case_reference, since=event.occurred_at
    )


def start_action(
    desk: Desk,
    rule: Rule,
    template: MappingTemplate,
    dag_id: str,
    run_id: str,
    case_source: str,
    case_reference: str,
    *,
    since: datetime,
) -> list[str]:
    """Starts an action for a rule, unless the rule has acted on this very event already.

    It stands in the ledger before Airflow hears of it: an event that is told twice finds it there.
    """
    request = ActionRequest(
        key=f"{dag_id}:{run_id}",
        system=template.system,
        action_type=template.action.name,
        record=template.action.record,
        case_source=case_source,
        case_reference=case_reference,
        template=template.id,
        connection=desk.catalogue.manifest(template.system).connection.default,
        dag_id=dag_id,
        run_id=run_id,
        rule=rule.name,
    )
    earlier = desk.ledger.acted_since(request, since - CLOCK_DIFFERENCE)
    if earlier is not None and earlier.key != request.key:
        log.info("Rule %s has acted on case %s already (action %s)", rule.name, case_reference, earlier.id[:8])
        return []
    desk.ledger.open(request)
    conf = {"case": case_reference, "template": template.id, "source": case_source, "rule": rule.name}
    desk.start_run(dag_id, conf, run_id)
    return [run_id]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


__all__ = ["Desk", "RunStarter", "drain", "start_action"]
