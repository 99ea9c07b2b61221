"""Moments as the API reads and writes them: UTC, to the second (ASSUMED to be cut off, not rounded)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(Z|[+-]\d{2}:?\d{2}))?", re.ASCII)


def read_moment(text: str) -> datetime:
    """The moment, in UTC. A date alone is its midnight.

    Raises:
        ValueError: It is none, or has no offset.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date and time with an offset.")
    day, time, offset = match.groups()
    moment = datetime.fromisoformat(f"{day}T{time or '00:00:00'}{offset or 'Z'}")
    if not 1700 <= moment.year <= 4000:
        raise ValueError(f"{text!r} is not between 1700 and 4000.")
    return moment.astimezone(UTC)


def write_moment(moment: datetime) -> str:
    """As REST answers have it: 2024-05-01T10:00:00.000+0000."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
