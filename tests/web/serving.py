"""Runs the inbox's server in a thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from fastapi import FastAPI

from casebridge.web.server import InboxServer, listen


@contextlib.contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A server in a thread, until the end of the block."""
    bound = listen("127.0.0.1", 0)
    ready = threading.Event()
    server = InboxServer(app, ready=ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    assert ready.wait(30)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        bound.close()
