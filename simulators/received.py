"""The vendor-side calls received so far, so that a test can count look-ups and creates."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from simulators.clock import Clock


@dataclass
class ReceivedCall:
    """One call: what was asked, and what came of it.

    ``status`` is the HTTP status sent, None while none was (a cut or silent connection); ``code`` is the
    vendor's result code, present as soon as the call was acted on, even if the answer never left.
    """

    sequence: int
    at: str
    operation: str | None
    reference: str | None
    status: int | None = None
    code: str | None = None
    fault: str | None = None


class ReceivedCalls:
    """The calls in order of arrival."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: list[ReceivedCall] = []

    def add(self, operation: str | None, reference: str | None) -> ReceivedCall:
        """A call has arrived."""
        at = self._clock.now().isoformat().replace("+00:00", "Z")
        call = ReceivedCall(len(self._calls) + 1, at, operation, reference)
        self._calls.append(call)
        return call

    def clear(self) -> None:
        """No call has been received."""
        self._calls = []

    def listing(self) -> list[dict[str, Any]]:
        """What the admin side shows."""
        return [asdict(call) for call in self._calls]
