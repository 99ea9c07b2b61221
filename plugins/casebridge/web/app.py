"""The application: a route for each system that pushes, and one for monitoring."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from casebridge.core.arrival import Arrival
from casebridge.web.allowance import Allowance
from casebridge.web.bell import Bell
from casebridge.web.body import Body
from casebridge.web.guard import Guard
from casebridge.web.health import Health
from casebridge.web.intake import RETRY_AFTER_S, ArrivalStore, Intake
from casebridge.web.openapi import HEALTH
from casebridge.web.refusal import Refusal, log_refusal
from casebridge.web.sender import Sender
from casebridge.web.senders import all_senders
from casebridge.web.settings import InboxSettings

_LOG = logging.getLogger("casebridge.inbox")
_UNKNOWN = {404: "there is nothing here", 405: "this method is not allowed"}


def create_app(inbox: ArrivalStore, settings: InboxSettings, nudge: Callable[[], object] | None = None) -> FastAPI:
    """The inbox as an ASGI application. What it takes is in the inbox before the sender is answered.

    Args:
        inbox: Where arrivals are stored: `store.inbox.Inbox`.
        settings: Secrets and limits.
        nudge: Called in the background, at most once a second, after something new was stored.
    """
    desk = Desk(inbox, settings, nudge)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.open()
        yield
        await asyncio.to_thread(desk.close)

    app = FastAPI(
        title="casebridge inbox",
        description="Takes what other systems push. What a message is about is read again, if its sender can be asked.",
        version="1",
        openapi_url="/inbox/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.add_middleware(Guard)
    app.add_exception_handler(HTTPException, _unknown)
    for sender in all_senders(settings):
        app.add_api_route(
            f"/inbox/{sender.system}",
            desk.receiver(sender),
            methods=["POST"],
            name=sender.system,
            summary=f"Take a message of {sender.system}",
            response_model=None,
            openapi_extra=sender.openapi,
        )
    app.add_api_route(
        "/inbox/health",
        Health(inbox).answer,
        methods=["GET"],
        summary="Say whether it can store",
        response_model=None,
        openapi_extra={"responses": HEALTH},
    )
    return app


class Desk:
    """Where messages are taken: counted, read, authenticated, stored, answered; in this order.

    Args:
        inbox: Where arrivals are stored.
        settings: Secrets and limits.
        nudge: Called after something new was stored.
    """

    def __init__(self, inbox: ArrivalStore, settings: InboxSettings, nudge: Callable[[], object] | None) -> None:
        self._settings = settings
        self._intake = Intake(inbox)
        self._bell = Bell(nudge or (lambda: None))
        self._allowance = Allowance(settings.rate, settings.burst)

    def open(self) -> None:
        """Begins to store."""
        self._intake.start()
        self._bell.start()

    def close(self) -> None:
        """Stores what is waiting and ends."""
        self._intake.close()
        self._bell.close()

    def receiver(self, sender: Sender) -> Callable[[Request], Awaitable[Response]]:
        """The handler of a sender's route."""

        async def receive(request: Request) -> Response:
            body = Body(request, self._settings.max_bytes)
            try:
                arrival, stored = await self._take(sender, request, body)
            except Refusal as refusal:
                log_refusal(sender.system, refusal, body.size)
                return sender.refused(request, refusal)
            except ClientDisconnect:
                raise
            except Exception as error:
                # A message must never be able to make us tell anything about ourselves.
                _LOG.error("a message of %s failed (%s)", sender.system, type(error).__name__)
                return sender.refused(request, Refusal(503, "it could not be handled", retry_after=RETRY_AFTER_S))
            return sender.accepted(request, arrival, stored=stored)

        return receive

    async def _take(self, sender: Sender, request: Request, body: Body) -> tuple[Arrival, bool]:
        self._allowance.take(sender.system, request.client.host if request.client else "")
        arrival = sender.read(request, await body.read())
        try:
            async with asyncio.timeout(self._settings.patience_s):
                stored = await asyncio.wrap_future(self._intake.put(arrival))
        except TimeoutError:
            raise Refusal(503, "the database does not answer", retry_after=RETRY_AFTER_S) from None
        if stored:
            self._bell.ring()
        return arrival, stored


async def _unknown(request: Request, error: Exception) -> Response:
    """A path or a method that there is not."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (400, None)
    refusal = Refusal(status, _UNKNOWN.get(status, "this cannot be answered"))
    log_refusal("-", refusal, 0)
    return JSONResponse({"error": refusal.reason}, status, headers)
