"""Handles what is in the inbox: once each, in the order of arrival per subject.

An update of a record is applied to the cases that hold it; one whose create is not confirmed yet waits for it, and so
do those behind it. An event of a case starts the actions that the rules ask for. Where a case source cannot be asked,
what came with an event is the case; the next event of that case waits until the actions of this one have ended.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Protocol

from casebridge.core.arrival import ArrivalKind, ArrivalState
from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import InDoubtError, NeedsPerson, NotFound, RejectedError, TransientError
from casebridge.core.ports import CaseSource, Connector, RemembersCases
from casebridge.core.record import Record
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

LATE = timedelta(hours=1)
"""How long an event of a case that nothing is known of waits for the one that it must come after."""


PAUSE_S = 2.0
"""Seconds between two looks at whether the turn of an entry has come."""

LONGEST_CHAIN_S = 45.0
"""Seconds for which turns are waited for at most: the next run is at hand by then."""


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


def drain(desk: Desk, *, page_size: int = 500, patience_s: float = 0.0) -> dict[str, int]:
    """Every entry whose turn has come is handled; returns how many ended in which state.

    When another process is at it already, nothing is done.

    Args:
        desk: What it is done with.
        page_size: How many entries are read at a time.
        patience_s: After something was handled, entries whose turn comes next are waited for as long as this.
    """
    with desk.inbox.draining() as held:
        if not held:
            log.info("Another run is handling the inbox")
            return dict.fromkeys([*ArrivalState], 0)
        round_ = _Round(desk, page_size)
        counts = round_.run()
        latest = monotonic() + LONGEST_CHAIN_S
        until = monotonic() + patience_s if counts[ArrivalState.HANDLED] else 0.0
        while round_.waiting and monotonic() < min(until, latest):
            sleep(PAUSE_S)
            more = round_.run()
            if more[ArrivalState.HANDLED]:
                until = monotonic() + patience_s
            pending = more[ArrivalState.PENDING]
            counts = {state: counts[state] + more[state] for state in counts} | {ArrivalState.PENDING: pending}
    return counts


class _Round:
    """Goes through what is pending, from the oldest on. Subjects whose entry has failed are left alone from then on."""

    def __init__(self, desk: Desk, page_size: int) -> None:
        self._desk = desk
        self._page_size = page_size
        self._failed: set[tuple[str, str]] = set()
        self.waiting = False

    def run(self) -> dict[str, int]:
        """How many entries ended in which state; `waiting` says whether one waits for nothing but its turn."""
        counts = dict.fromkeys([*ArrivalState], 0)
        self.waiting = False
        blocked: dict[tuple[str, str], int] = {}
        after = 0
        while page := self._desk.inbox.pending(after=after, limit=self._page_size):
            sweep = _Sweep(self._desk)
            for entry in _in_turn(page):
                subject, position = _subject(entry), entry.arrival.position
                if subject in self._failed or position >= blocked.get(subject, position + 1):
                    counts[ArrivalState.PENDING] += 1
                    continue
                state, tried = sweep.handle(entry)
                counts[state] += 1
                if state is ArrivalState.PENDING:
                    blocked[subject] = position
                    self.waiting |= not tried
                    if tried:
                        self._failed.add(subject)
            sweep.finish()
            after = page[-1].id
        return counts


def _subject(entry: Entry) -> tuple[str, str]:
    return entry.arrival.system, entry.arrival.subject


def _in_turn(page: Sequence[Entry]) -> list[Entry]:
    """The entries with those of one subject in the order in which their sender numbered them."""
    subjects: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in page:
        subjects[_subject(entry)].append(entry)
    turns = {
        subject: iter(sorted(entries, key=lambda entry: (entry.arrival.position, entry.id)))
        for subject, entries in subjects.items()
    }
    return [next(turns[_subject(entry)]) for entry in page]


class _Sweep:
    """Handles one page of entries. What starts nothing and calls nobody is written down for the whole page at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ignored: list[tuple[int, str]] = []
        self._seen: dict[tuple[str, str], str] = {}

    def handle(self, entry: Entry) -> tuple[ArrivalState, bool]:
        """What became of an entry, and whether it was tried: one whose turn has not come was not."""
        arrival = entry.arrival
        state, reason, tried = self._outcome(entry)
        if state is ArrivalState.PENDING:
            self._desk.inbox.waits(entry, reason, tried=tried)
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
        return state, tried

    def finish(self) -> None:
        self._desk.case_states.see_all(self._seen)
        self._desk.inbox.ignore(self._ignored)

    def _outcome(self, entry: Entry) -> tuple[ArrivalState, str, bool]:
        try:
            state, reason = self._handled(entry)
        except InDoubtError as error:
            # What may be done twice is tried again, but not for ever.
            given_up = entry.tries + 1 >= MOST_SURPRISES
            return (ArrivalState.FAILED if given_up else ArrivalState.PENDING), str(error), True
        except (TransientError, NeedsPerson) as error:
            return ArrivalState.PENDING, str(error), True
        except RejectedError as error:
            return ArrivalState.FAILED, str(error).splitlines()[0], True
        except Exception as error:
            # Nobody foresaw it, so its text may hold anything; and one such entry must not hold up all others for ever.
            given_up = entry.tries + 1 >= MOST_SURPRISES
            reason = f"an unexpected {type(error).__name__}"
            return (ArrivalState.FAILED if given_up else ArrivalState.PENDING), reason, True
        return state, reason, state is not ArrivalState.PENDING

    def _handled(self, entry: Entry) -> tuple[ArrivalState, str]:
        match entry.arrival.kind:
            case ArrivalKind.RECORD_UPDATE:
                return _update(self._desk, entry)
            case ArrivalKind.NOTICE:
                return _notice(self._desk, entry)
        return self._case_event(entry)

    def _case_event(self, entry: Entry) -> tuple[ArrivalState, str]:
        if entry.arrival.content is not None and (wait := _remember(self._desk, entry, entry.arrival.content)):
            return ArrivalState.PENDING, wait
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


