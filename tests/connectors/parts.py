"""The parts of an action, kept in memory: a connector is tested without a ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from casebridge.core.record import Found, Receipt


class MemoryParts:
    """Makes every write that is not confirmed, and remembers it.

    Args:
        confirmed: Parts that an earlier try confirmed.
    """

    def __init__(self, confirmed: Mapping[str, Receipt] | None = None) -> None:
        self.confirmed: dict[str, Receipt] = dict(confirmed or {})

    def write(
        self,
        name: str,
        record: str,
        send: Callable[[], Receipt],
        *,
        find: Callable[[], Sequence[Found]] | None = None,
        there_before: Collection[str] = (),
        repeatable: bool = False,
    ) -> Receipt:
        """Makes a write unless it is confirmed."""
        if name not in self.confirmed:
            self.confirmed[name] = send()
        return self.confirmed[name]

    def confirm(self, record: str, receipts: Mapping[str, Receipt]) -> None:
        """Remembers the parts of one call."""
        self.confirmed.update(receipts)

    @contextmanager
    def exclusively(self, name: str) -> Iterator[None]:
        """Holds nothing: a test is alone."""
        yield
