"""The DAGs that compare targets with the ledger: `reconcile_dags()` makes one for each system that can be listed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, BaseOperator, Param
from airflow.sdk.exceptions import AirflowSkipException

from casebridge.airflow.hooks import NoSuchConnection, hook_class, values_in_task
from casebridge.airflow.pools import pool_name
from casebridge.airflow.retries import CasebridgeRetryPolicy
from casebridge.connectors import registry
from casebridge.core.manifest import ActionType, Manifest
from casebridge.installation import Installation

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.sdk import Context

    from casebridge.reconcile.report import Report

log = logging.getLogger(__name__)

SCHEDULE = "{minute} 2 * * *"
"""At night, each system some minutes after the one before."""

APART_MIN = 10

DOC = """\
### What {title} holds, compared with the ledger

Every {records} of the window is listed and compared with the References of cases.
A record that has changed is brought back onto its cases, and an action in doubt adopts the record that it certainly
made. Everything else is a finding: see `casebridge findings list`, and decide with `casebridge findings resolve`.
Nothing is created and nothing is deleted in {title}.

A run that was stopped, or that reached its limit, is gone on with by the next one. The report of a reconciliation
that has come to its end is named in the note of its run.

A run is skipped when there is no connection `{connection}`, or when it is disabled.
"""


class Reconcile(BaseOperator):
    """Compares one kind of record of a system.

    Args:
        system: Name of the system.
        action: Name of the incoming action type whose records are compared.
    """

    template_fields = ()

    def __init__(self, *, system: str, action: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system
        self.action = action

    def execute(self, context: Context) -> dict[str, int]:
        """Compares; the XCom counts the classes.

        Raises:
            AirflowSkipException: There is nothing to compare with.
        """
        from casebridge.steps.reconcile import Scope, Sides, reconcile
        from casebridge.steps.reconcile_report import write_report
        from casebridge.transport.pace import pace

        params, instance = context["params"], context["ti"]
        installation = Installation(connection_values=values_in_task)
        connector = self._connector(params.get("connection"))
        pace(connector.session, installation.settings.reconcile_per_second)
        until = datetime.now(UTC)
        scope = Scope(
            system=self.system,
            kind=registry.manifest(self.system).action(self.action),
            since=(until - timedelta(days=params["window_days"])).replace(hour=0, minute=0, second=0, microsecond=0),
            until=until,
            limit=params["limit"],
            dag_id=instance.dag_id,
            run_id=instance.run_id,
        )
        sides = Sides(
            connector=connector,
            source=installation.source,
            ledger=installation.ledger,
            references=installation.references,
            catalogue=installation.catalogue,
            reconciliations=installation.reconciliations,
            findings=installation.findings,
            closed_statuses=installation.settings.closed_statuses,
        )
        done = reconcile(scope, sides)
        if done is None or done.state != "done":
            return {}
        page, report = write_report(
            done,
            title=registry.manifest(self.system).title,
            folder=installation.settings.reports,
            reconciliations=installation.reconciliations,
            findings=installation.findings,
            record_url=connector.record_url,
        )
        log.info("Report: %s", page)
        if installation.settings.report_email:
            _send(installation.settings.report_email, report, page)
        return dict(done.counts)

    def _connector(self, name: str | None) -> Any:
        try:
            connector = hook_class(self.system)(name).get_conn()
        except NoSuchConnection as error:
            raise AirflowSkipException(str(error)) from None
        if not connector.enabled:
            raise AirflowSkipException(f"{connector.manifest.title} is disabled in its settings")
        return connector


def reconcile_dags() -> dict[str, DAG]:
    """The DAGs of all systems whose manifest lists something, by DAG id."""
    listing = {name: manifest for name, manifest in registry.manifests().items() if manifest.listed}
    made = [_dag(manifest, number) for number, manifest in enumerate(listing.values())]
    return {dag.dag_id: dag for dag in made}


def _dag(manifest: Manifest, number: int) -> DAG:
    with DAG(
        dag_id=f"reconcile__{manifest.name}",
        dag_display_name=f"{manifest.title}: reconciliation",
        description=f"Compares what {manifest.title} holds with the References of cases.",
        doc_md=DOC.format(
            title=manifest.title,
            records=" and every ".join(kind.record for kind in manifest.listed),
            connection=manifest.connection.default,
        ),
        schedule=SCHEDULE.format(minute=number * APART_MIN % 60),
        catchup=False,
        max_active_runs=1,
        tags=["casebridge", "reconciliation", manifest.title],
        params=_params(manifest),
        default_args={
            "pool": pool_name(manifest.name),
            # Behind every live action that waits for the pool.
            "priority_weight": 1,
            "weight_rule": "absolute",
            "retries": 5,
            "retry_policy": CasebridgeRetryPolicy(),
        },
    ) as dag:
        for kind in manifest.listed:
            _task(manifest, kind)
    return dag


def _task(manifest: Manifest, kind: ActionType) -> Reconcile:
    return Reconcile(task_id=f"reconcile_{kind.name}", system=manifest.name, action=kind.name)


def _params(manifest: Manifest) -> dict[str, Any]:
    return {
        "window_days": Param(
            30, type="integer", minimum=1, maximum=3650, title="Window", description="Compare so many days back."
        ),
        "limit": Param(
            10_000,
            type="integer",
            minimum=1,
            maximum=10_000_000,
            title="Limit",
            description="List, put right and look again at so many records at most; the next run goes on.",
        ),
        "connection": Param(
            manifest.connection.default,
            type="string",
            minLength=1,
            title="Connection",
            description=f"The Airflow connection of {manifest.title}.",
        ),
    }


def _send(to: str, report: Report, page: Path) -> None:
    """Sends the report; a mail that cannot be sent does not undo a reconciliation."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    try:
        with SmtpHook() as hook:
            hook.send_email_smtp(
                to=[address.strip() for address in to.split(",") if address.strip()],
                subject=f"Reconciliation {report.title}: {report.summary}",
                html_content=f"<p>{report.summary}.</p><p>The report is attached; it is kept as {page}.</p>",
                files=[str(page), str(page.with_suffix(".csv"))],
            )
    except Exception as error:
        log.warning("The report was not sent: %s", type(error).__name__)
