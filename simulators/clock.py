"""The simulator's clock: everything dated is dated by it, so a test can choose the moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """Real time, or a frozen moment, each shifted by a skew."""

    def __init__(self) -> None:
        self._frozen: datetime | None = None
        self._skew = timedelta(0)

    def now(self) -> datetime:
        """The simulator's moment, in UTC."""
        return (self._frozen or datetime.now(UTC)) + self._skew

    def local(self, zone: ZoneInfo) -> datetime:
        """The wall clock in a zone, without an offset, as vendors that ignore zones write it."""
        return self.now().astimezone(zone).replace(tzinfo=None)

    def freeze(self, moment: datetime) -> None:
        """Time stands still at that moment until it is freed."""
        self._frozen = moment.astimezone(UTC)

    def free(self) -> None:
        """Time runs again."""
        self._frozen = None

    def skew(self, seconds: float) -> None:
        """The clock is wrong by that many seconds (0: right)."""
        self._skew = timedelta(seconds=seconds)

    def reset(self) -> None:
        """Real time, no skew."""
        self._frozen = None
        self._skew = timedelta(0)

    def state(self) -> dict[str, object]:
        """What the admin side shows."""
        return {
            "now": self.now().isoformat().replace("+00:00", "Z"),
            "frozen": self._frozen is not None,
            "skew_s": self._skew.total_seconds(),
        }
