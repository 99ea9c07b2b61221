"""Stops everything on a record when the process that wrote it has died without doing so itself (`kill -9`).

It reads a pipe whose other end only that process has: the kernel closes it at its death, whatever the reason. Linux's
"signal at the parent's death" would not do: it follows the thread that started the child, and a forked worker does not
inherit it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from stack.processes import Record


def main() -> None:
    """Wait for the end of the parent, then stop what is still on its record."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    record = Record(Path(sys.argv[1]))
    if record.file.exists():
        record.sweep()


if __name__ == "__main__":
    main()
