"""The console inside of Airflow's API server: its users, their rights, and Airflow's own API as these users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import anyio.from_thread
import httpx
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import (
    ConnectionDetails,
    DagAccessEntity,
    DagDetails,
    PoolDetails,
)
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import FastAPI

from casebridge.airflow.console_mount import base_path
from casebridge.airflow.hooks import values_in_task
from casebridge.airflow.pools import pool_name
from casebridge.connectors import registry
from casebridge.console.airflow_port import AirflowRefused, Pool, TaskTry
from casebridge.console.app import create_console
from casebridge.console.viewer import Viewer
from casebridge.installation import Installation
from casebridge.sources import registry as sources
from casebridge.steps.ask import dag_id
from casebridge.steps.prove import default_connection

_NOT_FOUND, _ERRORS = 404, 400
_TOKEN_GOOD_FOR_S = 300


def console() -> FastAPI:
    """The console for this Airflow."""
    return create_console(
        Installation(connection_values=values_in_task),
        viewer_of,
        secret=conf.get("api", "secret_key", fallback="") or "",
        sign_in=f"{base_path()}/",
    )


async def viewer_of(user: GetUserDep) -> Viewer:
    """The user of Airflow who is looking, with the rights that Airflow gives them.

    Raises:
        HTTPException: 401: nobody is signed in.
    """
    manager = get_auth_manager()
    systems = registry.manifests()

    def dags(method: str, entity: DagAccessEntity) -> frozenset[str]:
        return frozenset(
            system
            for system, manifest in systems.items()
            if all(
                manager.is_authorized_dag(
                    method=method,  # type: ignore[arg-type]
                    access_entity=entity,
                    details=DagDetails(id=dag_id(system, action)),
                    user=user,
                )
                for action in manifest.actions
            )
        )

    def connection(name: str) -> bool:
        details = ConnectionDetails(conn_id=default_connection(name))
        return manager.is_authorized_connection(method="PUT", details=details, user=user)

    def pool(system: str) -> bool:
        return manager.is_authorized_pool(method="PUT", details=PoolDetails(name=pool_name(system)), user=user)

    looks = dags("GET", DagAccessEntity.RUN)
    return Viewer(
        name=user.get_name(),
        systems=looks,
        acts_on=looks & dags("POST", DagAccessEntity.RUN) & dags("PUT", DagAccessEntity.TASK_INSTANCE),
        configures=frozenset(name for name in [*systems, *sources.connected()] if connection(name)),
        pauses=frozenset(system for system in systems if pool(system)),
        airflow=AirflowInside(manager.generate_jwt(user, expiration_time_in_seconds=_TOKEN_GOOD_FOR_S)),
    )


class AirflowInside:
    """Airflow's public REST API, called within its own server: no address to know, no network, and the user's rights.

    Args:
        token: A token of the user.
    """

    def __init__(self, token: str) -> None:
        self._headers = {"authorization": f"Bearer {token}", "accept": "application/json"}

    def start(self, dag_id: str, conf: Mapping[str, str], run_id: str) -> None:
        """Starts a run."""
        body = {"logical_date": None, "conf": dict(conf), "dag_run_id": run_id}
        self._call("POST", f"/dags/{quote(dag_id)}/dagRuns", body)

    def clear(self, dag_id: str, run_id: str, tasks: Sequence[str]) -> None:
        """Has these tasks of a run done again, and those after them; all when none is named."""
        body: dict[str, Any] = {"dag_run_id": run_id, "dry_run": False, "only_failed": False, "reset_dag_runs": True}
        if tasks:
            body |= {"task_ids": list(tasks), "include_downstream": True}
        self._call("POST", f"/dags/{quote(dag_id)}/clearTaskInstances", body)

    def tries(self, dag_id: str, run_id: str) -> list[TaskTry]:
        """The tries of a run's tasks, the earliest first; none when Airflow has forgotten the run."""
        run = f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}/taskInstances"
        found: list[TaskTry] = []
        try:
            tasks = self._call("GET", run)["task_instances"]
        except AirflowRefused as refused:
            if refused.status == _NOT_FOUND:
                return []
            raise
        for task in tasks:
            name = task["task_id"]
            for one in self._call("GET", f"{run}/{quote(name)}/tries")["task_instances"]:
                number = int(one["try_number"])
                if number:
                    found.append(
                        TaskTry(
                            task=name,
                            number=number,
                            state=one["state"] or "waiting",
                            began=_moment(one["start_date"]),
                            ended=_moment(one["end_date"]),
                            log_url=f"{self.run_url(dag_id, run_id)}/tasks/{quote(name)}?try_number={number}",
                        )
                    )
        return sorted(found, key=lambda one: (one.began is None, one.began, one.number))

    def run_url(self, dag_id: str, run_id: str) -> str:
        """Address of the run's page."""
        return f"{base_path()}/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"

    def pool(self, name: str) -> Pool | None:
        """The pool of a system, or None when there is none."""
        try:
            found = self._call("GET", f"/pools/{pool_name(name)}")
        except AirflowRefused as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise
        return Pool(
            slots=found["slots"],
            description=found["description"] or "",
            running=found["running_slots"],
            waiting=found["queued_slots"] + found["scheduled_slots"],
        )

    def set_pool(self, name: str, slots: int, description: str) -> None:
        """Changes the pool of a system."""
        pool = pool_name(name)
        body = {"pool": pool, "slots": slots, "description": description, "include_deferred": False}
        self._call("PATCH", f"/pools/{pool}", body)

    def save_connection(self, name: str, kind: str, fields: Mapping[str, Any]) -> None:
        """Makes a connection, or replaces the fields of it."""
        body = {"connection_id": name, "conn_type": kind, **fields}
        try:
            self._call("PATCH", f"/connections/{quote(name, safe='')}", body)
        except AirflowRefused as refused:
            if refused.status != _NOT_FOUND:
                raise
            self._call("POST", "/connections", body)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer: httpx.Response = anyio.from_thread.run(self._send, method, path, body)
        if answer.status_code >= _ERRORS:
            raise AirflowRefused(answer.status_code, _detail(answer))
        return answer.json() if answer.content else None

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        # The server's own application: found when it is needed, since it is being made when plugins are loaded.
        from airflow.api_fastapi.main import app

        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow.internal", timeout=None) as client:  # noqa: S113
            return await client.request(method, f"/api/v2{path}", json=body, headers=self._headers)


def _detail(answer: httpx.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return "no reason given"
    if isinstance(detail, dict):
        detail = detail.get("reason") or detail.get("message") or detail
    return str(detail)[:500]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
