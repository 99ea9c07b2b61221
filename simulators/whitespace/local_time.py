"""Dates as Whitespace has them: UK wall time without an offset, and a minimum that means "none"."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
#: .NET's DateTime.MinValue: how "no date" is written.
NO_DATE = datetime(1, 1, 1)  # noqa: DTZ001

# Seen in production: "2025-07-04 23:59", ISO with T, bare ISO dates. The British shapes are how collections are
# answered (dd/MM/yyyy HH:mm:ss); that they are also accepted is ASSUMED.
_BRITISH = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y")


def parse_local(text: str) -> datetime | None:
    """The wall time a text means; None where it is no date.

    A bare date is midnight (INFERRED). With an offset or Z, it is turned into UK wall time, as .NET's
    DateTime.Parse does (ASSUMED).
    """
    text = text.strip()
    moment: datetime | None = None
    # fromisoformat also takes week dates and compact dates, which .NET does not.
    if len(text) >= 10 and text[4] == text[7] == "-":
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
    for shape in _BRITISH:
        if moment is None:
            with suppress(ValueError):
                moment = datetime.strptime(text, shape)  # noqa: DTZ007
    if moment is not None and moment.tzinfo is not None:
        with suppress(OverflowError):
            return moment.astimezone(ZONE).replace(tzinfo=None)
        return None
    return moment


def britain(moment: datetime) -> str:
    """The shape of a collection's date."""
    return f"{moment:%d/%m/%Y %H:%M:%S}"
