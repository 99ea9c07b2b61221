"""The state folder of one copy: what it keeps, who uses it now, and what an earlier run left there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from stack.errors import StackError
from stack.lock import FolderLock
from stack.processes import PROJECT, Record, wait_until
from stack.secrets import Secrets, write_private
from stack.server_user import forget_elsewhere

DEFAULT = PROJECT / ".casebridge"


class Home:
    """The state folder of one copy, `.casebridge` in the project unless a test has its own.

    Args:
        folder: the folder; it is made when the copy takes it.
    """

    def __init__(self, folder: Path = DEFAULT) -> None:
        self.folder = folder.absolute()
        self.lock = FolderLock(self.folder / "lock")
        self.record = Record(self.folder / "processes.json")
        self.logs = self.folder / "logs"
        self._description = self.folder / "running.json"

    def take(self) -> list[str]:
        """Make the folder ours, and stop what a copy that died here has left running.

        Returns:
            The names of the processes that were stopped.

        Raises:
            AlreadyRunning: a living copy uses the folder.
        """
        try:
            self._make_folders()
        except OSError as problem:
            raise StackError(
                f"The state folder {self.folder} cannot be used ({problem.strerror}): if it was made by another user, "
                f"start casebridge as that user, or delete the folder to start anew."
            ) from problem
        self.lock.acquire(
            f"It is already running in {self.folder} (process {{pid}}): `make status` shows its address, `make down` "
            f"stops it; a demonstration ends by itself, or with Ctrl-C where it was started."
        )
        self._description.unlink(missing_ok=True)
        return self.record.sweep()

    def empty(self) -> None:
        """Delete the data of earlier runs; the folder stays ours."""
        forget_elsewhere(self.folder / "postgres")
        for name in ("postgres", "airflow", "logs", "cache"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self._make_folders()

    def leave(self) -> None:
        """Give the folder free."""
        self._description.unlink(missing_ok=True)
        self.lock.release()

    def secrets(self) -> Secrets:
        """Return the copy's secrets, made at its first start."""
        return Secrets.keep(self.folder / "secrets.json")

    def describe(self, content: dict[str, Any]) -> None:
        """Leave word for `make status` of what runs here."""
        write_private(self._description, json.dumps(content, indent=2) + "\n")

    def description(self) -> dict[str, Any]:
        """Return what the running copy has left word of, empty while it starts or when none runs."""
        with contextlib.suppress(OSError, ValueError):
            return dict(json.loads(self._description.read_text()))
        return {}

    def stop_running(self, *, seconds: float = 60) -> list[str]:
        """Stop the copy that runs here, or what is left of one that died, and return what was stopped."""
        pid = self.lock.holder()
        if pid is None:
            return self.record.sweep()
        # It stops everything by itself, in the right order.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: self.lock.holder() is None, seconds=seconds):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda: self.lock.holder() is None, seconds=5)
        self.record.sweep()
        return [f"casebridge (process {pid})"]

    def delete(self) -> None:
        """Delete the folder with all of its data, also what PostgreSQL keeps elsewhere."""
        forget_elsewhere(self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_folders(self) -> None:
        for folder in (self.folder, self.logs, self.folder / "airflow", self.folder / "postgres"):
            folder.mkdir(parents=True, exist_ok=True)
            # As root, PostgreSQL's unprivileged user must pass through to its data, and only that.
            passes = os.geteuid() == 0 and folder.name not in ("airflow", "logs")
            folder.chmod(0o711 if passes else 0o700)
