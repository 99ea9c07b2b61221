"""Faults that the next matching calls meet, counted exactly.

All of this runs on one event loop: taking a fault is one step that nothing can come between.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from simulators.fields import BadField, Fields

#: Each kind and what it does.
KINDS = {
    "refuse": "connections are reset before a byte is read (times), or the port is closed (seconds)",
    "slow": "acted on at once, answered after seconds",
    "cut_after_commit": "acted on, then the connection is reset without an answer",
    "cut_before_commit": "read, then the connection is reset; nothing is stored",
    "hang_after_commit": "acted on, then silence for seconds, then the connection is reset",
    "status_503": "503 with an HTML page; nothing is stored",
    "status_429": "429 with Retry-After: retry_after; nothing is stored",
    "malformed": "acted on, answered 200 with the first half of the body",
    "html_login": "200 with an HTML login page; nothing is stored",
    "wrong_credentials": "the answer that wrong credentials give; nothing is stored",
    "business_error": "the vendor's own refusal with code and description; nothing is stored",
}
_NEEDS_SECONDS = ("slow", "hang_after_commit")


@dataclass
class Fault:
    """What the next ``remaining`` matching calls meet. None as ``remaining``: until it is withdrawn."""

    id: int
    kind: str
    remaining: int | None
    operation: str | None = None
    reference: str | None = None
    seconds: float | None = None
    retry_after: int | None = None
    code: int | str | None = None
    description: str | None = None

    def shown(self) -> dict[str, Any]:
        """What the admin side shows: the fields that are set."""
        return {name: value for name, value in vars(self).items() if value is not None}


class Faults:
    """The pending faults, oldest first."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []
        self._ids = count(1)

    def add(self, fields: Fields) -> Fault:
        """The fault that an admin call describes is pending.

        Raises:
            BadField: The description cannot be used.
        """
        kind = fields.choice("kind", KINDS)
        fault = Fault(next(self._ids), kind, remaining=1)
        if kind == "refuse" and "seconds" in fields:
            if "times" in fields:
                raise BadField('Field "times" cannot stand beside "seconds": a refusal is counted or timed.')
            fault.remaining = None
        else:
            fault.remaining = fields.integer("times", 1, minimum=1)
        if kind != "refuse":
            # A refusal comes before a byte is read: what the caller wants cannot be known yet.
            fault.operation = fields.text("operation", None)
            fault.reference = fields.text("reference", None)
        if kind in _NEEDS_SECONDS or fault.remaining is None:
            fault.seconds = fields.number("seconds", minimum=0, maximum=3600)
        if kind == "status_429":
            fault.retry_after = fields.integer("retry_after", minimum=0)
        if kind == "business_error":
            fault.code = fields.code("code")
            fault.description = fields.text("description")
        fields.end()
        self._pending.append(fault)
        return fault

    def take(self, operation: str | None, reference: str | None) -> Fault | None:
        """The oldest fault that this call meets, counted down; None: the call goes its normal way."""
        for fault in self._pending:
            if fault.kind == "refuse":
                continue
            if fault.operation in (None, operation) and fault.reference in (None, reference):
                return self._count_down(fault)
        return None

    def take_refusal(self) -> bool:
        """Whether the connection that was just accepted is to be reset; counted down."""
        for fault in self._pending:
            if fault.kind == "refuse" and fault.remaining is not None:
                self._count_down(fault)
                return True
        return False

    def _count_down(self, fault: Fault) -> Fault:
        fault.remaining = (fault.remaining or 1) - 1
        if not fault.remaining:
            self._pending.remove(fault)
        return fault

    def withdraw(self, fault: Fault) -> None:
        """That fault is over."""
        if fault in self._pending:
            self._pending.remove(fault)

    def clear(self) -> None:
        """No fault is pending."""
        self._pending = []

    def listing(self) -> list[dict[str, Any]]:
        """What the admin side shows."""
        return [fault.shown() for fault in self._pending]
