"""A receiver of webhooks: a tiny HTTP server that keeps what it gets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Received:
    """One message as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """Answers with the statuses it is given, one after another, and 200 after them.

    ``answers`` is cleared to keep it silent until it is set again; ``arrived`` is set when a message is there.
    """

    messages: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    answers: Event = field(default_factory=Event)
    arrived: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        receiver = self
        self.answers.set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.append(Received(self.path, dict(self.headers.items()), body))
                receiver.arrived.set()
                receiver.answers.wait(30)
                try:
                    self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                    self.end_headers()
                except OSError:
                    pass  # the sender has given up

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook?source=cxm"

    def close(self) -> None:
        self.answers.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
