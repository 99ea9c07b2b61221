"""The task of the DAG: from an Airflow connection to findings, a report and an e-mail."""

from __future__ import annotations

import email
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from casebridge.connectors import registry
from casebridge.core.drift import Drift
from casebridge.steps.reconcile_outcome import reconciliation_lines
from tests.reconcile.world import World

ROOT = Path(__file__).parents[2]
RUN = """
import json, sys
from types import SimpleNamespace
from airflow.sdk.exceptions import AirflowSkipException
from casebridge.airflow.reconcile import Reconcile
system, action, params = json.loads(sys.argv[1])
task = Reconcile(task_id="t", system=system, action=action)
ti = SimpleNamespace(dag_id=f"reconcile__{system}", run_id="r-1")
try:
    print(json.dumps(task.execute({"params": params, "ti": ti})))
except AirflowSkipException as skipped:
    print(json.dumps({"skipped": str(skipped)}))
"""


def run(
    world: World, folder: Path, *, connected: bool = True, variables: dict[str, str] | None = None, **settings: Any
) -> dict[str, Any]:
    """What the task hands on."""
    system = world.planting.system
    spec = registry.manifest(system).connection
    values = {**world.planting.settings(), **settings}
    connection = {name: values.pop(name) for name in ("host", "login", "password") if name in values}
    connection |= {"conn_type": system, "extra": json.dumps(values)}
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(folder / "airflow"),
        "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}",
        "CASEBRIDGE_DATABASE_URL": world.database.url,
        "CASEBRIDGE_REPORTS": str(folder / "reports"),
        "CASEBRIDGE_MAPPINGS": str(folder / "mappings"),
        "CASEBRIDGE_CACHE": str(folder / "cache"),
        "CASEBRIDGE_RECONCILE_PER_SECOND": "0",
        **(variables or {}),
    }
    if connected:
        environment[f"AIRFLOW_CONN_{spec.default.upper()}"] = json.dumps(connection)
    params = {"window_days": 2, "limit": 100, "connection": spec.default}
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([system, world.kind.name, params])],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_run_leaves_findings_a_report_and_the_lines_of_its_note(world: World, tmp_path: Path) -> None:
    world.create("C-1")
    world.missing("GONE-0")
    counts = run(world, tmp_path)
    assert (1, 1) == (counts[Drift.MATCHED], counts[Drift.MISSING_IN_TARGET])
    (finding,) = world.open_findings()
    (done,) = world.reconciliations.of_run(f"reconcile__{world.planting.system}", "r-1")
    page = Path(done.report)
    assert f"casebridge findings resolve {finding.id} --send-again" in page.read_text("utf-8")
    assert {".csv", ".html", ".json"} == {file.suffix for file in page.parent.iterdir()}
    lines = reconciliation_lines(done)
    assert "Missing in the target: 1" in lines[0]
    assert f"Report: {page}" == lines[-1]


class Mailbox:
    """Takes mail."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        self.taken.append(envelope)
        return "250 OK"


def test_the_report_is_sent_to_everybody_who_is_named(world: World, tmp_path: Path) -> None:
    """With the page and the table attached, since the folder of reports cannot be reached from a mailbox."""
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        mail = {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": port,
            "extra": json.dumps({"from_email": "hub@example.org", "disable_ssl": True, "disable_tls": True}),
        }
        to = "first@example.org, second@example.org"
        run(
            world,
            tmp_path,
            variables={"CASEBRIDGE_REPORT_EMAIL": to, "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(mail)},
        )
    finally:
        server.stop()
    (envelope,) = mailbox.taken
    assert ["first@example.org", "second@example.org"] == envelope.rcpt_tos
    message = email.message_from_bytes(envelope.content)
    assert message["Subject"].startswith("Reconciliation ")
    assert [".csv", ".html"] == sorted(
        Path(part.get_filename()).suffix for part in message.walk() if part.get_filename()
    )


def test_a_run_without_a_connection_is_skipped(world: World, tmp_path: Path) -> None:
    assert "there is no Airflow connection" in run(world, tmp_path, connected=False)["skipped"]


def test_a_disabled_integration_is_skipped(world: World, tmp_path: Path) -> None:
    assert "disabled" in run(world, tmp_path, enabled=False)["skipped"]


@pytest.mark.parametrize("state", ["listing", "done"])
def test_the_note_of_a_run_that_reached_its_limit_says_that_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr("casebridge.steps.reconcile.KEYS", 1)
    for number in range(2):
        world.create(f"C-{number}")
    until = datetime.now(UTC) + timedelta(days=2)  # after the records, so that there is something left to list
    done = world.reconcile(limit=1 if state == "listing" else 100, until=until)
    assert state == done.state
    assert ("the next run goes on" in reconciliation_lines(done)[0]) == (state == "listing")
