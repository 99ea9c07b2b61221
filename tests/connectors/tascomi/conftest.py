"""A running Tascomi simulator, whose clock goes as ours does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.simulators.tascomi.client import Tascomi


@pytest.fixture
def tascomi(simulator: Callable[[str], str]) -> Iterator[Tascomi]:
    """The simulator with its sample data and no faults."""
    client = Tascomi(simulator("tascomi"))
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()
