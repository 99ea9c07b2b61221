"""Airflow's REST API, with what only the story, the tests and the benchmark ask of it."""

from __future__ import annotations

from typing import Any

from casebridge.cli.airflow_client import AirflowClient, AirflowRefusal


class AirflowApi(AirflowClient):
    """A signed-in user of an Airflow on this machine.

    Args:
        url: the address of its API server, without a slash at the end.
        user: the user's name.
        password: the user's password.
        timeout: seconds after which an answer is given up.
    """

    def __init__(self, url: str, user: str, password: str, *, timeout: float = 30) -> None:
        super().__init__(url, user, password, timeout=timeout)
        # It is on this machine: neither a proxy nor ~/.netrc, which the library would follow, has a say.
        self._session.trust_env = False

    def pages(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """Return all entries of a list that Airflow hands out a hundred at a time."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.request("GET", path, params={**params, "limit": 100, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def health(self) -> dict[str, Any]:
        """Return the health of each component; needs no login."""
        answer = self._call("GET", f"{self.url}/api/v2/monitor/health", timeout=self.timeout)
        if not answer.ok:
            raise AirflowRefusal("GET", "/monitor/health", answer)
        return dict(answer.json())

    def dags(self) -> list[dict[str, Any]]:
        """Return the DAGs that were read from the DAG files."""
        return self.pages("/dags", "dags")

    def import_errors(self) -> list[dict[str, Any]]:
        """Return the DAG files that could not be read, each with its `filename` and `stack_trace`."""
        return self.pages("/importErrors", "import_errors")

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run: queued, running, success or failed."""
        return str(self.run(dag_id, run_id)["state"])

    def runs(self, dag_id: str = "~", **params: Any) -> list[dict[str, Any]]:
        """Return the runs of a DAG, of all by default; `state`, `order_by` and the like narrow them."""
        return self.pages(f"/dags/{dag_id}/dagRuns", "dag_runs", **params)

    def set_run_state(self, dag_id: str, run_id: str, state: str) -> None:
        """Mark a run as success or failed, or queue it again."""
        self.request("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", json={"state": state})

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return a run's tasks, each with `task_id`, `state`, `try_number` and `max_tries`."""
        return self.pages(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances")

    def task_instance(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """Return one task of a run."""
        return dict(self.request("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"))

    def task_tries(self, dag_id: str, run_id: str, task_id: str) -> list[dict[str, Any]]:
        """Return every try of a task, the first one first."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/tries"
        return sorted(self.request("GET", path)["task_instances"], key=lambda one: one["try_number"])

    def task_log(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1) -> list[dict[str, Any]]:
        """Return the log of one try: a dictionary for each line, with `event` and often `level` and `timestamp`."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}"
        lines: list[dict[str, Any]] = []
        token = None
        while True:
            page = self.request("GET", path, params={"full_content": True} | ({"token": token} if token else {}))
            content = page.get("content") or []
            lines += [line if isinstance(line, dict) else {"event": line} for line in content]
            if not page.get("continuation_token") or page["continuation_token"] == token or not content:
                return lines
            token = page["continuation_token"]

    def task_log_text(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1) -> str:
        """Return the log of one try as people read it."""
        lines = self.task_log(dag_id, run_id, task_id, try_number)
        return "\n".join(str(line.get("event", "")) for line in lines)

    def test_connection(self, connection_id: str, conn_type: str, **fields: Any) -> dict[str, Any]:
        """Press the Test button: `status` is whether it works, `message` why not."""
        body = {"connection_id": connection_id, "conn_type": conn_type, **fields}
        return dict(self.request("POST", "/connections/test", json=body))

    def set_variable(self, key: str, value: str) -> None:
        """Make a variable, or change its value."""
        self._make_or_change("/variables", key, {"key": key, "value": value})

    def pause(self, dag_id: str, *, paused: bool = True) -> None:
        """Pause a DAG, or let it run again."""
        self.request("PATCH", f"/dags/{dag_id}", json={"is_paused": paused})