def _remember(desk: Desk, entry: Entry, content: dict[str, str]) -> str:
    """What came with an event is the case from now on; or the reason why it must wait for its turn."""
    arrival = entry.arrival
    source = desk.source(arrival.system)
    if not isinstance(source, RemembersCases):
        return ""
    unfinished = desk.ledger.unfinished(arrival.system, arrival.subject, but=_moment_of_run(_number(entry)))
    if unfinished is not None:
        return f"action {unfinished.id[:8]} of an earlier event of this case has not ended"
    if arrival.details.get("after") and datetime.now(UTC) - entry.received_at < LATE:
        try:
            source.read(arrival.subject)
        except NotFound:
            return f"the event that it comes after ({arrival.details['after']}) is not here yet"
    source.remember(arrival.subject, content, event=arrival.event, position=_number(entry))
    return ""


def _number(entry: Entry) -> int:
    """What tells an event of a case apart from all others of it; 0 where its time does."""
    return entry.arrival.position or (entry.id if entry.arrival.content is not None else 0)


def _moment_of_run(number: int) -> str:
    return f"~event{number}"


def _notice(desk: Desk, entry: Entry) -> tuple[ArrivalState, str]:
    arrival = entry.arrival
    why = arrival.details.get("why", "it is kept for the record only")
    if arrival.details.get("confirms"):
        confirmed = desk.ledger.confirm_update(arrival.system, arrival.subject, f"{arrival.event} has come back")
        if confirmed is not None:
            return ArrivalState.HANDLED, f"{why}; it confirms action {confirmed.id[:8]}"
    return ArrivalState.IGNORED, why


def _update(desk: Desk, entry: Entry) -> tuple[ArrivalState, str]:
    arrival = entry.arrival
    manifest = desk.catalogue.manifest(arrival.system)
    incoming = next(action for action in manifest.actions.values() if not action.outgoing)
    reference = arrival.details.get("reference", "")
    held = bool(desk.references.holding(arrival.system, incoming.record, arrival.subject))
    if not held and reference:
        held = desk.ledger.confirm_create(arrival.system, incoming.record, reference, arrival.subject) is not None
    if not held:
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
    told = None
    if arrival.content is not None:
        told = Record(incoming.record, arrival.subject, fields=arrival.content, partial=True)
    done = receive_update(
        request,
        arrival.subject,
        ledger=desk.ledger,
        references=desk.references,
        catalogue=desk.catalogue,
        source=desk.source,
        connector=desk.connector(arrival.system),
        told=told,
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
    held = details.get("if_held", "")  # what it is for a case that a target has a record of already
    return CaseEvent(
        source=arrival.system,
        case_reference=arrival.subject,
        occurred_at=_moment(details.get("occurred_at", "")) or entry.received_at,
        event=held if held and desk.references.of_case(arrival.subject, arrival.system) else arrival.event,
        case_type=case_type,
        status=status,
        transition=details.get("transition", ""),
        group=details.get("group", ""),
        number=_number(entry),
    )


def _apply(desk: Desk, rule: Rule, name: str, event: CaseEvent) -> list[str]:
    template = desk.template(name)
    dag_id = f"{template.system}__{template.action.name}"
    moment = _moment_of_run(event.number) if event.number else f"~{event.occurred_at:%Y%m%dT%H%M%S}"
    run_id = f"{event.case_reference}~{template.id}~{rule.name}{moment}"
    since = None if event.number else event.occurred_at
    return start_action(desk, rule, template, dag_id, run_id, event.source, event.case_reference, since=since)


def start_action(
    desk: Desk,
    rule: Rule,
    template: MappingTemplate,
    dag_id: str,
    run_id: str,
    case_source: str,
    case_reference: str,
    *,
    since: datetime | None,
) -> list[str]:
    """Starts an action for a rule, unless the rule has acted on this very event already.

    It stands in the ledger before Airflow hears of it: an event that is told twice finds it there.

    Args:
        desk: What it is done with.
        rule: The rule.
        template: The mapping template.
        dag_id: The DAG.
        run_id: The run.
        case_source: The case source.
        case_reference: The case.
        since: When the event happened; None where the run id alone tells events apart.
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
    earlier = desk.ledger.acted_since(request, since - CLOCK_DIFFERENCE) if since else None
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
