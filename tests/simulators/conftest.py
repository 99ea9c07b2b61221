"""Both faces of the simulator."""

from __future__ import annotations

import pytest

from tests.simulators.client import FACES


@pytest.fixture(params=list(FACES))
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)
