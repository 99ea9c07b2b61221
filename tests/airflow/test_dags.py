"""The DAGs as Airflow people meet them."""

from __future__ import annotations

import pytest

from casebridge.connectors import registry
from stack.stack import Stack

pytestmark = pytest.mark.stack


def test_every_action_type_of_every_connector_has_its_dag(stack: Stack) -> None:
    expected = {f"{name}__{action}" for name, one in registry.manifests().items() for action in one.actions}
    expected |= {f"reconcile__{name}" for name, one in registry.manifests().items() if one.listed}
    assert expected == {dag["dag_id"] for dag in stack.airflow.dags() if "__" in dag["dag_id"]}


@pytest.mark.behaviour("W8")
def test_a_dag_has_retries_pool_form_and_documentation(stack: Stack) -> None:
    details = stack.airflow.request("GET", "/dags/whitespace__create_worksheet/details")
    tasks = stack.airflow.request("GET", "/dags/whitespace__create_worksheet/tasks")["tasks"]
    chain = {task["task_id"]: task["downstream_task_ids"] for task in tasks}
    assert {"validate_mappings": ["call_target"], "call_target": ["apply_incoming"], "apply_incoming": []} == chain
    assert {15} == {task["retries"] for task in tasks}
    assert {"casebridge_whitespace"} == {task["pool"] for task in tasks}
    assert {"case", "template", "source", "connection", "rule", "template_version"} == set(details["params"])
    assert {"missed_bin", "any_service"} <= set(details["params"]["template"]["schema"]["enum"])
    assert "Service Id" in details["doc_md"]
    assert "casebridge resolve" in details["doc_md"]


def test_the_pools_of_the_tasks_exist(stack: Stack) -> None:
    pools = {pool["name"] for pool in stack.airflow.pages("/pools", "pools")}
    assert {f"casebridge_{name}" for name in registry.manifests()} <= pools
