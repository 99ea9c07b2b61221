"""Running simulators of Salesforce and of the desk whose files it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.simulators.salesforce.client import Salesforce
from tests.simulators.witiop.client import Witiop


@pytest.fixture
def sf(simulator: Callable[[str], str]) -> Iterator[Salesforce]:
    """The Salesforce simulator with its sample data and no faults."""
    client = Salesforce(simulator("salesforce"))
    client.set("reset")
    client.log_in()
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def desk(simulator: Callable[[str], str]) -> Iterator[Witiop]:
    """The WitiOp simulator with its sample data and no faults."""
    client = Witiop(simulator("witiop"))
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()
