"""A running SSP7 simulator, and a receiver of its events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.process import quiet_simulator
from tests.simulators.ssp7.client import Ssp7
from tests.simulators.ssp7.receiver import Receiver


@pytest.fixture(scope="package")
def ssp7_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    with quiet_simulator("ssp7") as url:
        yield url


@pytest.fixture
def ssp7(ssp7_process: str) -> Iterator[Ssp7]:
    """The simulator with its sample data and no faults."""
    client = Ssp7(ssp7_process)
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of events."""
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def desk(ssp7: Ssp7, receiver: Receiver) -> Ssp7:
    """The simulator, with its events sent to the receiver as plain XML."""
    ssp7.send_to(receiver.url)
    return ssp7
