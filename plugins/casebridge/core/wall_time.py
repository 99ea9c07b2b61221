"""When a target says that it made a record: often wall time without an offset."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

UNDATED_YEAR = 1
"""What .NET writes for "no date"."""


def moment_of(text: str | None, timezone: str) -> datetime | None:
    """The moment, in UTC; None when there is none that can be read.

    In the hour that the clocks repeat, the later of the two is meant: for a record that is looked for, too late a date
    only leaves a doubt, while too early a one would rule it out.

    Args:
        text: Such as `2026-07-01 12:34:07.118`; an offset that stands in it counts.
        timezone: In Location/Area form.
    """
    try:
        moment = datetime.fromisoformat(text or "")
        if moment.year == UNDATED_YEAR:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone), fold=1)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
