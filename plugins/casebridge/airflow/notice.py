"""The DAG that polls a case source for changed cases: `poll_dag("jadu_cxm")`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from casebridge.airflow.hooks import NoSuchConnection, source_hook_class
from casebridge.airflow.retries import CasebridgeRetryPolicy
from casebridge.installation import Installation
from casebridge.sources import registry as sources

if TYPE_CHECKING:
    from airflow.sdk import Context

EVERY = timedelta(minutes=5)

DOC = """\
### Changed cases of {title}

Webhooks tell of a change at once; what they miss is noticed here. The saved filter that the connection
`{connection}` names is read, the last updated case first, up to where it was read the last time. Each change goes
into the inbox, where rules say what follows. What is told both ways is acted on once.

The first run only remembers how every case in the filter stands: what was changed before starts nothing.

A run is skipped when there is no such connection, when it is disabled, or when it names no filter for changes.
"""


class NoticeChanges(BaseOperator):
    """Puts the changes of a case source since the last time into the inbox.

    Args:
        source: Name of the case source.
    """

    template_fields = ()

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source

    def execute(self, context: Context) -> int:
        """Reads the list; the XCom counts the changes that were new.

        Raises:
            AirflowSkipException: There is nothing to read from.
        """
        from casebridge.steps.notice import notice_changes, start_noticing

        now = datetime.now(UTC)
        source = self._source()
        installation = Installation()
        if start_noticing(source, case_states=installation.case_states, now=now):
            return 0
        return notice_changes(source, inbox=installation.inbox, case_states=installation.case_states)

    def _source(self) -> Any:
        try:
            source = source_hook_class(self.source)().get_conn()
        except NoSuchConnection as error:
            raise AirflowSkipException(str(error)) from None
        title = sources.spec(self.source).title
        if not source.enabled:
            raise AirflowSkipException(f"{title} is disabled in its settings")
        if not source.lists_changes:
            raise AirflowSkipException(f"the connection of {title} names no filter for changes")
        return source


def poll_dag(source: str) -> DAG:
    """The DAG that polls a case source every five minutes.

    Args:
        source: Name of the case source.

    Raises:
        NotConfigured: There is no such case source, or it needs no connection.
    """
    spec = sources.spec(source)
    with DAG(
        dag_id=source,
        dag_display_name=f"{spec.title}: changed cases",
        description=f"Notices changed cases of {spec.title} that no webhook told of.",
        doc_md=DOC.format(title=spec.title, connection=sources.connection(source).default),
        schedule=EVERY,
        catchup=False,
        max_active_runs=1,
        tags=["casebridge", "inbox", spec.title],
        default_args={"retries": 2, "retry_policy": CasebridgeRetryPolicy()},
    ) as dag:
        NoticeChanges(task_id="notice_changes", source=source)
    return dag
