"""A running Whitespace simulator, with its sample data before each test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.client import FACES, Whitespace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def whitespace_process() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "whitespace", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    yield line.split()[-1]
    process.terminate()
    assert process.wait(timeout=30) == 0
    process.stdout.close()


@pytest.fixture
def whitespace(whitespace_process: str) -> Iterator[Whitespace]:
    client = Whitespace(whitespace_process)
    client.set("reset")
    yield client
    # Over the connection that is still open: also opens a port that the test left closed.
    client.set("reset")
    client.session.close()


@pytest.fixture(params=list(FACES))
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)
