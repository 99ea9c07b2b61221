"""The DAG that erases what ended long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import DAG, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from casebridge.airflow.retries import CasebridgeRetryPolicy
from casebridge.installation import Installation

if TYPE_CHECKING:
    from airflow.sdk import Context

DOC = """\
### Retention

What actions sent and what other systems pushed is erased so many days after its end as `CASEBRIDGE_RETENTION_DAYS`
says. References, outcomes and counts stay. A run is skipped while the variable is not set.

Nothing is removed in case systems and targets: use the tools of each.
"""


class EraseOldValues(BaseOperator):
    """Erases what ended longer ago than values are kept."""

    template_fields = ()

    def execute(self, context: Context) -> dict[str, int]:
        """Erases; the XCom counts.

        Raises:
            AirflowSkipException: Values are kept for ever.
        """
        installation = Installation()
        days = installation.settings.retention_days
        if not days:
            raise AirflowSkipException("CASEBRIDGE_RETENTION_DAYS is not set: values are kept")
        erased = installation.retention.retain(datetime.now(UTC) - timedelta(days=days))
        self.log.info("Erased what %d actions sent, and %d pushed messages", erased.actions, erased.messages)
        return {"actions": erased.actions, "messages": erased.messages}


def retention_dag() -> DAG:
    """The DAG that erases what ended long ago, once a day."""
    with DAG(
        dag_id="retention",
        dag_display_name="Retention",
        description="Erases values of cases that are no longer needed.",
        doc_md=DOC,
        schedule="30 4 * * *",
        catchup=False,
        max_active_runs=1,
        tags=["casebridge", "retention"],
        default_args={"retries": 2, "retry_policy": CasebridgeRetryPolicy()},
    ) as dag:
        EraseOldValues(task_id="erase_old_values")
    return dag
