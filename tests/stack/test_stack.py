"""The whole product runs on one machine: reached from there only, with a password, and each part can be restarted."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import psutil
import pytest
import requests

from casebridge.airflow.pools import pools
from casebridge.cli.airflow_client import AirflowRefusal
from casebridge.connectors import registry
from casebridge.sources import registry as sources
from simulators.whitespace.poke import Poke
from stack import connections
from stack.airflow_api import AirflowApi
from stack.errors import StackError
from stack.processes import wait_until
from stack.stack import Stack

pytestmark = pytest.mark.stack


def test_all_parts_are_healthy(stack: Stack) -> None:
    """And every DAG file was read without an error."""
    health = stack.airflow.health()
    assert {part["status"] for part in health.values()} == {"healthy"}
    assert stack.airflow.import_errors() == []


def test_password_is_needed(stack: Stack) -> None:
    """Any user of this machine can reach the port."""
    assert requests.get(f"{stack.api_url}/api/v2/dags", timeout=30).status_code == 401
    with pytest.raises(AirflowRefusal, match="401"):
        AirflowApi(stack.api_url, "admin", "guess").dags()


def test_nothing_listens_beyond_this_machine(stack: Stack) -> None:
    """Not the database, not Airflow, not a simulator."""
    processes = [process for child in stack.processes for process in child.session.members()]
    listening = [
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2
    assert set(listening) == {"127.0.0.1"}


def test_every_simulator_answers(stack: Stack) -> None:
    """Under the address by which the connectors will call it."""
    for name in stack.simulator_names:
        info = requests.get(f"{stack.simulator_url(name)}/_sim/info", timeout=30).json()
        assert info["name"] == name


def test_inbox_takes_what_is_pushed(stack: Stack) -> None:
    """With the secret of this copy, and from nobody else."""
    secret = stack.environment["CASEBRIDGE_INBOX_SECRET_WHITESPACE"]
    for given, status in ((secret, 200), ("guess", 401)):
        message = Poke(given, 1, "NO-CASE", "Complete", datetime(2026, 7, 4, tzinfo=UTC)).message()
        answer = requests.post(
            f"{stack.inbox_url}/inbox/whitespace", message, headers={"Content-Type": "text/xml"}, timeout=30
        )
        assert answer.status_code == status
    assert requests.get(f"{stack.inbox_url}/inbox/health", timeout=30).json()["database"] == "ok"


def test_inbox_knows_no_secret_of_airflow(stack: Stack) -> None:
    """Other systems reach it; and tasks, which do not take messages, have no use for its secrets."""
    inbox, scheduler = stack.component("inbox").environment, stack.component("scheduler").environment
    assert not [name for name in inbox if name.startswith("AIRFLOW")]
    assert not [name for name in scheduler if name.startswith("CASEBRIDGE_INBOX")]


def test_inbox_comes_back_under_its_address(stack: Stack) -> None:
    """Senders have it in their settings."""
    url = stack.inbox_url
    stack.inbox.kill()
    stack.inbox.restart()
    assert stack.inbox_url == url
    assert requests.get(f"{url}/inbox/health", timeout=30).ok


def test_connections_lead_to_the_simulators(stack: Stack) -> None:
    """The Test button works at once, with the credentials that the simulator accepts."""
    for system in registry.manifests().keys() & stack.simulators.keys():
        connection = registry.manifest(system).connection.default
        assert stack.airflow.request("GET", f"/connections/{connection}")["host"] == stack.simulator_url(system)
        assert stack.airflow.test_connection(connection, system)["status"], connection


def test_connections_of_case_sources_lead_to_the_simulators(stack: Stack) -> None:
    """With everything that an action on one of their cases needs."""
    for source in sources.connected().keys() & stack.simulators.keys():
        connection = sources.connection(source).default
        assert stack.airflow.request("GET", f"/connections/{connection}")["host"] == stack.simulator_url(source)
        assert stack.airflow.test_connection(connection, source)["status"], connection


def test_connection_to_a_real_system_is_left_alone(stack: Stack) -> None:
    """Whoever points one at a council's system must find it so after the next start."""
    system = sorted(registry.manifests().keys() & stack.simulators.keys())[0]
    connection = registry.manifest(system).connection.default
    stack.airflow.set_connection(connection, system, host="https://council.example.org")
    urls = {name: one.url for name, one in stack.simulators.items()}
    assert connection not in connections.connect(stack.airflow, urls)
    stack.airflow.set_connection(connection, system, host="http://127.0.0.1:1")
    assert connection in connections.connect(stack.airflow, urls)


def test_every_pool_is_there(stack: Stack) -> None:
    """A task in a pool that does not exist waits forever, without a word."""
    assert set(pools()) <= {pool["name"] for pool in stack.airflow.pages("/pools", "pools")}


def test_command_line_belongs_to_this_copy(stack: Stack) -> None:
    """With the copy's environment, `casebridge` finds its databases and its Airflow."""
    command = [sys.executable, "-m", "casebridge.cli", "db", "version"]
    done = subprocess.run(command, env=stack.environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_simulator_comes_back_under_its_address(stack: Stack) -> None:
    """A target that was down is the same target afterwards."""
    simulator = stack.simulators[stack.simulator_names[0]]
    url = simulator.url
    simulator.kill()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/_sim/info", timeout=30)
    simulator.restart()
    assert simulator.url == url
    assert requests.get(f"{url}/_sim/info", timeout=30).ok


def test_part_that_died_is_named_and_can_be_started_again(stack: Stack) -> None:
    """The triggerer stands for all: the others would be missed by whatever runs at the same time."""
    triggerer = stack.component("triggerer")
    stack.check()
    triggerer.kill()
    with pytest.raises(StackError, match=r"triggerer ended with exit code .*triggerer\.log"):
        stack.check()
    before = stack.airflow.health()["triggerer"]["latest_triggerer_heartbeat"]
    triggerer.restart()
    assert wait_until(
        lambda: stack.airflow.health()["triggerer"]["latest_triggerer_heartbeat"] > before, seconds=60, pause=0.5
    )
    stack.check()
