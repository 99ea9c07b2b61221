"""A running Salesforce simulator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.salesforce.client import Salesforce

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="package")
def salesforce_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "salesforce", "--port", "0"],
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
def sf(salesforce_process: str) -> Iterator[Salesforce]:
    """The simulator with its sample data and no faults."""
    client = Salesforce(salesforce_process)
    client.set("reset")
    client.log_in()
    yield client
    client.set("reset")
    client.session.close()
