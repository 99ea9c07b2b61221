"""`casebridge inbox`: a process that says when it is ready, tells nothing it should not, and ends when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from casebridge.core.arrival import Arrival, ArrivalKind, ArrivalState
from casebridge.store.inbox import Inbox
from tests.web.senders import JADU_SECRET, PERSONAL, WHITESPACE_SECRET, XML, event, poke, signed, webhook

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "casebridge.cli", "inbox"]


def environment(database_url: str, **more: str) -> dict[str, str]:
    """What the command needs, and nothing of Airflow."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CASEBRIDGE"))}
    secrets = {
        "CASEBRIDGE_INBOX_SECRET_JADU_CXM": JADU_SECRET,
        "CASEBRIDGE_INBOX_SECRET_WHITESPACE": WHITESPACE_SECRET,
    }
    path = {"PYTHONPATH": str(ROOT / "plugins"), "CASEBRIDGE_DATABASE_URL": database_url, "COLUMNS": "200"}
    return kept | path | secrets | more


@contextmanager
def running(database_url: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and its address from the line in which it says that it is ready."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        env=environment(database_url, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line.startswith("inbox ready at http://127.0.0.1:"), line
            yield process, line.split()[-1]
        finally:
            process.terminate()


def show(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    command = [*COMMAND, *arguments]
    return subprocess.run(command, env=environment(database_url), text=True, capture_output=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_takes_messages_until_it_is_asked_to_end(
    database_url: str, http: requests.Session, inbox: Inbox, number: signal.Signals
) -> None:
    """The end that was asked for is a success, and there is no word in the log but the refusal's."""
    body, headers = webhook()
    with running(database_url) as (process, url):
        assert 202 == http.post(f"{url}/inbox/jadu_cxm", body, headers=headers).status_code
        assert 200 == http.post(f"{url}/inbox/whitespace", poke(), headers=XML).status_code
        refused = json.dumps(event(case=PERSONAL)).encode()
        assert 400 == http.post(f"{url}/inbox/jadu_cxm?{PERSONAL}", refused, headers=signed(refused)).status_code
        http.close()
        process.send_signal(number)
        out, log = process.communicate(timeout=60)

    assert (0, "") == (process.returncode, out)
    assert 2 == inbox.count_pending()
    [line] = log.splitlines()
    assert "refused: system=jadu_cxm status=400" in line
    assert PERSONAL not in line


def test_a_connection_that_is_kept_open_does_not_keep_it_alive(database_url: str, http: requests.Session) -> None:
    """A sender's pool must not hold up a restart."""
    with running(database_url) as (process, url):
        http.get(f"{url}/inbox/health")
        process.terminate()
        assert 0 == process.wait(60)


def test_entries_are_listed(database_url: str, url: str, http: requests.Session) -> None:
    """For people and for scripts, the newest first."""
    assert "The inbox is empty." in show(database_url, "list").stdout
    body, headers = webhook()
    http.post(f"{url}/inbox/jadu_cxm", body, headers=headers)
    http.post(f"{url}/inbox/whitespace", poke(), headers=XML)

    table = show(database_url, "list").stdout
    listed = json.loads(show(database_url, "list", "--json").stdout)

    for word in ("jadu_cxm", "case.transitioned", "EMA001330", "whitespace", "worksheet_updated", "242259", "pending"):
        assert word in table
    assert ["242259", "EMA001330"] == [entry["subject"] for entry in listed]
    assert {"reference": "CASE-1001"} == listed[0]["details"]
    assert [listed[0]] == json.loads(show(database_url, "list", "--json", "--limit", "1").stdout)


def test_what_came_with_an_entry_is_not_shown(database_url: str, inbox: Inbox) -> None:
    told = {"update_text": PERSONAL}
    inbox.put([Arrival("ssp7", ArrivalKind.CASE_EVENT, "k", "9001", "update", content=told)])
    (listed,) = json.loads(show(database_url, "list", "--json").stdout)
    assert (True, "9001") == (listed["content"], listed["subject"])
    assert PERSONAL not in show(database_url, "list").stdout + json.dumps(listed)


def test_an_entry_that_failed_is_handled_again(database_url: str, inbox: Inbox) -> None:
    inbox.put([Arrival("ssp7", ArrivalKind.CASE_EVENT, name, "9001", "update") for name in ("a", "b")])
    failed, pending = reversed(inbox.latest())
    inbox.done(failed, ArrivalState.FAILED, "not configured")
    told = show(database_url, "again", str(failed.id), str(pending.id))
    assert (1, "1 of 2 entries are handled again.\n") == (told.returncode, told.stdout)
    assert f"Not failed, or not there: {pending.id}." in told.stderr
    assert [ArrivalState.PENDING] * 2 == [entry.state for entry in inbox.latest()]


def test_a_taken_port_is_named(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = show(database_url, "serve", "--port", str(port))

    assert 2 == refused.returncode
    assert f"the inbox cannot listen on 127.0.0.1 port {port}: another program is using it" in refused.stderr


def test_a_proxys_word_counts_when_it_is_told_to(database_url: str, http: requests.Session) -> None:
    """Without that, a client could write any address, and have as many requests as it likes."""
    for proxies, expected in (("", [415, 429]), ("127.0.0.1", [415, 415])):
        limits = {"CASEBRIDGE_INBOX_RATE": "0.01", "CASEBRIDGE_INBOX_BURST": "1", "CASEBRIDGE_INBOX_PROXIES": proxies}
        with running(database_url, **limits) as (_, url):
            statuses = [
                http.post(f"{url}/inbox/jadu_cxm", b"x", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
                for n in range(2)
            ]
        assert expected == statuses


def test_airflow_is_not_needed() -> None:
    """What is pushed is taken even while Airflow is down; and its import would take seconds."""
    script = "import sys, casebridge.cli.inbox, casebridge.web.app, casebridge.web.server; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(""), text=True, capture_output=True, check=True
    )

    assert not [name for name in done.stdout.split() if name.partition(".")[0] == "airflow"]
