"""Figures of the ledger say what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from casebridge.core.errors import InvalidMapping
from casebridge.core.outcome import State
from casebridge.store.figures import Figures, Standing
from casebridge.store.tables import actions
from tests.hub import Hub

WHITESPACE = frozenset({"whitespace"})
DAY = timedelta(days=1)


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    made = Hub(database_url, tmp_path / "mappings")
    yield made
    made.database.close()


def end(hub: Hub, case: str, state: State, *, after_s: int = 0, tries: int = 1) -> None:
    """Plans an action and has it end so, as long after it was asked for."""
    action = hub.plan_only(case)
    with hub.database.begin() as connection:
        connection.execute(
            actions.update()
            .where(actions.c.id == action.id)
            .values(
                state=state,
                tries=tries,
                reason="no worksheet for 1234567",
                ended_at=actions.c.created_at + sa.cast(f"{after_s} s", sa.Interval),
            )
        )


def a_day_ago() -> datetime:
    return datetime.now(UTC) - DAY


def test_outcomes_are_counted_by_state_and_time(hub: Hub) -> None:
    end(hub, "C-1", State.CONFIRMED)
    end(hub, "C-2", State.CONFIRMED)
    end(hub, "C-3", State.FAILED)
    found = Figures(hub.database).outcomes(a_day_ago(), 2 * DAY, WHITESPACE)
    assert {State.CONFIRMED: 2, State.FAILED: 1} == {one.state: one.count for one in found}
    assert [] == Figures(hub.database).outcomes(a_day_ago(), DAY, frozenset({"m3pp"}))
    assert [] == Figures(hub.database).outcomes(datetime.now(UTC) + DAY, DAY, WHITESPACE)


def test_the_time_to_confirm_is_that_of_confirmed_actions_only(hub: Hub) -> None:
    for number, seconds in enumerate((10, 20, 30)):
        end(hub, f"C-{number}", State.CONFIRMED, after_s=seconds)
    end(hub, "C-9", State.FAILED, after_s=9_999)
    (found,) = Figures(hub.database).durations(a_day_ago(), 365 * DAY, WHITESPACE)
    assert (20.0, 29.0) == (found.median_s, found.p95_s)


def test_a_mapping_row_is_counted_once_for_each_action_that_was_refused_for_it(hub: Hub) -> None:
    """The list tells where data capture should be better."""
    for case in ("C-1", "C-2"):
        hub.case(case, fields={"item_id": "blue box"})
        with pytest.raises(InvalidMapping):
            hub.plan(case)
    (row,) = Figures(hub.database).refused_rows(a_day_ago(), WHITESPACE)
    found = (row.system, row.template, row.row, row.field, row.origin, row.count)
    assert ("whitespace", "missed_bin", 5, "Service Item Quantity", 'case field "item_id"', 2) == found


def test_reasons_of_targets_are_the_same_whatever_number_stands_in_them(hub: Hub) -> None:
    end(hub, "C-1", State.REFUSED)
    (found,) = Figures(hub.database).refused_reasons(a_day_ago(), WHITESPACE)
    assert ("no worksheet for …", 1) == (found.reason, found.count)


def test_a_system_stands_as_its_actions_do(hub: Hub) -> None:
    end(hub, "C-1", State.CONFIRMED, tries=3)
    end(hub, "C-2", State.NEEDS_PERSON)
    end(hub, "C-3", State.IN_DOUBT)
    waiting = hub.plan_only("C-4")
    found = Figures(hub.database).standing(WHITESPACE | {"m3pp"}, a_day_ago())
    assert Standing() == found["m3pp"]
    one = found["whitespace"]
    assert (1, 1, 1, 4, 1) == (one.waiting, one.in_doubt, one.needs_person, one.day, one.retried)
    assert waiting.created_at == one.oldest_waiting
    assert one.last_success is not None
