"""Airflow's REST API, as far as the story, the tests and the benchmark use it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from stack.errors import StackError

FINISHED = ("success", "failed")


class ApiError(StackError):
    """Airflow refused a request.

    Attributes:
        status: the HTTP status, 409 for a run id that exists.
        detail: Airflow's own words.
    """

    def __init__(self, method: str, path: str, response: requests.Response) -> None:
        self.status = response.status_code
        try:
            self.detail = response.json().get("detail", response.text)
        except (ValueError, AttributeError):
            self.detail = response.text
        super().__init__(f"Airflow answered {self.status} to {method} {path}: {str(self.detail)[:500]}")


class AirflowApi:
    """A signed-in user of one Airflow.

    Args:
        url: the address of its API server, without a slash at the end.
        user: the user's name.
        password: the user's password.
        timeout: seconds after which an answer is given up.
    """

    def __init__(self, url: str, user: str, password: str, *, timeout: float = 30) -> None:
        self.url = url
        self.timeout = timeout
        self._login = {"username": user, "password": password}
        self._token = ""
        self._session = requests.Session()
        # It is on this machine: neither a proxy nor ~/.netrc, which the library would follow, has a say.
        self._session.trust_env = False

    # -- requests

    def token(self) -> str:
        """Return a fresh token for this user, for clients of other kinds."""
        answer = self._session.post(f"{self.url}/auth/token", json=self._login, timeout=self.timeout)
        if not answer.ok:
            raise ApiError("POST", "/auth/token", answer)
        return str(answer.json()["access_token"])

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a request below `/api/v2`, or to an absolute path of this server, and return the decoded answer.

        Raises:
            ApiError: Airflow answered with a status of 400 or more.
        """
        answer = self.send(method, path, **options)
        if not answer.ok:
            raise ApiError(method, path, answer)
        return answer.json() if answer.content else None

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request and return whatever comes back, after signing in once more if the token has run out."""
        url = self.url + (path if path.startswith(("/api/", "/auth/", "/casebridge")) else f"/api/v2{path}")
        options.setdefault("timeout", self.timeout)
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        for attempt in range(2):
            self._token = self._token or self.token()
            answer = self._session.request(
                method, url, headers={**headers, "Authorization": f"Bearer {self._token}"}, **options
            )
            if answer.status_code != 401 or attempt:
                break
            self._token = ""
        return answer

    def pages(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """Return all entries of a list that Airflow hands out a hundred at a time."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.request("GET", path, params={**params, "limit": 100, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    # -- the installation

    def health(self) -> dict[str, Any]:
        """Return the health of each component; needs no login."""
        answer = self._session.get(f"{self.url}/api/v2/monitor/health", timeout=self.timeout)
        if not answer.ok:
            raise ApiError("GET", "/monitor/health", answer)
        return dict(answer.json())

    def dags(self) -> list[dict[str, Any]]:
        """Return the DAGs that were read from the DAG files."""
        return self.pages("/dags", "dags")

    def import_errors(self) -> list[dict[str, Any]]:
        """Return the DAG files that could not be read, each with its `filename` and `stack_trace`."""
        return self.pages("/importErrors", "import_errors")

    # -- runs

    def trigger_run(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        note: str | None = None,
    ) -> str:
        """Start a run and return its id.

        Raises:
            ApiError: with status 409 when a run with this id exists.
        """
        body: dict[str, Any] = {"logical_date": None, "conf": dict(conf or {})}
        body |= {key: value for key, value in (("dag_run_id", run_id), ("note", note)) if value is not None}
        return str(self.request("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return a run, with its `state`, times, `conf` and `note`."""
        return dict(self.request("GET", f"/dags/{dag_id}/dagRuns/{run_id}"))

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run: queued, running, success or failed."""
        return str(self.run(dag_id, run_id)["state"])

    def runs(self, dag_id: str = "~", **params: Any) -> list[dict[str, Any]]:
        """Return the runs of a DAG, of all by default; `state`, `order_by` and the like narrow them."""
        return self.pages(f"/dags/{dag_id}/dagRuns", "dag_runs", **params)

    def wait_for_run(
        self, dag_id: str, run_id: str, *, seconds: float = 60, states: Iterable[str] = FINISHED, pause: float = 0.2
    ) -> dict[str, Any]:
        """Wait until a run is in one of these states and return it; an API server that restarts is waited for.

        Raises:
            StackError: it was not in time; the message says in which state it is.
        """
        wanted, seen, deadline = tuple(states), "unknown", time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                run = self.run(dag_id, run_id)
            except requests.ConnectionError:
                seen = "unknown (the API server does not answer)"
            else:
                seen = run["state"]
                if seen in wanted:
                    return run
            time.sleep(pause)
        raise StackError(f"Run {run_id} of {dag_id} is still {seen} after {seconds:g} s, awaited: {', '.join(wanted)}.")

    def set_run_state(self, dag_id: str, run_id: str, state: str) -> None:
        """Mark a run as success or failed, or queue it again."""
        self.request("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", json={"state": state})

    # -- tasks

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

    def clear_tasks(self, dag_id: str, run_id: str, *task_ids: str, downstream: bool = True) -> None:
        """Have tasks of a run done again, all when none is named, as the Clear button does."""
        body: dict[str, Any] = {"dag_run_id": run_id, "dry_run": False, "only_failed": False, "reset_dag_runs": True}
        if task_ids:
            body |= {"task_ids": list(task_ids), "include_downstream": downstream}
        self.request("POST", f"/dags/{dag_id}/clearTaskInstances", json=body)

    # -- settings

    def set_connection(self, connection_id: str, conn_type: str, **fields: Any) -> None:
        """Make a connection, or replace these fields (host, port, login, password, schema, extra) of it."""
        body = {"connection_id": connection_id, "conn_type": conn_type, **fields}
        self._make_or_change("/connections", connection_id, body)

    def test_connection(self, connection_id: str, conn_type: str, **fields: Any) -> dict[str, Any]:
        """Press the Test button: `status` is whether it works, `message` why not."""
        body = {"connection_id": connection_id, "conn_type": conn_type, **fields}
        return dict(self.request("POST", "/connections/test", json=body))

    def set_pool(self, name: str, slots: int) -> None:
        """Make a pool, or change its number of slots."""
        self._make_or_change("/pools", name, {"name": name, "slots": slots, "include_deferred": False})

    def set_variable(self, key: str, value: str) -> None:
        """Make a variable, or change its value."""
        self._make_or_change("/variables", key, {"key": key, "value": value})

    def pause(self, dag_id: str, *, paused: bool = True) -> None:
        """Pause a DAG, or let it run again."""
        self.request("PATCH", f"/dags/{dag_id}", json={"is_paused": paused})

    def _make_or_change(self, path: str, name: str, body: dict[str, Any]) -> None:
        try:
            self.request("POST", path, json=body)
        except ApiError as refusal:
            if refusal.status != 409:
                raise
            self.request("PATCH", f"{path}/{name}", json=body)
