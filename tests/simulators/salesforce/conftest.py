"""A running Salesforce simulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.process import quiet_simulator
from tests.simulators.salesforce.client import Salesforce


@pytest.fixture(scope="package")
def salesforce_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    with quiet_simulator("salesforce") as url:
        yield url


@pytest.fixture
def sf(salesforce_process: str) -> Iterator[Salesforce]:
    """The simulator with its sample data and no faults."""
    client = Salesforce(salesforce_process)
    client.set("reset")
    client.log_in()
    yield client
    client.set("reset")
    client.session.close()
