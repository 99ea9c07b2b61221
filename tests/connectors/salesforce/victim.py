"""A process that brings a conversation over and kills itself, as `kill -9` does, around one of its writes."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import requests

from tests.connectors.scenario import scenario
from tests.connectors.trial import Trial


class DeadlySession(requests.Session):
    """Kills the process before or after its n-th write, counted from 1. Logins are no writes."""

    def __init__(self, write: int, moment: str) -> None:
        super().__init__()
        self.trust_env = False
        self._left = write
        self._moment = moment

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Sends a request, or dies."""
        if request.method != "POST" or "/services/data/" not in (request.url or ""):
            return super().send(request, **options)
        self._left -= 1
        if self._left == 0 and self._moment == "before":
            _die()
        answer = super().send(request, **options)
        if self._left == 0:
            _die()
        return answer


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(database_url: str, folder: str, simulator: str, action_id: str, write: str, moment: str) -> None:
    """Performs the action, up to the write."""
    trial = Trial(database_url, Path(folder), scenario("salesforce"), simulator)
    trial.call(trial.ledger.action(action_id), trial.connector(DeadlySession(int(write), moment)))


if __name__ == "__main__":
    main(*sys.argv[1:])
