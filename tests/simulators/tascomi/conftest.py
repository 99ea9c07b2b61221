"""A running Tascomi simulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.process import quiet_simulator
from tests.simulators.tascomi.client import NOW, Tascomi


@pytest.fixture(scope="package")
def tascomi_process() -> Iterator[str]:
    """The address of a running simulator, which has said nothing on stderr when it stops."""
    with quiet_simulator("tascomi") as url:
        yield url


@pytest.fixture
def tascomi(tascomi_process: str) -> Iterator[Tascomi]:
    """The simulator with its sample data and no faults, its clock standing at a moment of British Summer Time."""
    client = Tascomi(tascomi_process)
    client.set("reset")
    client.set("clock", now=NOW)
    yield client
    client.set("reset")
    client.session.close()
