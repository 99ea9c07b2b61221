"""What people decide about findings by hand; each decision is written down with the name of who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from casebridge.console.airflow_port import AirflowRefused
from casebridge.console.viewer import Viewer
from casebridge.core.drift import TITLES, WAYS, Drift, Way
from casebridge.core.errors import Conflict, NotFound
from casebridge.installation import Installation
from casebridge.steps import reconcile_decide
from casebridge.store.findings import Finding, FindingState

_STARTED_BEFORE = 409
_DONE = {
    Way.ADOPT: "adopted",
    Way.SEND_AGAIN: "sent again",
    Way.CLOSE: "closed",
    Way.IGNORE: "ignored",
}


@dataclass(frozen=True)
class Decision:
    """What a person filled in.

    Attributes:
        way: One of the ways out.
        record_id: To adopt for an action in doubt: the record that it made.
        reference: To adopt any other record: the Reference that is to hold it.
        reason: To close or to ignore.
    """

    way: str
    record_id: str = ""
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class FindingHand:
    """Decides for a viewer, with the viewer's own rights in Airflow.

    Attributes:
        installation: Where the findings are.
        viewer: Who decides.
    """

    installation: Installation
    viewer: Viewer
    _notes: list[str] = field(default_factory=list, init=False)

    def decide(self, finding: Finding, decision: Decision) -> str:
        """Carries a decision out, and says what was done.

        Raises:
            Conflict: The finding is not open, the decision does not fit it, or something is not filled in.
            AirflowRefused: Airflow does not start the run.
            NotFound: There is no such decision.
        """
        self.viewer.must_act_on(finding.system)
        if decision.way not in set(Way):
            raise NotFound("choose one of adopt, send again, close and ignore")
        way, who = Way(decision.way), self.viewer.name
        _must_be_filled_in(finding, way, decision)
        desk = reconcile_decide.Desk(self.installation.database, start_run=self._start, go_on=self._go_on)
        match way:
            case Way.ADOPT:
                desk.adopt(finding, who=who, record_id=decision.record_id, reference=decision.reference)
            case Way.SEND_AGAIN:
                desk.send_again(finding, who=who)
            case Way.CLOSE:
                desk.close(finding, who=who, reason=decision.reason)
            case Way.IGNORE:
                desk.ignore(finding, who=who, reason=decision.reason)
        what = f'finding {finding.id}, "{TITLES[finding.drift]}": {_DONE[way]}'
        self.installation.operator_acts.to_system(finding.system, "decided", what, who=who)
        if finding.action_id:
            self.installation.operator_acts.to_action(finding.action_id, "finding", what, who=who)
        return " ".join([f"Finding {finding.id} is {_DONE[way]}.", *self._taken_notes()])

    def _start(self, dag_id: str, conf: Mapping[str, str], run_id: str) -> None:
        try:
            self.viewer.airflow.start(dag_id, conf, run_id)
        except AirflowRefused as refused:
            if refused.status != _STARTED_BEFORE:
                raise

    def _go_on(self, dag_id: str, run_id: str, task: str) -> None:
        """The decision stands even when Airflow cannot go on now."""
        try:
            self.viewer.airflow.clear(dag_id, run_id, (task,))
        except AirflowRefused as refused:
            self._notes.append(f"But the run of its action does not go on: {refused}")

    def _taken_notes(self) -> list[str]:
        notes = list(self._notes)
        self._notes.clear()
        return notes


def ways(finding: Finding) -> tuple[Way, ...]:
    """What may be decided about a finding now."""
    if finding.state is not FindingState.OPEN:
        return ()
    with_action = {Way.ADOPT, Way.SEND_AGAIN}
    return tuple(way for way in WAYS[finding.drift] if finding.action_id or way not in with_action)


def asks_for_record(finding: Finding) -> bool:
    """Whether who adopts must say which record: that of an action in doubt is not known."""
    return finding.drift in (Drift.DECIDABLE, Drift.IN_DOUBT) and not finding.record_id


def asks_for_reference(finding: Finding) -> bool:
    """Whether who adopts says which Reference is to hold the record."""
    return finding.drift in (Drift.MISSING_HERE, Drift.DOUBLED)


def usual_reference(finding: Finding) -> str:
    """The Reference that is offered: none beside a record that one holds, which the same name would replace."""
    return "" if finding.drift is Drift.DOUBLED else finding.reference


def _must_be_filled_in(finding: Finding, way: Way, decision: Decision) -> None:
    if finding.state is FindingState.OPEN and way not in ways(finding):
        raise Conflict(f'a finding "{TITLES[finding.drift]}" cannot be decided so')
    if way is Way.ADOPT and asks_for_record(finding) and not decision.record_id:
        raise Conflict("write the id of the record that the action made")
    if way is Way.ADOPT and asks_for_reference(finding) and not (decision.reference or usual_reference(finding)):
        raise Conflict("write the name of the Reference that is to hold the record")
    if way in (Way.CLOSE, Way.IGNORE) and not decision.reason:
        raise Conflict("write the reason")
