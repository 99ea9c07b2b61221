"""Airflow's REST API, as far as the command line needs it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any, Self

import requests

from casebridge.core.errors import NotConfigured, RejectedError, Unreachable
from casebridge.settings import Settings

FINISHED = ("success", "failed")
_CONFLICT = 409
_LONGEST_DETAIL = 500


class AirflowRefusal(RejectedError):
    """Airflow refused a request.

    Attributes:
        status: The HTTP status: 409 for a run id that exists.
        detail: Airflow's own words.
    """

    def __init__(self, method: str, path: str, response: requests.Response) -> None:
        self.status = response.status_code
        try:
            self.detail = response.json().get("detail", response.text)
        except (ValueError, AttributeError):
            self.detail = response.text
        super().__init__(f"Airflow answered {self.status} to {method} {path}: {str(self.detail)[:_LONGEST_DETAIL]}")


class AirflowClient:
    """A signed-in user of one Airflow.

    Args:
        url: The address of its API server, without a slash at the end.
        user: The user's name.
        password: The user's password.
        timeout: Seconds after which an answer is given up.
    """

    def __init__(self, url: str, user: str, password: str, *, timeout: float = 30) -> None:
        self.url = url
        self.timeout = timeout
        self._login = {"username": user, "password": password}
        self._token = ""
        self._session = requests.Session()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The client that the settings describe.

        Raises:
            NotConfigured: Name or password are missing.
        """
        if not settings.airflow_user or not settings.airflow_password:
            raise NotConfigured(
                "to speak to Airflow, set CASEBRIDGE_AIRFLOW_URL, CASEBRIDGE_AIRFLOW_USER and "
                "CASEBRIDGE_AIRFLOW_PASSWORD (`make status` shows them for a local copy)"
            )
        return cls(settings.airflow_url, settings.airflow_user, settings.airflow_password)

    def token(self) -> str:
        """A fresh token for this user."""
        answer = self._call("POST", f"{self.url}/auth/token", json=self._login, timeout=self.timeout)
        if not answer.ok:
            raise AirflowRefusal("POST", "/auth/token", answer)
        return str(answer.json()["access_token"])

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Sends a request below `/api/v2`, or to an absolute path of this server, and returns the decoded answer.

        Raises:
            AirflowRefusal: Airflow answered with a status of 400 or more.
            Unreachable: Airflow gave no answer.
        """
        answer = self.send(method, path, **options)
        if not answer.ok:
            raise AirflowRefusal(method, path, answer)
        return answer.json() if answer.content else None

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Sends a request and returns whatever comes back, after signing in once more if the token has run out."""
        url = self.url + (path if path.startswith(("/api/", "/auth/", "/casebridge")) else f"/api/v2{path}")
        options.setdefault("timeout", self.timeout)
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        for attempt in range(2):
            self._token = self._token or self.token()
            answer = self._call(method, url, headers={**headers, "Authorization": f"Bearer {self._token}"}, **options)
            if answer.status_code != requests.codes.unauthorized or attempt:
                break
            self._token = ""
        return answer

    def trigger_run(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        note: str | None = None,
    ) -> str:
        """Starts a run and returns its id.

        Raises:
            AirflowRefusal: With status 409 when a run with this id exists, 400 when the conf does not fit the params.
        """
        body: dict[str, Any] = {"logical_date": None, "conf": dict(conf or {})}
        body |= {key: value for key, value in (("dag_run_id", run_id), ("note", note)) if value is not None}
        return str(self.request("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """A run, with its `state`, times, `conf` and `note`."""
        return dict(self.request("GET", f"/dags/{dag_id}/dagRuns/{run_id}"))

    def wait_for_run(
        self, dag_id: str, run_id: str, *, seconds: float = 60, states: Iterable[str] = FINISHED, pause: float = 0.2
    ) -> dict[str, Any]:
        """Waits until a run is in one of these states and returns it; an API server that restarts is waited for.

        Raises:
            Unreachable: It was not in time; the message says in which state it is.
        """
        wanted, seen, deadline = tuple(states), "unknown", time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                run = self.run(dag_id, run_id)
            except Unreachable:
                seen = "unknown (the API server does not answer)"
            else:
                seen = run["state"]
                if seen in wanted:
                    return run
            time.sleep(pause)
        raise Unreachable(f"run {run_id} of {dag_id} is still {seen} after {seconds:g} s; awaited: {', '.join(wanted)}")

    def clear_tasks(self, dag_id: str, run_id: str, *task_ids: str, downstream: bool = True) -> None:
        """Has tasks of a run done again, all when none is named, as the Clear button does."""
        body: dict[str, Any] = {"dag_run_id": run_id, "dry_run": False, "only_failed": False, "reset_dag_runs": True}
        if task_ids:
            body |= {"task_ids": list(task_ids), "include_downstream": downstream}
        self.request("POST", f"/dags/{dag_id}/clearTaskInstances", json=body)

    def set_connection(self, connection_id: str, conn_type: str, **fields: Any) -> None:
        """Makes a connection, or replaces these fields (host, port, login, password, schema, extra) of it."""
        if isinstance(fields.get("extra"), dict):
            fields["extra"] = json.dumps(fields["extra"])
        body = {"connection_id": connection_id, "conn_type": conn_type, **fields}
        self._make_or_change("/connections", connection_id, body)

    def set_pool(self, name: str, slots: int, description: str = "") -> None:
        """Makes a pool, or changes its number of slots."""
        body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        self._make_or_change("/pools", name, body)

    def _make_or_change(self, path: str, name: str, body: dict[str, Any]) -> None:
        try:
            self.request("POST", path, json=body)
        except AirflowRefusal as refusal:
            if refusal.status != _CONFLICT:
                raise
            self.request("PATCH", f"{path}/{name}", json=body)

    def _call(self, method: str, url: str, **options: Any) -> requests.Response:
        try:
            return self._session.request(method, url, **options)
        except requests.RequestException as error:
            raise Unreachable(f"Airflow at {self.url} gave no answer ({type(error).__name__})") from None
