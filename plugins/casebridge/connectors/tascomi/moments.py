"""Timestamps of Tascomi: wall time without an offset."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def moment_of(text: str | None, timezone: str) -> datetime | None:
    """The moment, in UTC; None when there is none that can be read.

    In the hour that the clocks repeat, the later of the two is meant: for a record that is looked for, too late a date
    only leaves a doubt, while too early a one would rule it out.

    Args:
        text: Such as `2026-07-01 12:34:07.118`.
        timezone: In Location/Area form.
    """
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=ZoneInfo(timezone), fold=1).astimezone(UTC)
    except ValueError:
        return None
