"""A paced session leaves room for others."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from casebridge.transport import pace as module
from casebridge.transport.pace import pace


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Recorder(BaseAdapter):
    """Writes down when it was asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.at: list[float] = []

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        self.at.append(self.clock.now - 100)
        response = requests.Response()
        response.status_code = 200
        return response

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return Recorder(clock)


def asked(recorder: Recorder, per_second: float) -> list[float]:
    session = requests.Session()
    session.mount("http://", recorder)
    pace(session, per_second)
    for _ in range(4):
        session.get("http://target.example")
    return [round(moment, 3) for moment in recorder.at]


def test_no_more_requests_a_second_than_allowed(recorder: Recorder) -> None:
    assert [0.0, 0.5, 1.0, 1.5] == asked(recorder, 2)


def test_no_limit_slows_nothing(recorder: Recorder) -> None:
    assert [0.0, 0.0, 0.0, 0.0] == asked(recorder, 0)
