"""The processes of one running copy: each in a session of its own, on record, and stopped as whole trees.

Airflow's components fork workers, and those fork tasks. A signal to the component alone leaves them behind, so a tree
is everything in the component's session. The record on disk and the keeper (`stack.keeper`) stop what a killed parent
left.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).resolve().parent.parent

MARK = "CASEBRIDGE_STACK_RECORD"
"""Names the record in the environment of each started process: finds one that was forked but not yet recorded."""


@dataclass(frozen=True)
class Session:
    """A started process, the leader of its session, as it is written in the record.

    Attributes:
        name: what people call it.
        pid: its process id, which is the id of its session and so not given to another while a member lives.
        created: when it started, to tell it from a later process with the same pid.
        signal: the number of the signal that asks it to stop.
        whole: whether the signal goes to all members; PostgreSQL stops its own children by itself, and in order.
        last: whether it stops after the others, since they still write to it.
    """

    name: str
    pid: int
    created: float
    signal: int = signal.SIGTERM
    whole: bool = True
    last: bool = False

    def leader(self) -> psutil.Process | None:
        """Return the leader, None when it has ended."""
        process = living(self.pid)
        # The clock may be set while we run; a second later is still the same process, another boot is not.
        return process if process and abs(process.create_time() - self.created) < 2 else None

    def members(self) -> list[psutil.Process]:
        """Return every living process of this session, and the leader's descendants that left it."""
        found: dict[int, psutil.Process] = {}
        leader = self.leader()
        if leader:
            with contextlib.suppress(psutil.Error):
                found.update({child.pid: child for child in leader.children(recursive=True)})
            found[leader.pid] = leader
        for pid in psutil.pids():
            with contextlib.suppress(OSError, psutil.Error):
                if pid in found or os.getsid(pid) != self.pid:
                    continue
                process = living(pid)
                if process and process.create_time() >= self.created - 2:
                    found[pid] = process
        return [process for process in found.values() if is_alive(process)]


def living(pid: int) -> psutil.Process | None:
    """Return the process with this id unless it has ended."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if is_alive(process):
            return process
    return None


def is_alive(process: psutil.Process) -> bool:
    """Say whether the process runs; one that only waits to be reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def stop_sessions(sessions: Iterable[Session], *, grace: float) -> None:
    """Stop these processes with everything that they started: ask, wait, then kill.

    Args:
        sessions: the ones to stop; those marked `last` are stopped when all others have ended.
        grace: seconds to wait between asking and killing.
    """
    everything = list(sessions)
    for batch in ([one for one in everything if not one.last], [one for one in everything if one.last]):
        asked = {process.pid: process for session in batch for process in _ask(session)}
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and any(is_alive(process) for process in asked.values()):
            _reap(batch)
            time.sleep(0.02)
        # A tree may have grown while it was asked, so its members are read again until none is left.
        for _ in range(100):
            left = [process for session in batch for process in session.members()]
            if not left:
                break
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            _reap(batch)
            time.sleep(0.02)


def _ask(session: Session) -> list[psutil.Process]:
    members = session.members()
    targets = members if session.whole or not session.leader() else [p for p in members if p.pid == session.pid]
    for process in targets:
        with contextlib.suppress(psutil.Error):
            process.send_signal(session.signal)
    return members


def _reap(sessions: Iterable[Session]) -> None:
    # Only the parent can; for everyone else there is nothing to reap.
    for session in sessions:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(session.pid, os.WNOHANG)


def boot() -> str:
    """Return what tells this run of the machine from the one before: process ids start anew with each."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(int(psutil.boot_time()))


class Record:
    """The file that says which processes a copy has started, so that anyone can stop them when the copy has died."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> list[Session]:
        """Return the recorded processes of this boot."""
        try:
            content = json.loads(self.file.read_text())
        except (FileNotFoundError, ValueError):
            return []
        if content.get("boot") != boot():
            return []
        return [Session(**entry) for entry in content["sessions"]]

    def write(self, sessions: Iterable[Session]) -> None:
        """Replace the content in one step: a reader sees the old or the new, never a half."""
        content = {"boot": boot(), "sessions": [asdict(session) for session in sessions]}
        fresh = self.file.with_name(self.file.name + ".new")
        fresh.write_text(json.dumps(content))
        fresh.replace(self.file)

    def leftovers(self) -> list[Session]:
        """Return the recorded processes of which something still runs, and marked ones that were never recorded."""
        recorded = [session for session in self.read() if session.members()]
        known = {process.pid for session in recorded for process in session.members()}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid not in known and process.environ().get(MARK) == str(self.file) and is_alive(process):
                    recorded.append(Session(f"process {process.pid}", process.pid, process.create_time()))
        return recorded

    def sweep(self, *, grace: float = 5.0) -> list[str]:
        """Stop what a copy that died has left running, and return the names of what was stopped."""
        left = self.leftovers()
        stop_sessions(left, grace=grace)
        self.file.unlink(missing_ok=True)
        return [session.name for session in left]


