"""The state folder belongs to one copy at a time, and its secrets to its owner."""

from __future__ import annotations

import json
import os
import socket
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from stack import ports
from stack.errors import AlreadyRunning, StackError
from stack.home import Home
from stack.lock import FolderLock
from stack.secrets import Secrets


def test_second_copy_is_told_who_runs_and_how_to_stop_it(tmp_path: Path) -> None:
    """The refusal names the process and the command."""
    first, second = Home(tmp_path / ".casebridge"), Home(tmp_path / ".casebridge")
    first.take()
    with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}.*make down") as refused:
        second.take()
    assert refused.value.pid == os.getpid()
    first.leave()
    second.take()
    second.leave()


def test_lock_of_a_dead_process_holds_nobody_up(tmp_path: Path) -> None:
    """Only the number of a process that has gone is left in the file."""
    (tmp_path / "lock").write_text("1")
    lock = FolderLock(tmp_path / "lock")
    assert lock.holder() is None
    lock.acquire("refused")
    assert lock.holder() == os.getpid()
    lock.release()


def test_nothing_secret_is_open_to_others(tmp_path: Path) -> None:
    """Others may at most pass through the folder, to the database files of PostgreSQL's own user."""
    home = Home(tmp_path / ".casebridge")
    home.take()
    home.secrets()
    home.describe({"api": "http://127.0.0.1:1"})
    for path in home.folder.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o066 == 0, f"{path} can be read or written by others"
        assert path.is_dir() or mode == 0o600, path
    home.leave()


def test_secrets_stay_the_same(tmp_path: Path) -> None:
    """A new key would make the stored passwords of connections unreadable."""
    made = Secrets.keep(tmp_path / "secrets.json")
    assert Secrets.keep(tmp_path / "secrets.json") == made
    assert made != Secrets.keep(tmp_path / "others.json")


def test_folder_of_an_earlier_version_gets_the_secrets_it_lacks(tmp_path: Path) -> None:
    """Those of the inbox came later; all others stay as they are."""
    file = tmp_path / "secrets.json"
    made = Secrets.keep(file)
    earlier = {name: value for name, value in asdict(made).items() if name != "inbox"}
    file.write_text(json.dumps(earlier))
    completed = Secrets.keep(file)
    assert earlier.items() <= asdict(completed).items()
    assert made.inbox.keys() == completed.inbox.keys()
    assert len({*made.inbox.values(), *completed.inbox.values()}) == 2 * len(made.inbox)
    assert Secrets.keep(file) == completed
    del earlier["fernet_key"]
    file.write_text(json.dumps(earlier))
    with pytest.raises(StackError, match="damaged"):
        Secrets.keep(file)


def test_damaged_secrets_are_not_replaced(tmp_path: Path) -> None:
    """They may still be in a backup; making new ones would hide that."""
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(StackError, match=r"secrets\.json is damaged.*make clean"):
        Secrets.keep(tmp_path / "secrets.json")


def test_down_without_a_copy_stops_nothing(tmp_path: Path) -> None:
    """Nor does it make a folder."""
    home = Home(tmp_path / ".casebridge")
    assert home.stop_running() == []
    assert not home.folder.exists()


def test_free_ports_are_free_and_different() -> None:
    """The kernel may name the same port twice when the first is not held."""
    found = ports.free_ports(20)
    assert len(set(found)) == 20
    assert all(ports.is_free(port) for port in found)


def test_taken_port_is_not_free() -> None:
    """A listener keeps it."""
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        assert not ports.is_free(taken.getsockname()[1])
