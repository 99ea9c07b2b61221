"""A running Tascomi simulator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.tascomi.client import NOW, Tascomi

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="package")
def tascomi_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "tascomi", "--port", "0"],
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


@pytest.fixture
def tascomi(tascomi_process: str) -> Iterator[Tascomi]:
    """The simulator with its sample data and no faults, its clock standing at a moment of British Summer Time."""
    client = Tascomi(tascomi_process)
    client.set("reset")
    client.set("clock", now=NOW)
    yield client
    client.set("reset")
    client.session.close()
