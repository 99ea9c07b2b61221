"""The console without Airflow: users by a header, and an Airflow that writes down what it is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import HTTPException, Request
from fastapi.testclient import TestClient
from httpx import Response

from casebridge.connectors import registry
from casebridge.console.airflow_port import AirflowRefused, Pool, TaskTry
from casebridge.console.viewer import Viewer
from casebridge.sources import registry as sources

EVERY = frozenset(registry.manifests())
USER = "x-test-user"


@dataclass
class PaperAirflow:
    """Answers as Airflow would, and remembers."""

    started: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    cleared: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    saved: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=lambda: {name: Pool(12, "Calls at a time", 0, 0) for name in EVERY})
    refuses: bool = False

    def start(self, dag_id: str, conf: Mapping[str, str], run_id: str) -> None:
        self._answer()
        self.started.append((dag_id, dict(conf), run_id))

    def clear(self, dag_id: str, run_id: str, tasks: Sequence[str]) -> None:
        self._answer()
        self.cleared.append((dag_id, run_id, tuple(tasks)))

    def tries(self, dag_id: str, run_id: str) -> list[TaskTry]:
        return [TaskTry("call_target", 1, "failed", None, None, f"/dags/{dag_id}/runs/{run_id}/tasks/call_target")]

    def run_url(self, dag_id: str, run_id: str) -> str:
        return f"/dags/{dag_id}/runs/{run_id}"

    def pool(self, name: str) -> Pool | None:
        return self.pools.get(name)

    def set_pool(self, name: str, slots: int, description: str) -> None:
        self._answer()
        self.pools[name] = Pool(slots, description, 0, 0)

    def save_connection(self, name: str, kind: str, fields: Mapping[str, Any]) -> None:
        self._answer()
        self.saved[name] = (kind, dict(fields))

    def _answer(self) -> None:
        if self.refuses:
            raise AirflowRefused(403, "Forbidden")


def identify_with(airflow: PaperAirflow) -> Any:
    """A dependency that knows three users: one who acts, one who looks, and one who may do neither."""

    def identify(request: Request) -> Viewer:
        name = request.headers.get(USER)
        none: frozenset[str] = frozenset()
        everything = EVERY | frozenset(sources.connected())
        users = {
            "operator": Viewer("operator", EVERY, EVERY, everything, EVERY, airflow),
            "looker": Viewer("looker", EVERY, none, none, none, airflow),
            "stranger": Viewer("stranger", none, none, none, none, airflow),
        }
        if name not in users:
            raise HTTPException(401, "Not authenticated")
        return users[name]

    return identify


class Browser:
    """A signed-in user, who sends the forms of the pages that they see."""

    def __init__(self, client: TestClient, user: str = "") -> None:
        self._client = client
        self.headers = {USER: user} if user else {}
        self._token = ""

    def get(self, path: str, status: int = 200, **query: Any) -> Response:
        answer: Response = self._client.get(path, params=query or None, headers=self.headers)
        assert status == answer.status_code, answer.text
        if found := re.search(r'name="token" value="([^"]+)"', answer.text):
            self._token = found[1]
        return answer

    def post(self, path: str, status: int = 200, **filled_in: Any) -> Response:
        if not self._token:
            self.get("/templates/build", type="create_worksheet", system="whitespace")
        answer: Response = self._client.post(path, data={"token": self._token, **filled_in}, headers=self.headers)
        assert status == answer.status_code, answer.text
        return answer
