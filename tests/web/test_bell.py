"""The nudge: at most once in a while, never lost, and its failure is nobody's trouble."""

from __future__ import annotations

import logging
import threading

import pytest

from casebridge.web.bell import Bell


def test_many_rings_are_few_nudges() -> None:
    """What rings while a nudge is on its way gets one more, after the pause."""
    nudged, go_on = threading.Semaphore(0), threading.Event()

    def nudge() -> None:
        nudged.release()
        assert go_on.wait(30)

    bell = Bell(nudge, pause_s=0.01)
    bell.start()
    bell.ring()
    assert nudged.acquire(timeout=30)
    for _ in range(100):
        bell.ring()
    go_on.set()
    assert nudged.acquire(timeout=30)
    assert not nudged.acquire(timeout=0.2)
    bell.close()


def test_a_failure_is_told_once_and_the_next_nudge_comes(caplog: pytest.LogCaptureFixture) -> None:
    """Without the words of the failure: they may hold an address with a password."""
    caplog.set_level(logging.DEBUG)
    nudged = threading.Semaphore(0)
    fails = iter([True, True, False, True])

    def nudge() -> None:
        nudged.release()
        if next(fails):
            raise OSError("secret-7f3a")

    bell = Bell(nudge, pause_s=0.001)
    bell.start()
    for _ in range(4):
        bell.ring()
        assert nudged.acquire(timeout=30)
    bell.close(seconds=30)

    levels = [record.levelname for record in caplog.records if "nudge" in record.getMessage()]
    assert ["WARNING", "DEBUG", "WARNING"] == levels
    assert "secret-7f3a" not in caplog.text


def test_a_closed_bell_is_silent() -> None:
    nudged = threading.Semaphore(0)
    bell = Bell(nudged.release, pause_s=0.001)
    bell.start()
    bell.close(seconds=30)
    bell.ring()
    assert not nudged.acquire(blocking=False)
