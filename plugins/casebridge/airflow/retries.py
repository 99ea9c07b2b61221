"""When a failed task is tried again: transient errors and doubts, never a rejection.

Airflow's own exponential delay is off when it is written the old way, and its jitter is the same for all runs that
were triggered over REST, so after an outage they would all come back in one second. This policy has its own of both.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import RetryDecision, RetryPolicy

from casebridge.core.errors import CasebridgeError, InDoubtError, TransientError
from casebridge.settings import read_environment

if TYPE_CHECKING:
    from airflow.sdk import Context

LONGEST_REASON = 500


class CasebridgeRetryPolicy(RetryPolicy):
    """Sixty seconds, doubled with every try, at most twelve hours, half of it random."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Decides by the kind of error; Airflow's count of retries stays the limit."""
        reason = (str(exception).splitlines() or [type(exception).__name__])[0][:LONGEST_REASON]
        if isinstance(exception, InDoubtError) and exception.retry_after is not None:
            return RetryDecision.retry(_with_jitter(exception.retry_after), f"in doubt: {reason}")
        if isinstance(exception, TransientError):
            wait = max(delay(try_number).total_seconds(), exception.retry_after or 0)
            return RetryDecision.retry(timedelta(seconds=wait), reason)
        if isinstance(exception, InDoubtError):
            return RetryDecision.retry(delay(try_number), reason)
        if isinstance(exception, CasebridgeError):
            return RetryDecision.fail(f"not retried: {reason}")
        return RetryDecision.retry(delay(try_number), f"unexpected {type(exception).__name__}")


def delay(try_number: int) -> timedelta:
    """The wait after a try: the base doubled for each earlier one, capped, half fixed and half random."""
    settings = read_environment()
    whole = min(settings.retry_base_s * 2 ** min(try_number - 1, 30), settings.retry_cap_s)
    return timedelta(seconds=whole / 2 + random.uniform(0, whole / 2))  # noqa: S311 -- spreads load, guards nothing


def _with_jitter(seconds: float) -> timedelta:
    return timedelta(seconds=seconds + random.uniform(0, min(5.0, seconds / 10)))  # noqa: S311
