"""The simulator of Jadu CXM as a process of its own, and the source in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from casebridge.sources import registry
from casebridge.sources.jadu_cxm.source import JaduCxmSource
from tests.simulators.jadu_cxm.client import Cxm
from tests.sources.jadu_cxm.wire import VALUES

MakeSource = Callable[..., JaduCxmSource]


@pytest.fixture
def cxm(jadu_cxm_process: str) -> Iterator[Cxm]:
    """The simulator with its sample data and no faults."""
    client = Cxm(jadu_cxm_process)
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def make_source(cxm: Cxm) -> MakeSource:
    """Makes a source in front of the simulator, with settings over those that work."""

    def make(**settings: object) -> JaduCxmSource:
        values = {**VALUES, "host": cxm.url, "read_timeout_s": 5, **settings}
        made = registry.source("jadu_cxm", values, where="jadu_cxm_default")
        assert isinstance(made, JaduCxmSource)
        return made

    return make


@pytest.fixture
def source(make_source: MakeSource) -> JaduCxmSource:
    """A source in front of the simulator."""
    return make_source()
