"""A running simulator of a service provider, and a receiver of its webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.jadu_cxm.receiver import Receiver
from tests.simulators.process import quiet_simulator
from tests.simulators.service_provider.client import Provider


@pytest.fixture(scope="package")
def provider_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    with quiet_simulator("service_provider") as url:
        yield url


@pytest.fixture
def provider(provider_process: str) -> Iterator[Provider]:
    """The simulator with its sample data and no faults."""
    client = Provider(provider_process)
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
