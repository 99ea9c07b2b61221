"""The server of the inbox: one process that listens until it is asked to end."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from casebridge.core.errors import NotConfigured

MOST_CONNECTIONS = 1000
"""Beyond that many at a time a request is answered 503."""


class InboxServer(uvicorn.Server):
    """Says when it listens.

    Args:
        app: The application.
        proxies: Addresses whose `X-Forwarded-For` is believed.
        ready: Called once, when requests are answered.
    """

    def __init__(self, app: FastAPI, *, proxies: str = "", ready: Callable[[], object] = lambda: None) -> None:
        config = uvicorn.Config(
            app,
            access_log=False,
            server_header=False,
            log_config=None,
            ws="none",
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies or None,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=15,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, and says so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound to the address.

    Raises:
        NotConfigured: It cannot be.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "another program is using it" if taken else str(error).rstrip(".")
        raise NotConfigured(f"the inbox cannot listen on {host} port {port}: {why}. Choose another.") from None
    return bound


def serve(app: FastAPI, bound: socket.socket, *, proxies: str = "", ready: Callable[[str], object]) -> None:
    """Answers requests until a signal asks to end; what was taken is stored before it does.

    Args:
        app: The application.
        bound: Where to listen.
        proxies: Addresses whose `X-Forwarded-For` is believed.
        ready: Called with the address, when requests are answered.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn ends in good order, and then lets the signal have its way: a stop that was asked for is no failure.
        signal.signal(number, lambda *_: None)
    host, port = bound.getsockname()[:2]
    address = f"[{host}]" if ":" in host else host
    InboxServer(app, proxies=proxies, ready=lambda: ready(f"http://{address}:{port}")).run(sockets=[bound])
