"""Integration actions on the running Airflow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stack.stack import Stack
from tests.airflow.actions import Actions


@pytest.fixture
def actions(stack: Stack) -> Iterator[Actions]:
    """Integration actions, with a simulator as it is at the start and a connection that works."""
    made = Actions(stack)
    made.whitespace.set("settings", duplicate_rule={"window_s": 1800}, visibility_lag_s=0)
    made.connection()
    yield made
    made.whitespace.session.close()
    made.installation.database.close()
