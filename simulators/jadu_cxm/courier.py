"""Delivers webhooks: one after another for each receiver, beside everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import h11

from simulators.clock import Clock
from simulators.jadu_cxm.cases import plain
from simulators.jadu_cxm.settings import WebhookSettings


@dataclass
class Delivery:
    """One message to one receiver, and each try to deliver it.

    ``status``: pending, held (waits for redeliver), delivered (the last try was answered 2xx) or failed.
    """

    id: int
    webhook: str
    rule: str | None
    url: str
    event: str
    case: str
    body: bytes
    status: str = "pending"
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {**vars(self), "body": self.body.decode(), "attempts": [dict(one) for one in self.attempts]}


class Courier:
    """Every delivery so far, in order of what triggered it.

    Args:
        clock: Dates the tries.
        settings: Gives the switches in force.
        sign: Gives the signature of a delivery, by the secret that is in force when it is sent.
    """

    def __init__(self, clock: Clock, settings: Callable[[], WebhookSettings], sign: Callable[[Delivery], str]) -> None:
        self.deliveries: list[Delivery] = []
        self._clock = clock
        self._settings = settings
        self._sign = sign
        self._last: dict[str, asyncio.Task[None]] = {}

    def accept(self, delivery: Delivery) -> None:
        """The delivery is under way, or held."""
        self.deliveries.append(delivery)
        if self._settings().hold:
            delivery.status = "held"
        else:
            self._queue(delivery, copies=self._settings().copies)

    async def send_again(self, deliveries: Iterable[Delivery]) -> None:
        """They have been sent, in that order, whatever became of them before."""
        for delivery in deliveries:
            delivery.status = "pending"
            self._queue(delivery, copies=1)
        await self.settle()

    async def settle(self) -> None:
        """Nothing is under way."""
        while running := [task for task in self._last.values() if not task.done()]:
            await asyncio.wait(running)

    def clear(self) -> None:
        """No delivery has been made, and none is under way."""
        for task in self._last.values():
            task.cancel()
        self._last.clear()
        self.deliveries = []

    def _queue(self, delivery: Delivery, copies: int) -> None:
        before = self._last.get(delivery.webhook)
        self._last[delivery.webhook] = asyncio.create_task(self._deliver(delivery, copies, before))

    async def _deliver(self, delivery: Delivery, copies: int, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        for _ in range(copies):
            delivery.status = "delivered" if await self._tries(delivery) else "failed"

    async def _tries(self, delivery: Delivery) -> bool:
        """Whether one of the tries that there are was answered 2xx."""
        for left in reversed(range(self._settings().attempts)):
            outcome = await self._try(delivery)
            delivery.attempts.append(outcome)
            if 200 <= (outcome["http_status"] or 0) <= 299:
                return True
            if left:
                await asyncio.sleep(self._settings().retry_wait_s)
        return False

    async def _try(self, delivery: Delivery) -> dict[str, Any]:
        settings = self._settings()
        at = plain(self._clock.now())
        headers = {"Content-Type": "application/json"}
        if settings.signature_header:
            headers[settings.signature_header] = self._sign(delivery)
        try:
            async with asyncio.timeout(settings.timeout_s):
                status = await post(delivery.url, headers, delivery.body)
        except TimeoutError:
            return {"at": at, "http_status": None, "error": f"No answer within {settings.timeout_s:g} s."}
        except (OSError, ValueError, h11.ProtocolError) as error:
            return {"at": at, "http_status": None, "error": f"{type(error).__name__}: {error}"}
        return {"at": at, "http_status": status, "error": None}


async def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """The body has been posted; the status of the answer is returned. A redirect is not followed.

    No thread is used: a receiver that never answers must not keep the simulator from stopping.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None
    )
    try:
        connection = h11.Connection(h11.CLIENT)
        sent = {"Host": parts.netloc.rpartition("@")[2], **headers, "Content-Length": str(len(body))}
        request = h11.Request(method="POST", target=target, headers=[*sent.items(), ("Connection", "close")])
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _status(reader, connection)
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader, connection: h11.Connection) -> int:
    """The status of the answer, which has been read to its end."""
    status = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.EndOfMessage):
            return status
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError("The connection was closed without an answer.")
