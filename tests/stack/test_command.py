"""`python -m stack`, as make calls it: whatever happens to it, nothing is left running."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stack.home import Home
from stack.processes import PROJECT, Record, wait_until


@pytest.fixture
def home(run_folder: Path) -> Iterator[Home]:
    """A state folder that PostgreSQL's user can reach."""
    home = Home(run_folder / uuid.uuid4().hex)
    yield home
    home.stop_running()


def run(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    command = [sys.executable, "-m", "stack", "--home", str(home.folder), *arguments]
    return subprocess.run(command, cwd=PROJECT, text=True, capture_output=True, check=False)


@pytest.fixture
def starting(home: Home) -> Iterator[subprocess.Popen[str]]:
    """`up` in the middle of its start: PostgreSQL runs, the migration has begun."""
    command = [sys.executable, "-m", "stack", "--home", str(home.folder), "up"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert wait_until(lambda: "migrate-airflow" in names(home.record), seconds=60)
        yield process
        process.kill()


def names(record: Record) -> list[str]:
    """The names of the recorded processes."""
    return [session.name for session in record.read()]


def everything(home: Home) -> list[psutil.Process]:
    """All processes that this copy has started."""
    return [process for session in home.record.read() for process in session.members()]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_interrupted_start_stops_everything(
    home: Home, starting: subprocess.Popen[str], number: signal.Signals, code: int
) -> None:
    """Ctrl-C, a service manager's stop, a closed window."""
    started = everything(home)
    starting.send_signal(number)
    assert starting.wait(60) == code
    assert not [process for process in started if process.is_running()]
    assert not home.record.file.exists()


def test_kill_of_a_starting_copy_leaves_nothing(home: Home, starting: subprocess.Popen[str]) -> None:
    """Nobody can catch `kill -9`; the keeper does the rest."""
    started = everything(home)
    starting.kill()
    starting.wait()
    assert wait_until(lambda: not any(process.is_running() for process in started), seconds=60)


def test_second_copy_is_refused_and_down_stops_the_first(home: Home, starting: subprocess.Popen[str]) -> None:
    """In one sentence, with the process and the command."""
    second = run(home, "up")
    assert second.returncode == 1
    assert f"already running in {home.folder} (process {starting.pid})" in second.stdout
    assert "make down" in second.stdout
    assert run(home, "status").returncode == 0
    assert run(home, "down").stdout == f"Stopped casebridge (process {starting.pid}).\n"
    assert starting.wait(60) == 143
    assert run(home, "status").returncode == 3


def test_taken_port_is_named_with_the_way_out(home: Home) -> None:
    """Before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run(home, "up", "--port", str(port))
    assert refused.returncode == 1
    assert f"Port {port} is taken by another program" in refused.stdout
    assert not home.record.file.exists()
