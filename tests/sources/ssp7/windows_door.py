"""A door as IIS has it with Windows authentication: a connection is let through after the three messages of NTLM."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import spnego

USER, PASSWORD = "COUNCIL\\casebridge", "demo-windows-password"


@contextmanager
def windows_door(behind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a door that leads to another server.

    Args:
        behind: The address of that server.
        folder: Where the file with the one user is put.
        monkeypatch: Names that file to the acceptor.
    """
    users = folder / "users"
    users.write_text(f"{USER.replace(chr(92), ':')}:{PASSWORD}\n", "utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        login: Any = None

        def do_GET(self) -> None:
            self._pass(b"")

        def do_POST(self) -> None:
            self._pass(self.rfile.read(int(self.headers["Content-Length"])))

        def _pass(self, body: bytes) -> None:
            challenge = self._challenge()
            if challenge is not None:
                self._answer(401, {"WWW-Authenticate": challenge, "Content-Type": "text/html"}, b"<html>401</html>")
                return
            headers = {name: text for name, text in self.headers.items() if name in ("Content-Type", "SOAPAction")}
            said = requests.request(self.command, behind + self.path, data=body, headers=headers, timeout=30)
            content = said.content.replace(behind.encode(), f"http://{self.headers['Host']}".encode())
            self._answer(said.status_code, {"Content-Type": said.headers["Content-Type"]}, content)

        def _challenge(self) -> str | None:
            """What the caller is asked; None once this connection is logged in."""
            if self.login is not None and self.login.complete:
                return None
            kind, _, token = self.headers.get("Authorization", "").partition(" ")
            if kind != "NTLM":
                return "NTLM"
            if self.login is None:
                self.login = spnego.server(protocol="ntlm")
            try:
                said = self.login.step(base64.b64decode(token))
            except spnego.exceptions.SpnegoError:
                self.login = None
                return "NTLM"
            return None if self.login.complete else f"NTLM {base64.b64encode(said).decode()}"

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, text in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing is told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
