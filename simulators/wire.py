"""The sockets under a simulator: where a connection is refused, cut, or a port closed for a while.

uvicorn speaks HTTP; this module owns the listening socket and knows each connection by its client's
address, so that what only a socket can do is possible:

* **refuse**: a connection that was accepted is reset (RST) before a byte of it is read;
* **cut**: a request was read, and its connection is reset instead of being answered;
* **close for a while**: the listening socket is really closed, then bound to the same port again.

A reset is ``SO_LINGER`` 0 and an abort: the kernel then sends RST instead of the polite FIN.

The admin side shares the port. A connection that carried an admin call stays open through a refusal, so
a test that keeps its admin connection alive can still look; a new admin connection is refused like any other.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

_LINGER_ZERO = struct.pack("ii", 1, 0)
_KEEP_ALIVE_S = 120  # IIS's own default


class _Connection(H11Protocol):
    """uvicorn's HTTP/1.1 connection, known to its wire by the client's address."""

    def __init__(self, wire: Wire, config: Config, state: ServerState) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self._wire = wire
        self.admin = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._wire.refuses_next():
            self.reset()
        else:
            self._wire.open_connections[self.client] = self

    def connection_lost(self, exc: Exception | None) -> None:
        if self._wire.open_connections.get(self.client) is self:
            del self._wire.open_connections[self.client]
        super().connection_lost(exc)

    @property
    def idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def reset(self) -> None:
        """The client sees a reset."""
        connected: socket.socket | None = self.transport.get_extra_info("socket")
        if connected is not None and not self.transport.is_closing():
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self.transport.abort()


class Wire:
    """One listening port and its connections.

    Args:
        app: The ASGI application that answers.
        refuses_next: Asked once for each accepted connection; True resets it.
    """

    def __init__(self, app: Any, refuses_next: Callable[[], bool]) -> None:
        self.refuses_next = refuses_next
        self.open_connections: dict[Any, _Connection] = {}
        self._app = app
        self._server: asyncio.Server | None = None
        self._address: tuple[str, int] = ("", 0)
        self._reopening: asyncio.Task[None] | None = None

    async def listen(self, host: str, port: int) -> str:
        """The port is open; the base URL is returned.

        Raises:
            OSError: The port is taken, or the host is not one of this machine's.
        """
        # proxy_headers would replace the client's address by what a header says; connections are found by it.
        self._config = Config(
            self._served,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
        )
        self._config.load()
        self._state = ServerState()
        await self._open(host, port)
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self._address[1]}"

    async def _served(self, scope: Any, receive: Any, send: Any) -> None:
        # A call still waiting (slow, silent, poking) when the simulator is told to stop ends without a word.
        with suppress(asyncio.CancelledError):
            await self._app(scope, receive, send)

    async def _open(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self, self._config, self._state),
            host=host,
            port=port,
            reuse_address=True,
            backlog=2048,
        )
        self._address = (host, self._server.sockets[0].getsockname()[1])

    def mark_admin(self, client: Any) -> None:
        """That client's connection carries admin calls."""
        if connection := self.open_connections.get(client):
            connection.admin = True

    def cut(self, client: Any) -> None:
        """That client's connection is reset without an answer."""
        if connection := self.open_connections.get(client):
            connection.reset()

    def drop_idle(self) -> None:
        """Kept-alive vendor connections are reset: a client that reuses one meets the refusal too."""
        for connection in list(self.open_connections.values()):
            if connection.idle and not connection.admin:
                connection.reset()

    def close_for(self, seconds: float, reopened: Callable[[], None]) -> None:
        """The port is closed, and opens again after that long; then ``reopened`` is told."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._stop_listening()
        self.drop_idle()
        self._reopening = asyncio.create_task(self._reopen(seconds, reopened))

    async def _reopen(self, seconds: float, reopened: Callable[[], None]) -> None:
        await asyncio.sleep(seconds)
        while self._server is None:
            try:
                await self._open(*self._address)
            except OSError:  # another program holds the port for a moment, for instance as its own client port
                await asyncio.sleep(0.05)
        self._reopening = None
        reopened()

    async def reopen_now(self) -> None:
        """The port is open, also if it was to stay closed for longer."""
        if self._reopening is not None:
            self._reopening.cancel()
            await self._reopen(0, lambda: None)

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def close(self) -> None:
        """The port and every connection are closed."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._stop_listening()
        for connection in list(self.open_connections.values()):
            connection.transport.abort()
