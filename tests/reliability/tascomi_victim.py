"""A process that performs an action on Tascomi and kills itself right before or right behind one of its writes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import requests

from tests.connectors.scenario import scenario
from tests.connectors.trial import Trial
from tests.reliability.victim import die


class Mortal(requests.Session):
    """A session that dies at the write of that number, counted from 1."""

    def __init__(self, number: int, *, before: bool) -> None:
        super().__init__()
        self._left = number
        self._before = before

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Sends the request, unless it dies first."""
        self._left -= request.method != "GET"
        due = request.method != "GET" and self._left == 0
        if due and self._before:
            die()
        answer = super().send(request, **options)
        return die() if due else answer


def main(database_url: str, folder: str, simulator: str, action_id: str, moment: str, number: str) -> None:
    """Performs the action, up to that write."""
    trial = Trial(database_url, Path(folder), scenario("tascomi"), simulator)
    connector = trial.connector(Mortal(int(number), before=moment == "before"))
    trial.call(trial.ledger.action(action_id), connector, attempt=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
