"""A process that performs an action and kills itself, as `kill -9` does, at a named point of the protocol."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from casebridge.store.claim import Claim
from tests.connectors.scenario import scenario
from tests.connectors.trial import Trial

POINTS = (
    "before_intent",
    "after_intent",
    "mid_send",
    "after_remote_create",
    "before_confirm_commit",
    "after_confirm_commit",
    "during_look_up",
    "after_look_up",
    "during_incoming",
)


def die(*_: Any, **__: Any) -> Any:
    """Ends the process without any clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(database_url: str, folder: str, system: str, simulator: str, action_id: str, point: str) -> None:
    """Performs the action, up to the point."""
    trial = Trial(database_url, Path(folder), scenario(system), simulator)
    connector: Any = trial.connector()
    action = trial.ledger.action(action_id)
    send, find = connector.send, connector.find

    def after(function: Any) -> Any:
        def run(*arguments: Any, **options: Any) -> Any:
            function(*arguments, **options)
            return die()

        return run

    if point == "before_intent":
        Claim.intend = die  # type: ignore[method-assign]
    elif point == "after_intent":
        connector.send = die
    elif point == "mid_send":
        connector.session.send = half_sent
    elif point == "after_remote_create":
        connector.send = after(send)
    elif point == "before_confirm_commit":
        Claim.confirm = die  # type: ignore[method-assign]
    elif point == "after_confirm_commit":
        Claim.confirm = after(Claim.confirm)  # type: ignore[method-assign]
    elif point == "during_look_up":
        connector.find = die
    elif point == "after_look_up":
        connector.find = after(find)
    elif point == "during_incoming":
        connector.fetch = die
    trial.call(action, connector, attempt=2)
    trial.apply(action, connector)


def half_sent(request: requests.PreparedRequest, **_: Any) -> None:
    """Sends half of a request and dies."""
    target = urlsplit(request.url or "")
    body = request.body or b""
    data = body.encode() if isinstance(body, str) else bytes(body)
    lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    head = f"{request.method} {request.path_url} HTTP/1.1\r\nHost: {target.netloc}\r\n{lines}\r\n".encode()
    whole = head + data
    with socket.create_connection((target.hostname or "", target.port or 80)) as connection:
        connection.sendall(whole[: len(head) + len(data) // 2] if data else whole[: len(head) // 2])
        die()


if __name__ == "__main__":
    main(*sys.argv[1:])
