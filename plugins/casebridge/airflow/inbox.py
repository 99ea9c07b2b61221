"""The DAG that handles the inbox, and what it needs of Airflow: starting runs and sending e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, BaseHook, BaseOperator

from casebridge.airflow.hooks import hook_class, values_in_task
from casebridge.airflow.mail import send_email
from casebridge.airflow.retries import CasebridgeRetryPolicy
from casebridge.installation import Installation

if TYPE_CHECKING:
    from airflow.sdk import Context

    from casebridge.steps.drain import Desk, RunStarter

AIRFLOW_CONNECTION = "casebridge_airflow"
"""The connection with which the inbox starts DAG runs: address, user and password of this very Airflow."""

MOST_RUNS = 8

PATIENCE_S = 15.0
"""An action takes a few seconds from its start to its end: the next event of its case is handled by the same run."""

DOC = """\
### The inbox

What other systems push at casebridge is stored before it is answered, and handled here: once each, in the order of
arrival per case or record. An update of a record is applied to every case that holds it; one whose create is not
confirmed yet waits for it. An event of a case starts the actions that the rules ask for, and what a rule wants done
afterwards is done when the record exists, or when it has definitely failed.

The schedule is the safety net: the inbox starts a run by itself as soon as something arrives.
"""


class DrainInbox(BaseOperator):
    """Handles everything in the inbox whose turn has come."""

    template_fields = ()

    def execute(self, context: Context) -> dict[str, int]:
        """Handles the entries; the XCom counts them by state."""
        from casebridge.steps.drain import drain

        return drain(desk(context), patience_s=PATIENCE_S)


class FollowUpActions(BaseOperator):
    """Does what rules want done after their actions have ended."""

    template_fields = ()

    def execute(self, context: Context) -> int:
        """Does the steps; the XCom counts the actions."""
        from casebridge.steps.follow_up import follow_up

        return follow_up(desk(context), send_email=send_email)


def inbox_dag() -> DAG:
    """The DAG that handles the inbox, every minute and whenever something arrives."""
    with DAG(
        dag_id="inbox",
        dag_display_name="Inbox",
        description="Handles what other systems push at casebridge.",
        doc_md=DOC,
        schedule=timedelta(minutes=1),
        catchup=False,
        # One run at a time does the work, whoever holds the inbox. But a run whose worker died counts as active until
        # Airflow notices, minutes later, and must not keep the others out.
        max_active_runs=MOST_RUNS,
        tags=["casebridge", "inbox"],
        default_args={"retries": 2, "retry_policy": CasebridgeRetryPolicy()},
    ) as dag:
        DrainInbox(task_id="drain") >> FollowUpActions(task_id="follow_up")
    return dag


def desk(context: Context) -> Desk:
    """What the handling of the inbox works with."""
    from casebridge.steps.drain import Desk

    installation = Installation(connection_values=values_in_task, send_email=send_email)
    return Desk(
        inbox=installation.inbox,
        ledger=installation.ledger,
        references=installation.references,
        case_states=installation.case_states,
        catalogue=installation.catalogue,
        rules=installation.rules(),
        template=installation.find_template,
        source=installation.source,
        connector=lambda system: hook_class(system)().get_conn(),
        start_run=_run_starter(),
        dag_id=context["ti"].dag_id,
        run_id=context["ti"].run_id,
    )


def _run_starter() -> RunStarter:
    from casebridge.cli.airflow_client import AirflowClient, AirflowRefusal

    clients: list[AirflowClient] = []

    def start(dag_id: str, conf: dict[str, Any], run_id: str) -> None:
        if not clients:  # most runs find an empty inbox and start nothing
            connection = BaseHook.get_connection(AIRFLOW_CONNECTION)
            clients.append(AirflowClient(connection.host or "", connection.login or "", connection.password or ""))
        try:
            clients[0].trigger_run(dag_id, conf, run_id=run_id)
        except AirflowRefusal as refusal:
            if refusal.status != 409:  # started before: the same run
                raise

    return start
