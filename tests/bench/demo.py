"""From nothing to the end of the demonstration, as somebody meets it who has just found the project."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from stack.processes import PROJECT
from tests.bench.figures import Figure

AIM_S = 120


def measure(*, quick: bool) -> list[Figure]:
    """Clone the last commit and run `make demo` in the clone."""
    with tempfile.TemporaryDirectory(prefix="casebridge-clone-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        clone = folder / "casebridge"
        cloning = _timed(["git", "clone", "--quiet", f"file://{PROJECT}", str(clone)], folder)
        installing = _timed(["make", "install"], clone)
        telling = _timed(["make", "demo"], clone)
    return [
        Figure("clone to the end of the demo", cloning + installing + telling, "s", aim=AIM_S),
        Figure("  git clone", cloning, "s"),
        Figure("  make install", installing, "s", note="packages that were downloaded before come from uv's cache"),
        Figure("  make demo", telling, "s"),
    ]


def _timed(command: list[str], folder: Path) -> float:
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.monotonic() - started
