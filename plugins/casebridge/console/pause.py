"""A paused system: its pool in Airflow has no slots, so its tasks wait, lose nothing and spend no try.

What the pool had before stands in its description, where everybody who looks at it in Airflow reads why it is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from casebridge.console.airflow_port import Airflow, Pool
from casebridge.core.errors import Conflict, NotFound

_MARK = re.compile(r" \(paused by (?P<who>.*) at (?P<at>[0-9 :-]+) UTC; (?P<slots>\d+) slots before\)$")
_USUAL_SLOTS = 16


@dataclass(frozen=True)
class Pause:
    """That a system is paused.

    Attributes:
        who: Who paused it; "" when its pool was emptied in another way.
        at: When, in UTC, as text.
        slots: How many calls it gets at a time when it goes on.
    """

    who: str
    at: str
    slots: int


def pause_of(pool: Pool | None) -> Pause | None:
    """Whether a system is paused."""
    if pool is None or pool.slots != 0:
        return None
    if mark := _MARK.search(pool.description):
        return Pause(mark["who"], mark["at"], int(mark["slots"]))
    return Pause("", "", _USUAL_SLOTS)


def pause(airflow: Airflow, system: str, who: str) -> None:
    """Nothing of a system starts from now on; what runs ends.

    Raises:
        Conflict: It is paused already.
        NotFound: It has no pool.
    """
    pool = _pool(airflow, system)
    if pause_of(pool):
        raise Conflict(f"{system} is paused already")
    mark = f" (paused by {who} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC; {max(pool.slots, 1)} slots before)"
    airflow.set_pool(system, 0, pool.description + mark)


def resume(airflow: Airflow, system: str) -> None:
    """What waited goes on, as many at a time as before.

    Raises:
        Conflict: It is not paused.
        NotFound: It has no pool.
    """
    pool = _pool(airflow, system)
    found = pause_of(pool)
    if found is None:
        raise Conflict(f"{system} is not paused")
    airflow.set_pool(system, found.slots, _MARK.sub("", pool.description))


def _pool(airflow: Airflow, system: str) -> Pool:
    pool = airflow.pool(system)
    if pool is None:
        raise NotFound(f"{system} has no pool in Airflow; `casebridge pools` writes those that are needed")
    return pool
