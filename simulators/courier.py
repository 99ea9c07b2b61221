"""Sends what a simulator tells others: in order for each queue, with tries, copies and a hold."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

import httpx

from simulators.clock import Clock
from simulators.fields import BadField, Fields
from simulators.gateway import log_unexpected

_SHOWN_ANSWER = 4000
_CLIENT: Any = {"trust_env": False, "timeout": None}


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed; made once, because that takes longer than a delivery."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class Message:
    """One HTTP POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What came back: a status and a body, or why neither did."""

    status: int | None = None
    body: bytes = b""
    error: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the receiver answered 2xx."""
        return 200 <= (self.status or 0) <= 299


class CannotCompose(Exception):
    """A message cannot be made; the text says why. It is one failed try."""


@dataclass(frozen=True)
class DeliveryPolicy:
    """How deliveries are tried.

    Attributes:
        timeout_s: How long a receiver may take.
        attempts: How often one delivery is tried before it has failed.
        retry_wait_s: How long it waits before it is tried again.
        copies: How often each delivery is sent, to play duplicates.
        hold: Deliveries wait until they are sent by an admin call, in whichever order.
    """

    timeout_s: float = 30
    attempts: int = 3
    retry_wait_s: float = 2
    copies: int = 1
    hold: bool = False

    def changed(self, fields: Fields | None) -> DeliveryPolicy:
        """This policy with the named choices replaced.

        Raises:
            BadField: A choice is unknown or unusable.
        """
        if fields is None:
            return self
        changed = DeliveryPolicy(
            timeout_s=fields.number("timeout_s", self.timeout_s, minimum=0.01, maximum=3600),
            attempts=fields.integer("attempts", self.attempts, minimum=1),
            retry_wait_s=fields.number("retry_wait_s", self.retry_wait_s, minimum=0, maximum=3600),
            copies=fields.integer("copies", self.copies, minimum=1),
            hold=fields.flag("hold", self.hold),
        )
        fields.end()
        if max(changed.attempts, changed.copies) > 100:
            raise BadField("A delivery is tried and copied at most 100 times.")
        return changed


@dataclass
class Delivery:
    """One thing to tell, and each try to tell it.

    Attributes:
        id: Its number, in order of what caused it.
        queue: Deliveries of one queue are sent one after another.
        status: pending, held (waits to be sent), delivered (the last try was answered 2xx), failed, or not_sent.
        url: Where it was sent last.
        body: What was sent last.
    """

    id: int
    queue: str
    status: str = "pending"
    url: str | None = None
    body: str | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self)


