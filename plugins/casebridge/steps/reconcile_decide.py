"""What a person decides about a finding."""

from __future__ import annotations

from collections.abc import Callable

from casebridge.core.drift import TITLES, WAYS, Drift, Way
from casebridge.core.errors import Conflict, NotConfigured
from casebridge.steps import ask
from casebridge.store.action import Action
from casebridge.store.adoptions import adopt_record
from casebridge.store.database import Database
from casebridge.store.decisions import Decisions
from casebridge.store.findings import Finding, Findings, FindingState
from casebridge.store.ledger import Ledger

StartRun = Callable[[str, dict[str, str], str], object]
"""Starts a DAG run: DAG, conf, run id."""

GoOn = Callable[[str, str, str], object]
"""Has a task of a run done again: DAG, run, task."""

_IN_DOUBT = (Drift.DECIDABLE, Drift.IN_DOUBT)


class Desk:
    """Decides findings.

    Args:
        database: casebridge's own database.
        start_run: Starts a DAG run.
        go_on: Has a task of a run done again.
    """

    def __init__(self, database: Database, *, start_run: StartRun, go_on: GoOn) -> None:
        self._database = database
        self._findings = Findings(database)
        self._ledger = Ledger(database)
        self._decisions = Decisions(database)
        self._start_run = start_run
        self._go_on = go_on

    def adopt(self, finding: Finding, *, who: str, record_id: str = "", reference: str = "") -> Finding:
        """The case holds the record in a Reference.

        Args:
            finding: An open finding.
            who: The person.
            record_id: The record, for an action in doubt; every other finding names its own.
            reference: The Reference; that of the finding's action when empty.

        Raises:
            Conflict: The finding is not open, or the record belongs to another action.
            NotConfigured: The record or the Reference is not named.
        """
        self._may(finding, Way.ADOPT)
        record_id = finding.record_id or record_id
        if not record_id:
            raise NotConfigured("name the record that the action made: --record ID")
        action = self._ledger.action(finding.action_id)
        if finding.drift in _IN_DOUBT:
            decided = self._decisions.adopt(action.id, record_id=record_id, who=who)
            self._continue(decided)
        else:
            name = reference or action.reference
            if not name:
                raise NotConfigured("name the Reference that is to hold the record: --reference NAME")
            if finding.drift is Drift.DOUBLED and not reference:
                raise NotConfigured(
                    f'Reference "{name}" holds a record already: name the Reference that is to hold this one, '
                    "with --reference NAME (the same name replaces it)"
                )
            adopt_record(self._database, action, record_id=record_id, reference=name, record_url="", who=who)
        return self._findings.decide(finding, FindingState.ADOPTED, who=who, reason=f"record {record_id}")

    def send_again(self, finding: Finding, *, who: str) -> Finding:
        """The action is done once more: an action in doubt by its own run, any other by a new one.

        Raises:
            Conflict: The finding is not open, or its action has been decided.
            NotFound: The action was never planned with a template.
        """
        self._may(finding, Way.SEND_AGAIN)
        action = self._ledger.action(finding.action_id)
        if finding.drift in _IN_DOUBT:
            self._continue(self._decisions.allow_again(action.id, who=who))
        else:
            conf = ask.again(action, today=True)
            # The same finding starts one run, however often it is asked for.
            run_id = ask.run_id(conf, f"finding-{finding.id}-{finding.seen_in}")
            self._start_run(ask.dag_id(action.system, action.action_type), conf, run_id)
        return self._findings.decide(finding, FindingState.SENT_AGAIN, who=who, reason="")

    def close(self, finding: Finding, *, who: str, reason: str) -> Finding:
        """It stays as it is, and an action in doubt ends without a record.

        Raises:
            Conflict: The finding is not open, or its action has been decided.
        """
        self._may(finding, Way.CLOSE)
        if finding.drift in _IN_DOUBT:
            self._decisions.close(finding.action_id, who=who, reason=reason)
        return self._findings.decide(finding, FindingState.CLOSED, who=who, reason=reason)

    def ignore(self, finding: Finding, *, who: str, reason: str) -> Finding:
        """It is none, and is not told again.

        Raises:
            Conflict: The finding is not open.
        """
        self._may(finding, Way.IGNORE)
        return self._findings.decide(finding, FindingState.IGNORED, who=who, reason=reason)

    def _may(self, finding: Finding, way: Way) -> None:
        state = self._findings.finding(finding.id).state  # somebody may have decided it since it was shown
        if state is not FindingState.OPEN:
            raise Conflict(f"finding {finding.id} is not open any more: it is {state}")
        if way not in WAYS[finding.drift]:
            ways = ", ".join(one.replace("_", "-") for one in WAYS[finding.drift])
            raise Conflict(f'a finding "{TITLES[finding.drift]}" can be decided by {ways}')

    def _continue(self, action: Action) -> None:
        if ask.goes_on(action):
            self._go_on(action.dag_id, action.run_id, ask.CALL)
