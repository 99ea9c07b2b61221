"""What people do to actions by hand; each deed stands in the action's story with the name of who did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from casebridge.console.airflow_port import AirflowRefused
from casebridge.console.viewer import Viewer
from casebridge.core.errors import CasebridgeError, Conflict
from casebridge.core.outcome import RESOLVABLE
from casebridge.installation import Installation
from casebridge.steps import ask
from casebridge.store.action import Action


@dataclass(frozen=True)
class Hand:
    """Acts for a viewer, with the viewer's own rights in Airflow.

    Attributes:
        installation: Where the ledger is.
        viewer: Who acts.
    """

    installation: Installation
    viewer: Viewer

    def retry(self, action: Action) -> str:
        """Has Airflow go on with the action's own run, and says so.

        Raises:
            Conflict: There is nothing to try again.
            AirflowRefused: Airflow said no.
        """
        self.viewer.must_act_on(action.system)
        tasks = ask.retried_tasks(action)
        self._clear(action, tasks)
        self._tell(action, "retried", "somebody had it tried again")
        return "It is tried again."

    def again(self, action: Action, *, today: bool) -> tuple[str, str]:
        """Does the action once more as a new one, and gives the DAG and the run.

        Raises:
            Conflict: It has not ended.
            AirflowRefused: Airflow said no.
        """
        self.viewer.must_act_on(action.system)
        conf = ask.again(action, today=today)
        self.installation.catalogue.template(action.system, action.template)
        dag_id, run_id = ask.dag_id(action.system, action.action_type), ask.run_id(conf)
        self.viewer.airflow.start(dag_id, conf, run_id)
        which = "today's template" if today else "the template of then"
        self._tell(action, "run_again", f"it was asked for once more with {which}, as run {run_id}")
        return dag_id, run_id

    def adopt(self, action: Action, record_id: str) -> str:
        """Stores the record that the action made, which somebody found in the target.

        Raises:
            Conflict: The action is not in doubt, or another action made that record.
        """
        self.viewer.must_act_on(action.system)
        if not record_id:
            raise Conflict("write the id of the record that it made")
        self.installation.decisions.adopt(action.id, record_id=record_id, who=self.viewer.name)
        return self._go_on(action, f"Record {record_id} is adopted.")

    def create_again(self, action: Action) -> str:
        """Lets the next try create the record, because somebody saw that there is none.

        Raises:
            Conflict: The action is not in doubt.
        """
        self.viewer.must_act_on(action.system)
        self.installation.decisions.allow_again(action.id, who=self.viewer.name)
        return self._go_on(action, "It may be created again.")

    def close(self, action: Action, reason: str) -> str:
        """Ends the action without a record.

        Raises:
            Conflict: The action is not in doubt, or no reason is given.
        """
        self.viewer.must_act_on(action.system)
        if not reason:
            raise Conflict("write the reason for closing it")
        self.installation.decisions.close(action.id, who=self.viewer.name, reason=reason)
        return "It is closed."

    def _go_on(self, action: Action, done: str) -> str:
        """The decision stands even when Airflow cannot go on now."""
        if not ask.goes_on(action):
            return done
        try:
            self._clear(action, (ask.CALL,))
        except AirflowRefused as error:
            return f"{done} But its run does not go on: {error}"
        return f"{done} Its run goes on."

    def _clear(self, action: Action, tasks: tuple[str, ...]) -> None:
        if not action.run_id:
            raise Conflict(f"action {action.id[:8]} has no run in Airflow")
        self.viewer.airflow.clear(action.dag_id, action.run_id, tasks)

    def _tell(self, action: Action, kind: str, text: str) -> None:
        self.installation.operator_acts.to_action(action.id, kind, text, who=self.viewer.name)


def choices(action: Action) -> dict[str, bool]:
    """What may be done to an action: retry, again, again with the template of then, decide."""
    return {
        "retry": _allowed(lambda: ask.retried_tasks(action)) and bool(action.run_id),
        "again": _allowed(lambda: ask.again(action, today=True)),
        "original": _allowed(lambda: ask.again(action, today=False)),
        "decide": action.state in RESOLVABLE,
    }


def _allowed(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except CasebridgeError:
        return False
    return True
