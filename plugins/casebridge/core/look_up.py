"""What a look-up after a lost answer tells about the record that an earlier try may have made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from casebridge.core.record import Found

CLOCK_DIFFERENCE = timedelta(minutes=10)
"""A record that the target dates this much before our first call cannot be ours, whatever the clocks say."""


@dataclass(frozen=True)
class Ours:
    """It is this record.

    Attributes:
        record_id: The target's id.
    """

    record_id: str


@dataclass(frozen=True)
class Unclear:
    """It may be one of these, and only a person can tell.

    Attributes:
        record_ids: The target's ids.
    """

    record_ids: tuple[str, ...]


@dataclass(frozen=True)
class TooEarly:
    """None is there, but it may appear late.

    Attributes:
        look_again_in_s: Seconds until the next look.
    """

    look_again_in_s: float


@dataclass(frozen=True)
class Absent:
    """It was not made.

    Attributes:
        after_s: Seconds between the last send and this look.
    """

    after_s: float


Verdict = Ours | Unclear | TooEarly | Absent


def plausible(found: Sequence[Found], *, taken: Collection[str], first_sent_at: datetime | None) -> list[Found]:
    """Those of the records found that can be the one.

    Args:
        found: What the target gave.
        taken: Ids of records that another action made or adopted.
        first_sent_at: When the write was sent first, with offset.
    """
    earliest = first_sent_at - CLOCK_DIFFERENCE if first_sent_at else None
    return [
        record
        for record in found
        if record.id not in taken
        and not (record.created_at is not None and earliest is not None and record.created_at < earliest)
    ]


def judge(
    candidates: Sequence[Found], *, sent_at: datetime, now: datetime, look_again_after: Sequence[float]
) -> Verdict:
    """What the candidates tell.

    Args:
        candidates: The plausible records.
        sent_at: When the write was sent last, with offset.
        now: The present moment.
        look_again_after: Seconds after the send at which it is looked for; after the last of them it is absent.
    """
    certain = [record for record in candidates if record.certain]
    if len(certain) == 1:
        return Ours(certain[0].id)
    if candidates:
        return Unclear(tuple(record.id for record in candidates))
    elapsed = (now - sent_at).total_seconds()
    waits = [wait for wait in look_again_after if wait > elapsed]
    return TooEarly(waits[0] - elapsed) if waits else Absent(elapsed)
