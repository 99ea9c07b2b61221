"""A running Jadu CXM simulator, and a receiver of its webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.jadu_cxm.client import Cxm
from tests.simulators.jadu_cxm.receiver import Receiver
from tests.simulators.process import quiet_simulator


@pytest.fixture(scope="package")
def cxm_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    with quiet_simulator("jadu_cxm") as url:
        yield url


@pytest.fixture
def cxm(cxm_process: str) -> Iterator[Cxm]:
    """The simulator with its sample data and no faults."""
    client = Cxm(cxm_process)
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
