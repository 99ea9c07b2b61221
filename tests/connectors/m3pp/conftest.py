"""A running M3PP simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.simulators.m3pp.client import M3pp


@pytest.fixture
def m3pp(simulator: Callable[[str], str]) -> Iterator[M3pp]:
    """The simulator with its sample data and no faults."""
    client = M3pp(simulator("m3pp"))
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def system() -> str:
    """The connector on trial."""
    return "m3pp"
