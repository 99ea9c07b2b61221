"""A simulator as a process of its own, as everybody starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def quiet_simulator(name: str) -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", name, "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    yield line.split()[-1]
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
