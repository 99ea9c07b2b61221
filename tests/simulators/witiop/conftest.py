"""A running Witiop simulator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.jadu_cxm.receiver import Receiver
from tests.simulators.witiop.client import Witiop

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="package")
def witiop_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "witiop", "--port", "0"],
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
def desk(witiop_process: str) -> Iterator[Witiop]:
    """The simulator with its sample data and no faults."""
    client = Witiop(witiop_process)
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    one = Receiver()
    yield one
    one.close()
