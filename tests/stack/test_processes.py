"""What was started is stopped with everything that it started, however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stack.processes import MARK, PROJECT, Processes, Record, Session, living, wait_until

TREE = ["/bin/sh", "-c", "sleep 600 & sleep 600 & wait"]
STUBBORN = ["/bin/sh", "-c", 'trap "" TERM INT; sleep 600 & sleep 600 & wait; wait']

PARENT = f"""
import sys, time
from pathlib import Path
from stack.processes import Processes
folder = Path(sys.argv[1])
child = Processes(folder / "processes.json").start("tree", {TREE!r}, log=folder / "log", environment={{}})
while len(child.session.members()) < 3:
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """An empty list of processes, whose record is in a folder of the test."""
    processes = Processes(tmp_path / "processes.json")
    yield processes
    processes.stop(grace=0)


def start(processes: Processes, command: list[str] = TREE, *, members: int = 3) -> Session:
    """Start a process and wait until its children are there."""
    name = uuid.uuid4().hex
    session = processes.start(name, command, log=processes.record.file.with_name("log"), environment={}).session
    assert wait_until(lambda: len(session.members()) == members, seconds=20)
    return session


def test_stop_ends_the_whole_tree(processes: Processes) -> None:
    """A signal to the leader alone would leave its children behind."""
    session = start(processes)
    processes.stop()
    assert session.members() == []


def test_stubborn_tree_is_killed(processes: Processes) -> None:
    """A process that does not listen to the request ends all the same."""
    session = start(processes, STUBBORN)
    processes.stop(grace=0.3)
    assert session.members() == []


def test_orphans_of_a_leader_that_died_are_stopped(processes: Processes) -> None:
    """Airflow's workers outlive a scheduler that crashes."""
    session = start(processes)
    os.kill(session.pid, signal.SIGKILL)
    assert wait_until(lambda: session.leader() is None, seconds=20)
    assert len(session.members()) == 2
    processes.stop()
    assert session.members() == []


def test_killed_parent_leaves_nothing_behind(tmp_path: Path) -> None:
    """After `kill -9` of the parent, its keeper stops everything; no next start is needed for that."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        tree = [psutil.Process(pid), *psutil.Process(pid).children()]
        parent.kill()
    assert wait_until(lambda: not any(living(one.pid) for one in tree), seconds=30)
    assert wait_until(lambda: not (tmp_path / "processes.json").exists(), seconds=30)


def test_next_start_finds_what_nobody_stopped(processes: Processes) -> None:
    """Parent and keeper may both be killed; the record is still there."""
    session = start(processes)
    named = Record(processes.record.file).sweep()
    assert named == [session.name]
    assert session.members() == []


def test_process_that_was_not_recorded_yet_is_found(processes: Processes) -> None:
    """The parent may be killed between the start of a process and the entry in the record."""
    mark = {MARK: str(processes.record.file)}
    with subprocess.Popen(["/bin/sleep", "600"], env=mark, start_new_session=True) as unrecorded:
        assert processes.record.sweep() == [f"process {unrecorded.pid}"]
        assert unrecorded.wait() == -signal.SIGTERM


def test_later_process_with_a_recorded_number_is_left_alone(processes: Processes) -> None:
    """Process ids are given out again: only the process that was recorded is ours."""
    with subprocess.Popen(["/bin/sleep", "600"], start_new_session=True) as stranger:
        created = psutil.Process(stranger.pid).create_time()
        processes.record.write([Session("scheduler", stranger.pid, created + 3600)])
        assert processes.record.sweep() == []
        assert stranger.poll() is None
        stranger.kill()


def test_record_of_an_earlier_boot_means_nothing(tmp_path: Path) -> None:
    """After a restart of the machine the numbers belong to others."""
    record = Record(tmp_path / "processes.json")
    record.write([Session("scheduler", os.getpid(), psutil.Process().create_time())])
    assert len(record.read()) == 1
    record.file.write_text(record.file.read_text().replace('"boot": "', '"boot": "earlier '))
    assert record.read() == []


def test_end_of_a_log_is_told(processes: Processes, tmp_path: Path) -> None:
    """Whoever has to find out why a component died gets its last words."""
    child = processes.start(
        "speaker", ["/bin/sh", "-c", "echo early; echo late; exit 7"], log=tmp_path / "log", environment={}
    )
    assert child.wait() == 7
    assert child.last_lines(1) == "late"
