"""A running Witiop simulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.jadu_cxm.receiver import Receiver
from tests.simulators.process import quiet_simulator
from tests.simulators.witiop.client import Witiop


@pytest.fixture(scope="package")
def witiop_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    with quiet_simulator("witiop") as url:
        yield url


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
