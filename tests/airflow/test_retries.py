"""When a failed task is tried again, and after how long."""

from __future__ import annotations

import pytest

from casebridge.airflow.retries import CasebridgeRetryPolicy, delay
from casebridge.core.errors import (
    CasebridgeError,
    ClockSkew,
    Conflict,
    Fenced,
    InDoubtError,
    InvalidMapping,
    NeedsPerson,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)

RETRY, FAIL = "retry", "fail"
POLICY = CasebridgeRetryPolicy()


def decision(error: BaseException, try_number: int = 1) -> tuple[str, float]:
    decided = POLICY.evaluate(error, try_number, 15)
    return decided.action.value, decided.retry_delay.total_seconds() if decided.retry_delay else 0.0


@pytest.mark.behaviour("C13")
@pytest.mark.parametrize(
    ("error", "action"),
    [
        (Unreachable("-"), RETRY),
        (Throttled("-"), RETRY),
        (ClockSkew("-"), RETRY),
        (Fenced("-"), RETRY),
        (InDoubtError("-"), RETRY),
        (InvalidMapping("-", []), FAIL),
        (RefusedByTarget("-"), FAIL),
        (NotAuthorised("-"), FAIL),
        (NotConfigured("-"), FAIL),
        (NotFound("-"), FAIL),
        (NeedsPerson("-"), FAIL),
        (Conflict("-"), FAIL),
        (CasebridgeError("-"), FAIL),
        (KeyError("-"), RETRY),
    ],
)
def test_the_kind_of_error_decides(error: BaseException, action: str) -> None:
    assert action == decision(error)[0]


def test_the_wait_doubles_and_half_of_it_is_random() -> None:
    for number in range(1, 8):
        whole = 60 * 2 ** (number - 1)
        waits = [delay(number).total_seconds() for _ in range(200)]
        assert whole / 2 <= min(waits) < max(waits) <= whole
        assert len(set(waits)) > 190


def test_the_wait_is_capped_at_twelve_hours() -> None:
    assert max(delay(15).total_seconds() for _ in range(100)) <= 12 * 3600


def test_fifteen_retries_outlast_a_weekend_or_nearly() -> None:
    """Fifteen waits: up to 77 hours, half of that at least."""
    longest = sum(min(60 * 2 ** (number - 1), 12 * 3600) for number in range(1, 16))
    assert (77, 39) == (round(longest / 3600), round(longest / 2 / 3600))


def test_a_pause_that_the_target_asks_for_is_the_least_wait() -> None:
    assert decision(Throttled("-", retry_after=7200))[1] == 7200
    assert decision(Throttled("-", retry_after=1))[1] >= 30


def test_a_doubt_is_looked_into_when_the_protocol_says_so() -> None:
    assert 30 <= decision(InDoubtError("-", retry_after=30), try_number=9)[1] <= 35


def test_the_reason_of_a_decision_is_one_line() -> None:
    decided = POLICY.evaluate(InvalidMapping("template on case", []), 1, 15)
    assert "not retried: template on case: 0 problems" == decided.reason


def test_the_delay_is_a_setting_and_the_count_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBRIDGE_RETRY_BASE_S", "0.01")
    assert decision(Unreachable("-"))[1] <= 0.01
