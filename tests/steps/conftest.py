"""A hub on a real database, and one with a simulator behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub import Hub
from tests.simulators.client import Whitespace


@pytest.fixture
def hub(database_url: str, tmp_path: Path, whitespace: Whitespace) -> Iterator[Hub]:
    made = Hub(database_url, tmp_path / "mappings", whitespace.url)
    yield made
    made.database.close()
