"""Makes the DAG of an action type: `action_dag("whitespace", "create_worksheet")`."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from airflow.sdk import DAG, Param

from casebridge.airflow.operators import ApplyIncoming, CallTarget, IntegrationOperator, ReceiveUpdate, ValidateMappings
from casebridge.airflow.pools import pool_name
from casebridge.airflow.retries import CasebridgeRetryPolicy
from casebridge.connectors import registry
from casebridge.core.manifest import ActionType, Manifest, ReferenceUse
from casebridge.core.manual import describe_action
from casebridge.installation import SOURCES, Installation
from casebridge.settings import read_environment

MOST_RUNS = 5_000
"""A run that waits for its retry counts as active: with a target down, waiting ones must not block fresh ones."""

REFERENCE_PATTERN = r"^[^\x00-\x1f\x7f]{1,200}$"


def action_dag(system: str, action: str) -> DAG:
    """The DAG of an action type of a system.

    An outgoing one runs `validate_mappings >> call_target >> apply_incoming`; an incoming one reads a record again.

    Args:
        system: Name of the system.
        action: Name of the action type.

    Raises:
        NotConfigured: The manifest declares no such action type.
    """
    manifest = registry.manifest(system)
    kind = manifest.action(action)
    installation = Installation()
    templates = installation.catalogue.valid(system, action)
    with DAG(
        dag_id=f"{system}__{action}",
        dag_display_name=f"{manifest.title}: {kind.title}",
        description=kind.description,
        doc_md=describe_action(manifest, kind, templates),
        schedule=None,
        catchup=False,
        max_active_runs=MOST_RUNS,
        tags=["casebridge", manifest.title, kind.title],
        params=_params(manifest, kind, [template.id for template in templates]),
        default_args={
            "pool": pool_name(system),
            "retries": manifest.retries,
            # The policy sets the delay; this one counts when a process was killed and could not ask the policy.
            "retry_delay": timedelta(seconds=read_environment().retry_base_s),
            "retry_policy": CasebridgeRetryPolicy(),
        },
    ) as dag:
        if kind.outgoing:
            _outgoing_tasks(system, kind)
        else:
            ReceiveUpdate(task_id="receive_update", system=system, action=action)
    return dag


def _outgoing_tasks(system: str, kind: ActionType) -> None:
    steps: list[IntegrationOperator] = [
        ValidateMappings(task_id="validate_mappings", system=system, action=kind.name),
        CallTarget(task_id="call_target", system=system, action=kind.name),
    ]
    if kind.reference is not ReferenceUse.NONE:
        steps.append(ApplyIncoming(task_id="apply_incoming", system=system, action=kind.name))
    for earlier, later in pairwise(steps):
        earlier >> later


def _params(manifest: Manifest, kind: ActionType, templates: list[str]) -> dict[str, Any]:
    connection = Param(
        manifest.connection.default,
        type="string",
        minLength=1,
        title="Connection",
        description=f"The Airflow connection of {manifest.title}.",
    )
    if not kind.outgoing:
        return {
            "record": Param(
                type="string",
                pattern=REFERENCE_PATTERN,
                title=f"{kind.title} id",
                description="The target's id; every case that holds it in a Reference is updated.",
            ),
            "connection": connection,
        }
    return {
        "case": Param(type="string", pattern=REFERENCE_PATTERN, title="Case", description="The case reference number."),
        "template": Param(
            type="string",
            enum=templates or ["(no valid template: run `casebridge lint`)"],
            title="Mapping template",
            description=f"One of the templates of the type {kind.title}.",
        ),
        "source": Param(
            SOURCES[0], type="string", enum=list(SOURCES), title="Case source", description="Where the case is kept."
        ),
        "connection": connection,
        "rule": Param(
            None, type=["null", "string"], title="Rule", description="The rule that asks for it; empty by hand."
        ),
        "template_version": Param(
            None,
            type=["null", "string"],
            pattern="^[0-9a-f]{64}$",
            title="Template version",
            description="Digest of an earlier version, to run it as it was planned then; today's if empty.",
        ),
    }
