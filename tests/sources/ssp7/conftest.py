"""SSP7 and a service provider as processes of their own, with casebridge between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import running_simulator
from tests.service_desk import ServiceDesk
from tests.simulators.service_provider.client import Provider
from tests.simulators.ssp7.client import Ssp7


@pytest.fixture(scope="package")
def ssp7_process() -> Iterator[str]:
    """The address of a running SSP7 simulator."""
    with running_simulator("ssp7") as url:
        yield url


@pytest.fixture(scope="package")
def provider_process() -> Iterator[str]:
    """The address of a running simulator of a service provider."""
    with running_simulator("service_provider") as url:
        yield url


@pytest.fixture
def ssp7(ssp7_process: str) -> Iterator[Ssp7]:
    """SSP7 with its sample data and no faults."""
    client = Ssp7(ssp7_process)
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def provider(provider_process: str) -> Iterator[Provider]:
    """The provider with its sample data and no faults."""
    client = Provider(provider_process)
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def office(database_url: str, ssp7: Ssp7, provider: Provider) -> Iterator[ServiceDesk]:
    """Both, with casebridge between them."""
    made = ServiceDesk(database_url, ssp7, provider)
    yield made
    made.close()