class Courier:
    """Every delivery so far.

    Args:
        clock: Dates the tries.
        policy: Gives the policy in force.
        compose: Makes a delivery's message, at each try anew.
        accepted: Is told of each 2xx answer, and returns what to note with the try.
    """

    def __init__(
        self,
        clock: Clock,
        policy: Callable[[], DeliveryPolicy],
        compose: Callable[[Delivery], Message],
        accepted: Callable[[Delivery, Reply], Mapping[str, Any]] = lambda delivery, reply: {},
    ) -> None:
        self.deliveries: list[Delivery] = []
        self._clock = clock
        self._policy = policy
        self._compose = compose
        self._accepted = accepted
        self._last: dict[str, asyncio.Task[None]] = {}

    def accept(self, delivery: Delivery) -> None:
        """The delivery is under way, or held."""
        self.deliveries.append(delivery)
        if self._policy().hold:
            delivery.status = "held"
        else:
            self._enqueue(delivery, self._policy().copies)

    async def send_again(self, deliveries: Iterable[Delivery]) -> None:
        """They have been sent, in that order, whatever became of them before."""
        before: asyncio.Task[None] | None = None
        for delivery in deliveries:
            delivery.status = "pending"
            before = self._enqueue(delivery, 1, before)
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

    def chosen(self, fields: Fields) -> list[Delivery]:
        """The deliveries that an admin call names, in its order.

        ``delivery`` (an id) or ``deliveries`` (ids); none named: all held or failed. ``times``: how often the whole of
        it; ``order``: given or reversed.

        Raises:
            BadField: What is named is no delivery.
        """
        known = {delivery.id: delivery for delivery in self.deliveries}
        wanted = fields.value("deliveries", None)
        if "delivery" in fields:
            if wanted is not None:
                raise BadField('Field "delivery" cannot stand beside "deliveries".')
            wanted = [fields.value("delivery")]
        elif wanted is None:
            wanted = [delivery.id for delivery in self.deliveries if delivery.status in ("held", "failed")]
        times = fields.integer("times", 1, minimum=1)
        order = fields.choice("order", ("given", "reversed"), "given")
        fields.end()
        if not isinstance(wanted, list) or not all(type(one) is int and one in known for one in wanted):
            raise BadField('Field "deliveries" must be a list of the ids of deliveries.')
        if times > 100:
            raise BadField(f'Field "times" must be at most 100, not {times}.')
        chosen = [known[one] for one in (wanted if order == "given" else wanted[::-1])]
        return chosen * int(times)

    def _enqueue(self, delivery: Delivery, copies: int, after: asyncio.Task[None] | None = None) -> asyncio.Task[None]:
        before = [task for task in (self._last.get(delivery.queue), after) if task is not None]
        task = asyncio.create_task(self._deliver(delivery, copies, before))
        self._last[delivery.queue] = task
        return task

    async def _deliver(self, delivery: Delivery, copies: int, before: list[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        for _ in range(copies):
            delivery.status = "delivered" if await self._tries(delivery) else "failed"

    async def _tries(self, delivery: Delivery) -> bool:
        """Whether one of the tries that there are was answered 2xx."""
        for left in reversed(range(self._policy().attempts)):
            if await self._try(delivery):
                return True
            if left:
                await asyncio.sleep(self._policy().retry_wait_s)
        return False

    async def _try(self, delivery: Delivery) -> bool:
        at = self._clock.now().isoformat().replace("+00:00", "Z")
        noted: Mapping[str, Any] = {}
        try:
            message = self._compose(delivery)
        except CannotCompose as error:
            reply = Reply(error=str(error))
        except Exception:
            log_unexpected(f"delivery {delivery.id}")
            reply = Reply(error="The message could not be made.")
        else:
            delivery.url, delivery.body = message.url, message.body.decode("utf-8", "replace")
            reply = await post(message, self._policy().timeout_s)
            if reply.accepted:
                noted = self._accepted(delivery, reply)
        answer = reply.body[:_SHOWN_ANSWER].decode("utf-8", "replace")
        delivery.attempts.append(
            {"at": at, "http_status": reply.status, "error": reply.error, "answer": answer, **noted}
        )
        return reply.accepted


async def post(message: Message, timeout_s: float) -> Reply:
    """The message has been posted, and this came back. A redirect is not followed, a proxy not used.

    No thread is used: a receiver that never answers must not keep a simulator from stopping.
    """
    try:
        async with asyncio.timeout(timeout_s), httpx.AsyncClient(**_CLIENT, verify=_trusted()) as client:
            answer = await client.post(message.url, content=message.body, headers=dict(message.headers))
    except TimeoutError:
        return Reply(error=f"No answer within {timeout_s:g} s.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Reply(error=f"{type(error).__name__}: {error}")
    return Reply(answer.status_code, answer.content)


def web_address(fields: Fields, name: str, default: str | None) -> str | None:
    """The field as an http(s) address, or None for null.

    Raises:
        BadField: It is neither.
    """
    value = fields.value(name, default)
    if value is None or value == default:
        return None if value is None else default
    try:
        url = httpx.URL(value) if isinstance(value, str) else None
    except httpx.InvalidURL:
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise BadField(f'Field "{name}" must be an http or https address, or null.')
    return str(value)
