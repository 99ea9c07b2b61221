"""A running M3PP simulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.m3pp.client import M3pp
from tests.simulators.process import quiet_simulator


@pytest.fixture(scope="package")
def m3pp_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    with quiet_simulator("m3pp") as url:
        yield url


@pytest.fixture
def m3pp(m3pp_process: str) -> Iterator[M3pp]:
    """The simulator with its sample data and no faults."""
    client = M3pp(m3pp_process)
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()
