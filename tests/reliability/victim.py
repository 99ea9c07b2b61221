"""A process that performs an action and kills itself, as `kill -9` does, at a named point of the protocol."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from casebridge.store.claim import Claim
from tests.hub import Hub

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


def main(database_url: str, folder: str, simulator: str, action_id: str, point: str) -> None:
    """Performs the action, up to the point."""
    hub = Hub(database_url, Path(folder), simulator)
    connector: Any = hub.connector(look_again_after=(0.0, 0.0))
    action = hub.ledger.action(action_id)
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
        connector.session.post = half_sent
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
    hub.call(action, connector, attempt=2)
    hub.apply(action, connector)


def half_sent(address: str, *, data: bytes, headers: dict[str, str], **_: Any) -> None:
    """Sends half of a request and dies."""
    import socket
    from urllib.parse import urlsplit

    target = urlsplit(address)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nContent-Length: {len(data)}\r\n{lines}\r\n"
    with socket.create_connection((target.hostname or "", target.port or 80)) as connection:
        connection.sendall(head.encode() + data[: len(data) // 2])
        die()


if __name__ == "__main__":
    main(*sys.argv[1:])
