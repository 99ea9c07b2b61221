"""Compares what casebridge believes with what a target holds, and puts right what is safe.

    list the target -> compare -> bring changes back, adopt what is certain -> look again -> findings

Nothing is created and nothing is deleted in a target. What was listed is written down as it comes, so that a run which
was stopped goes on where it was; and every drift is looked at again before it is told, because both sides move on
while a million records are being listed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

import pandas as pd

from casebridge.core.case import Value
from casebridge.core.catalogue import Catalogue
from casebridge.core.drift import FINDINGS, Drift, Stand
from casebridge.core.errors import CasebridgeError, Fenced, InvalidMapping, NotFound, RefusedByTarget, RejectedError
from casebridge.core.manifest import ActionType, ReferenceUse
from casebridge.core.outcome import RESOLVABLE, State
from casebridge.core.ports import CaseSource, Connector
from casebridge.core.summary import Summary
from casebridge.core.template import SourceKind
from casebridge.reconcile.compare import HERE, THERE, compare_in_buckets, frame
from casebridge.steps.receive import receive_update
from casebridge.steps.reconcile_doubt import adopt_if_certain
from casebridge.store.action import ActionRequest
from casebridge.store.findings import Drifted, Findings
from casebridge.store.ledger import Ledger
from casebridge.store.reconciliations import Reconciliation, Reconciliations
from casebridge.store.references import References

log = logging.getLogger(__name__)

CHUNK = 20_000
"""Rows that are read at a time, and about as many in a bucket of the comparison."""

PAGE = 1_000
"""Records that are written down at a time."""

KEYS = 50
"""References that a target is asked for before it is written down how far that has come."""

MOST_CASES = 1_000
"""Cases that are read in one run, because nobody has told of their status."""

QUIET = timedelta(minutes=10)
"""An action whose try is younger than this is left to its own run."""


@dataclass(frozen=True)
class Scope:
    """What to compare.

    Attributes:
        system: Name of the target system.
        kind: The incoming action type whose records are compared.
        since: The period begins here, in UTC.
        until: The period ends here, in UTC.
        limit: How many records are listed, how many are put right and how many are looked at again in one run.
        quiet: An action whose try is younger than this is left to its own run.
        dag_id: The DAG, for the log.
        run_id: Its run.
    """

    system: str
    kind: ActionType
    since: datetime
    until: datetime
    limit: int = 10_000
    quiet: timedelta = QUIET
    dag_id: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class Sides:
    """What both sides are read through.

    Attributes:
        connector: The target.
        source: Finds a case source by its name.
        ledger: The actions.
        references: The References.
        catalogue: The mapping templates.
        reconciliations: What was listed, and how far it has come.
        findings: What is left for a person.
        closed_statuses: The statuses of a case that is done with, in lower case.
    """

    connector: Connector
    source: Callable[[str], CaseSource]
    ledger: Ledger
    references: References
    catalogue: Catalogue
    reconciliations: Reconciliations
    findings: Findings
    closed_statuses: frozenset[str]


def reconcile(scope: Scope, sides: Sides) -> Reconciliation | None:
    """The records of a kind are compared with the target's, what is safe is put right, the rest is a finding.

    Returns:
        How the reconciliation stands: "done", or "listing" when the limit was reached and the next run goes on.
        None when another process is at it.

    Raises:
        TransientError: The target or the database gave no answer; the next try goes on from there.
        RejectedError: The target cannot be listed.
    """
    with sides.reconciliations.at_work(scope.system) as held:
        if not held:
            log.info("Another run reconciles %s", scope.system)
            return None
        return _Work(scope, sides).run()


@dataclass
class _Result:
    """What a comparison gave: how many of each class, and what there is to do."""

    counts: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    changed: list[str] = field(default_factory=list)
    drifted: list[Drifted] = field(default_factory=list)


class _Work:
    def __init__(self, scope: Scope, sides: Sides) -> None:
        self._scope, self._sides = scope, sides
        self._system, self._record = scope.system, scope.kind.record
        self._creating = tuple(
            action.name
            for action in sides.connector.manifest.outgoing
            if action.record == self._record and action.reference is not ReferenceUse.USES
        )
        self._cases = _Cases(sides, MOST_CASES)
        self._mine = sides.reconciliations.begin(
            self._system,
            self._record,
            since=scope.since,
            until=scope.until,
            dag_id=scope.dag_id,
            run_id=scope.run_id,
        )

    def run(self) -> Reconciliation:
        if self._mine.position:
            log.info("Going on where an earlier run was: %s", self._mine.started_at.isoformat())
        if self._mine.state == "listing":
            by_period = self._scope.kind.listed_by == "period"
            complete = self._list_days() if by_period else self._list_references()
            if not complete:
                log.info("The limit of %d is reached; the next run goes on", self._scope.limit)
                return self._mine
            self._mine = self._sides.reconciliations.move(self._mine, state="comparing")
        log.info("Listed %d records of kind %s", self._mine.listed, self._record)
        result = self._compare()
        self._bring_back(result)
        self._decide_doubts(result)
        self._tell(result)
        for drift, count in sorted(result.counts.items()):
            log.info("%s: %d%s", drift, count, f", {n} put right" if (n := result.mended[drift]) else "")
        return self._sides.reconciliations.move(
            self._mine,
            state="done",
            counts={name: count for name, count in sorted(result.counts.items()) if count},
            mended={name: count for name, count in sorted(result.mended.items()) if count},
            ended_at=datetime.now(UTC),
        )

    # Listing

    def _list_days(self) -> bool:
        before = self._mine.listed
        day = datetime.fromisoformat(self._mine.position) if self._mine.position else self._mine.since
        while day < self._mine.until:
            if self._mine.listed - before >= self._scope.limit:
                return False
            end = min(day + timedelta(days=1), self._mine.until)
            for page in _pages(self._sides.connector.listing(self._record, day, end), PAGE):
                self._mine = self._sides.reconciliations.listed(self._mine, page)
            day = end
            self._mine = self._sides.reconciliations.listed(self._mine, [], day.isoformat())
        return True

    def _list_references(self) -> bool:
        left = self._scope.limit
        while keys := self._sides.reconciliations.keys(
            self._mine, self._creating, after=self._mine.position, limit=KEYS
        ):
            if left <= 0:
                return False
            left -= len(keys)
            summaries = list(self._sides.connector.listing_of(self._record, keys))
            self._mine = self._sides.reconciliations.listed(self._mine, summaries, keys[-1])
        return True

    # Comparing

    def _compare(self) -> _Result:
        result = _Result()
        actionable = [drift.value for drift in FINDINGS]
        for part in compare_in_buckets(self._here(), self._there(), buckets=max(1, self._mine.listed // CHUNK)):
            result.counts.update(part["drift"].value_counts().to_dict())
            result.changed += list(part.loc[part["drift"] == Drift.CHANGED, "record_id"])
            for row in part[part["drift"].isin(actionable)].itertuples(index=False):
                if len(result.drifted) < self._scope.limit:
                    result.drifted.append(Drifted(Drift(row.drift), str(row.record_id), str(row.action_id)))
        return result

    def _here(self) -> Iterator[pd.DataFrame]:
        chunks = self._sides.reconciliations.here(self._mine, self._creating, quiet=self._scope.quiet, chunk=CHUNK)
        for rows in chunks:
            yield frame(
                [
                    (
                        row.key,
                        row.record_id,
                        row.action_id,
                        row.stands,
                        self._case_closed(row.case_source, row.case_reference, row.status)
                        if row.stands == Stand.HELD and row.expected
                        else -1,
                        row.expected,
                    )
                    for row in rows
                ],
                HERE,
            )

    def _there(self) -> Iterator[pd.DataFrame]:
        for rows in self._sides.reconciliations.there(self._mine, self._creating, chunk=CHUNK):
            yield frame([tuple(row) for row in rows], THERE)

    def _case_closed(self, source: str, reference: str, status: str | None) -> int:
        closed = self._cases.closed(source, reference, status)
        return -1 if closed is None else int(closed)

    # What is safe

    def _bring_back(self, result: _Result) -> None:
        """The data of changed records is on their cases; what cannot be brought back is told by its action."""
        record_ids = list(dict.fromkeys(result.changed))
        for record_id in record_ids[: self._scope.limit]:
            if self._has_templates(record_id):
                before = self._held_values(record_id)
                if not self._update(record_id):
                    continue
                is_new = before is None or before != self._held_values(record_id)
            else:
                self._sides.reconciliations.applied(self._mine, [record_id])
                is_new = False
            if is_new:
                result.mended[Drift.CHANGED] += 1
            else:  # it changed in what no template takes, or was not listed before
                result.counts[Drift.CHANGED] -= 1
                result.counts[Drift.MATCHED] += 1
            for drifted in self._closed_on_one_side(record_id):
                result.drifted.append(drifted)
                result.counts[drifted.drift] += 1
                result.counts[Drift.MATCHED] -= not is_new

    def _update(self, record_id: str) -> bool:
        """Applies the incoming templates of a record; True when the case has what could be written."""
        try:
            receive_update(
                ActionRequest(
                    key=f"reconcile:{self._mine.id}:{record_id}",
                    system=self._system,
                    action_type=self._scope.kind.name,
                    record=self._record,
                    case_source="",
                    case_reference="",
                    template="",
                    dag_id=self._scope.dag_id,
                    run_id=self._scope.run_id,
                ),
                record_id,
                ledger=self._sides.ledger,
                references=self._sides.references,
                catalogue=self._sides.catalogue,
                source=self._sides.source,
                connector=self._sides.connector,
            )
        except InvalidMapping as error:
            # The rest was written, and the problems stand with the action: telling them every night helps nobody.
            log.warning("%s %s: %s", self._record, record_id, str(error).splitlines()[0])
        except RejectedError as error:
            log.warning("%s %s was not brought back: %s", self._record, record_id, str(error).splitlines()[0])
            return False
        self._sides.reconciliations.applied(self._mine, [record_id])
        return True

    def _has_templates(self, record_id: str) -> bool:
        return any(
            any(self._sides.catalogue.incoming_of(self._system, held.name, self._record))
            for held in self._sides.references.holding(self._system, self._record, record_id)
        )

    def _held_values(self, record_id: str) -> list[Value] | None:
        """What the cases of a record hold where its incoming templates write; None when a case cannot be read."""
        values: list[Value] = []
        for held in self._sides.references.holding(self._system, self._record, record_id):
            templates, _ = self._sides.catalogue.incoming_of(self._system, held.name, self._record)
            try:
                case = self._sides.source(held.case_source).read(held.case_reference)
            except CasebridgeError:
                return None
            for row in (row for template in templates for row in template.incoming_rows):
                part = case.dates if row.into.kind is SourceKind.CASE_DATE else case.fields
                values.append(part.get(row.into.name))
        return values

    def _closed_on_one_side(self, record_id: str) -> Iterator[Drifted]:
        in_target = self._sides.reconciliations.closed(self._mine, record_id)
        for held in self._sides.references.holding(self._system, self._record, record_id):
            case = self._cases.closed_now(held.case_source, held.case_reference)
            if held.current and None not in (in_target, case) and in_target != case:
                drift = Drift.CLOSED_IN_TARGET if in_target else Drift.CLOSED_HERE
                yield Drifted(drift, record_id, held.action_id)

    def _decide_doubts(self, result: _Result) -> None:
        """Actions in doubt whose record is certain hold it, and its data is on the case."""
        for drifted in [one for one in result.drifted if one.drift in (Drift.DECIDABLE, Drift.IN_DOUBT)]:
            try:
                action = adopt_if_certain(drifted.action_id, ledger=self._sides.ledger, connector=self._sides.connector)
            except Fenced:
                result.drifted.remove(drifted)  # its own run is at work on it
                continue
            if action is not None:
                result.drifted.remove(drifted)
                result.mended[drifted.drift] += 1
                if action.record_id and self._has_templates(action.record_id):
                    self._update(action.record_id)

    # What is left

    def _tell(self, result: _Result) -> None:
        """Drifts that are there when they are looked at again are findings; findings that are gone are settled."""
        findings = self._sides.findings
        there = [one for one in dict.fromkeys(result.drifted) if self._still(one, result)]
        findings.seen(self._system, self._record, there, seen_in=self._mine.id)
        old = [
            one
            for one in findings.latest(system=self._system, record=self._record, limit=self._scope.limit)
            if one.seen_in != self._mine.id
        ]
        findings.settle([one.id for one in old if not self._holds(one.drifted, listed=False)])

    def _still(self, drifted: Drifted, result: _Result) -> bool:
        if self._holds(drifted, listed=True):
            return True
        result.counts[drifted.drift] -= 1
        result.counts[Drift.MATCHED] += 1
        return False

    def _holds(self, drifted: Drifted, *, listed: bool) -> bool:
        """Whether a drift is there now; `listed` says that this very reconciliation has listed its record."""
        sides = self._sides
        match drifted.drift:
            case Drift.MISSING_IN_TARGET:
                return not self._exists(drifted.record_id)
            case Drift.MISSING_HERE | Drift.DOUBLED:
                return not self._is_held(drifted.record_id) and (listed or self._exists(drifted.record_id))
            case Drift.DECIDABLE:
                return sides.ledger.action(drifted.action_id).state in RESOLVABLE
            case Drift.IN_DOUBT:  # until it needs a person, its own run looks for the record
                return sides.ledger.action(drifted.action_id).state is State.NEEDS_PERSON
        if self._is_held(drifted.record_id):
            return drifted in list(self._closed_on_one_side(drifted.record_id))
        closed = sides.reconciliations.closed(self._mine, drifted.record_id)
        return closed is False and sides.ledger.action(drifted.action_id).state is State.CLOSED

    def _exists(self, record_id: str) -> bool:
        try:
            self._sides.connector.fetch(self._record, record_id)
        except NotFound:
            return False
        except RefusedByTarget as error:  # no proof that it is gone
            log.warning("%s %s cannot be looked at: %s", self._record, record_id, str(error).splitlines()[0])
        return True

    def _is_held(self, record_id: str) -> bool:
        return bool(self._sides.references.holding(self._system, self._record, record_id))


class _Cases:
    """Whether cases are closed: by the status that was seen last, or else by asking their source, so often at most."""

    def __init__(self, sides: Sides, most_reads: int) -> None:
        self._sides = sides
        self._left = most_reads
        self._read: dict[tuple[str, str], bool | None] = {}

    def closed(self, source: str, reference: str, status: str | None) -> bool | None:
        """Whether a case is closed; None when that cannot be told."""
        if status is not None:
            return status.casefold() in self._sides.closed_statuses
        case = (source, reference)
        if case not in self._read and self._left > 0:
            self._left -= 1
            self._read[case] = self.closed_now(source, reference)
        return self._read.get(case)

    def closed_now(self, source: str, reference: str) -> bool | None:
        """Whether a case is closed at this moment; None when its source does not say."""
        try:
            status = self._sides.source(source).read(reference).status
        except CasebridgeError as error:
            log.info("Case %s was not read: %s", reference, str(error).splitlines()[0])
            return None
        return status.casefold() in self._sides.closed_statuses if status else None


def _pages(summaries: Iterable[Summary], size: int) -> Iterator[Sequence[Summary]]:
    iterator = iter(summaries)
    while page := list(islice(iterator, size)):
        yield page
