"""A folder that only one process may use at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from stack.errors import AlreadyRunning


class FolderLock:
    """Holds a folder for this process, until `release` or the end of the process, however it ends.

    The kernel drops the lock when its holder dies, so a lock is never stale; the pid inside the file is only there to
    be told.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor: int | None = None

    def acquire(self, refusal: str) -> None:
        """Take the lock.

        Args:
            refusal: the sentence for whoever comes second; `{pid}` in it becomes the holder's process id.

        Raises:
            AlreadyRunning: another process has it.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            pid = self._written_pid()
            raise AlreadyRunning(refusal.format(pid=pid or "unknown"), pid=pid) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the folder free; twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Return the pid of the process that holds the lock now, None when nobody does."""
        try:
            descriptor = os.open(self.file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._written_pid() or None
        finally:
            os.close(descriptor)
        return None

    def _written_pid(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            return int(self.file.read_text())
        return 0
