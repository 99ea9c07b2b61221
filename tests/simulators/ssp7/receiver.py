"""A receiver of SSP's events: a tiny HTTP server that keeps what it gets and answers what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from lxml import etree


@dataclass
class Received:
    """One message as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """The fields by their names, of plain XML and of SOAP."""
        (event,) = etree.fromstring(self.body).iter("{*}TicketEvent", "TicketEvent")
        return {etree.QName(one).localname: one.text or "" for one in event if one.get("Label") is None}


@dataclass
class Receiver:
    """Answers with what it is given, one after another, and 200 without a body after them."""

    messages: list[Received] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.append(Received(dict(self.headers.items()), body))
                status, answer = receiver.answers.pop(0) if receiver.answers else (200, b"")
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/events"

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Type and direction of every message."""
        names = ("Task_ExternalRequestType", "Task_ExternalRequestDirection")
        return [(one.fields[names[0]], one.fields[names[1]]) for one in self.messages]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
