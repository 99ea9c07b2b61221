"""A world for every system that drifts can be planted in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import running_simulator
from tests.reconcile.planting import Planting, plantings
from tests.reconcile.world import World


@pytest.fixture(scope="session", params=list(plantings()), ids=lambda one: one.system)
def planting(request: pytest.FixtureRequest) -> Iterator[Planting]:
    with running_simulator(request.param.system) as url:
        yield request.param(url)


@pytest.fixture
def world(planting: Planting, database_url: str, tmp_path: Path) -> Iterator[World]:
    planting.prepare()
    made = World(planting, database_url, tmp_path / "mappings")
    yield made
    made.close()
