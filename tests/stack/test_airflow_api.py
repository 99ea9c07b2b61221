"""The client of Airflow's REST API signs in again when its token has run out, and reads lists to their end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from casebridge.cli.airflow_client import AirflowRefusal
from stack.airflow_api import AirflowApi


class FakeAirflow(BaseHTTPRequestHandler):
    """Hands out tokens, forgets them when told to, and has 250 DAGs."""

    valid: ClassVar[set[str]] = set()
    logins: ClassVar[int] = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/auth/token":
            type(self).logins += 1
            token = f"token-{self.logins}"
            self.valid.add(token)
            self.answer(201, {"access_token": token})
        else:
            self.answer(409, {"detail": "the run exists"})

    def do_GET(self) -> None:
        if self.headers["Authorization"].removeprefix("Bearer ") not in self.valid:
            self.answer(401, {"detail": "Invalid JWT token"})
            return
        query = parse_qs(urlsplit(self.path).query)
        start, limit = int(query["offset"][0]), int(query["limit"][0])
        dags = [{"dag_id": str(number)} for number in range(250)]
        self.answer(200, {"dags": dags[start : start + limit], "total_entries": 250})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[AirflowApi]:
    """A client of the fake."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeAirflow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield AirflowApi(f"http://127.0.0.1:{server.server_port}", "admin", "secret")
    server.shutdown()
    thread.join()
    server.server_close()


def test_expired_token_is_renewed_once(api: AirflowApi) -> None:
    """A copy that is up for more than a day must not lock its own tools out."""
    assert len(api.dags()) == 250
    logins = FakeAirflow.logins
    FakeAirflow.valid.clear()
    assert len(api.dags()) == 250
    assert logins + 1 == FakeAirflow.logins


def test_refusal_carries_status_and_reason(api: AirflowApi) -> None:
    """A caller tells a duplicate run id from other refusals by the status."""
    with pytest.raises(AirflowRefusal, match="409 to POST /dags/one/dagRuns: the run exists") as refused:
        api.trigger_run("one", run_id="twice")
    assert refused.value.status == 409