class Child:
    """A started process: its state, its log, and how to end it."""

    def __init__(self, session: Session, process: subprocess.Popen[bytes], log: Path) -> None:
        self.session = session
        self.name = session.name
        self.pid = session.pid
        self.log = log
        self._process = process

    @property
    def is_running(self) -> bool:
        """Whether the process itself (not its children) still runs."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    def last_lines(self, count: int = 15) -> str:
        """Return the end of its log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        return ""

    def wait(self) -> int:
        """Wait until the process ends by itself and return its exit code."""
        return self._process.wait()

    def kill(self) -> None:
        """End the process and everything it started at once, as a power cut would."""
        stop_sessions([self.session], grace=0)
        self._process.wait()


class Processes:
    """The processes that this copy has started.

    Args:
        record: the file that lists them.
    """

    def __init__(self, record: Path) -> None:
        self.record = Record(record)
        self._children: dict[str, Child] = {}
        self._keeper: subprocess.Popen[bytes] | None = None
        self._guard = threading.RLock()

    def __getitem__(self, name: str) -> Child:
        return self._children[name]

    def __contains__(self, name: object) -> bool:
        return name in self._children

    def __iter__(self) -> Iterator[Child]:
        return iter(list(self._children.values()))

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        folder: Path = PROJECT,
        stop_signal: int = signal.SIGTERM,
        whole: bool = True,
        last: bool = False,
        user: int | None = None,
        group: int | None = None,
    ) -> Child:
        """Start a process in a session of its own, with its output in a log file, and put it on record.

        Args:
            name: what people call it; a second start under the same name replaces an ended one.
            command: the program and its arguments.
            log: gets what it prints, added at the end.
            environment: all of its environment.
            folder: where it runs.
            stop_signal: asks it to stop.
            whole: see `Session`.
            last: see `Session`.
            user: runs it as this user id, which only root can ask for.
            group: and as this group id.
        """
        with self._guard:
            self._start_keeper()
            identity: dict[str, Any] = {} if user is None else {"user": user, "group": group, "extra_groups": []}
            with log.open("ab") as output:
                process = subprocess.Popen(
                    list(command),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**environment, MARK: str(self.record.file)},
                    cwd=folder,
                    start_new_session=True,  # Ctrl-C in the terminal reaches us alone; and the session is the tree
                    **identity,
                )
            try:
                created = psutil.Process(process.pid).create_time()
            except psutil.Error:
                created = time.time()
            session = Session(name, process.pid, created, signal=stop_signal, whole=whole, last=last)
            self._children[name] = Child(session, process, log)
            self._write()
            return self._children[name]

    def stop(self, *names: str, grace: float = 4.0) -> None:
        """Stop these processes, all when none is named, with everything that they started."""
        with self._guard:
            chosen = [child for child in self._children.values() if not names or child.name in names]
            stop_sessions([child.session for child in chosen], grace=grace)
            for child in chosen:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child._process.wait(timeout=1)
                self._children.pop(child.name, None)
            self._write()
            if not self._children:
                self._end_keeper()

    def _write(self) -> None:
        if self._children:
            self.record.write(child.session for child in self._children.values())
        else:
            self.record.file.unlink(missing_ok=True)

    def _start_keeper(self) -> None:
        if self._keeper is None or self._keeper.poll() is not None:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "stack.keeper", str(self.record.file)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(PROJECT)},
                cwd="/",
                start_new_session=True,
            )

    def _end_keeper(self) -> None:
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait()
            self._keeper = None


def wait_until(ready: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Wait until the condition holds, and say whether it did in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
