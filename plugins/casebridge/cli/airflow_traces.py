"""Looks for values of a case in what Airflow keeps of a run: its conf and note, its XComs and its task logs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import requests

from casebridge.cli.airflow_client import AirflowClient, AirflowRefusal
from casebridge.core.privacy import without_values


def places(client: AirflowClient, dag_id: str, run_id: str, values: Sequence[str]) -> list[str]:
    """Where values stand in what Airflow keeps of a run; empty when nowhere, or when Airflow has no such run."""
    try:
        return [place for place, text in _texts(client, dag_id, run_id) if without_values(text, values) != text]
    except AirflowRefusal as refusal:
        if refusal.status == requests.codes.not_found:
            return []
        raise


def delete_run(client: AirflowClient, dag_id: str, run_id: str) -> None:
    """Airflow has forgotten a run with its XComs; the files of its logs stay."""
    client.request("DELETE", f"/dags/{dag_id}/dagRuns/{run_id}")


def _texts(client: AirflowClient, dag_id: str, run_id: str) -> Iterator[tuple[str, str]]:
    run = f"/dags/{dag_id}/dagRuns/{run_id}"
    held = client.request("GET", run)
    yield "conf and note", json.dumps([held.get("conf"), held.get("note")], ensure_ascii=False)
    for task in client.request("GET", f"{run}/taskInstances")["task_instances"]:
        name = f"{run}/taskInstances/{task['task_id']}"
        for entry in client.request("GET", f"{name}/xcomEntries")["xcom_entries"]:
            value = client.request("GET", f"{name}/xcomEntries/{entry['key']}")
            yield f"XCom {entry['key']} of {task['task_id']}", json.dumps(value.get("value"), ensure_ascii=False)
        for attempt in range(1, (task.get("try_number") or 0) + 1):
            log = client.request("GET", f"{name}/logs/{attempt}", params={"full_content": True})
            yield f"log of {task['task_id']}, try {attempt}", json.dumps(log.get("content"), ensure_ascii=False)
