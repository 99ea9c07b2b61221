"""How often a proof is repeated: a few times in `make test`, in full in `make proof`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub import Hub
from tests.simulators.client import Whitespace

FULL = os.environ.get("CASEBRIDGE_PROOF") == "full"


def repeats(few: int, full: int) -> int:
    """The number of repeats of this run."""
    return full if FULL else few


@pytest.fixture
def hub(database_url: str, tmp_path: Path, whitespace: Whitespace) -> Iterator[Hub]:
    made = Hub(database_url, tmp_path / "mappings", whitespace.url)
    yield made
    made.database.close()


@pytest.fixture
def agree(hub: Hub, whitespace: Whitespace) -> Iterator[None]:
    """After the test, what the target holds and what the References say are the same set (R17)."""
    yield
    held = {str(row["worksheet_id"]) for row in whitespace.worksheets}
    actions = hub.log.latest(limit=10_000)
    assert held == {action.record_id for action in actions if action.record_id}
    references = [row["reference"] for row in whitespace.worksheets]
    assert len(references) == len(set(references))
