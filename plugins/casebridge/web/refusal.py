"""Why a request is not taken."""

from __future__ import annotations

import logging

_LOG = logging.getLogger("casebridge.inbox")


class Refusal(Exception):
    """A request is answered with an error, and nothing is stored for it.

    Args:
        status: The HTTP status.
        reason: For the sender and for the log. It holds nothing of the request.
        retry_after: Seconds after which the sender may send again; None when that would not help.
    """

    def __init__(self, status: int, reason: str, *, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to it."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        # The rest of a body that is not read would be taken for the next request.
        return headers | ({"Connection": "close"} if self.status in (408, 413) else {})


def log_refusal(system: str, refusal: Refusal, size: int) -> None:
    """One line, without anything that was sent."""
    _LOG.warning("refused: system=%s status=%d size=%d reason=%s", system, refusal.status, size, refusal.reason)
