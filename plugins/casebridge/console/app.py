"""The application: every route needs a viewer, every act needs a form that this site made."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casebridge.console import action, assets, case, findings, integrations, log, mapping_templates, overview, selection
from casebridge.console.forgery import FIELD, Seal
from casebridge.console.screen import Screen
from casebridge.console.viewer import Viewer
from casebridge.core.errors import CasebridgeError, NotFound, RejectedError
from casebridge.installation import Installation

Identify = Callable[..., Viewer | Awaitable[Viewer]]

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
"""On every answer, unless the answer says otherwise: nothing of another site is loaded, nothing is kept."""


def create_console(installation: Installation, identify: Identify, *, secret: str = "", sign_in: str = "/") -> FastAPI:
    """The console as an ASGI application, to be mounted anywhere.

    Args:
        installation: What it shows; it must be able to read connections.
        identify: A FastAPI dependency that gives the viewer, or raises HTTPException 401 or 403.
        secret: Marks the forms; the same for all servers of a site. A new one when empty.
        sign_in: Where an anonymous caller is sent.
    """
    seal = Seal(secret or secrets.token_hex())

    async def admit(request: Request, viewer: Viewer = Depends(identify)) -> None:
        if not viewer.systems:
            raise HTTPException(403, "You may not look at the actions of any system.")
        request.state.viewer = viewer
        request.state.form_token = seal.write(viewer.name)
        if request.method not in ("GET", "HEAD"):
            token = (await request.form()).get(FIELD, "")
            seal.check(request, viewer.name, token if isinstance(token, str) else "")

    app = FastAPI(
        title="casebridge console",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(admit)],
    )
    app.add_middleware(_Headers)
    app.state.installation = installation
    app.state.screen = Screen(sign_in)
    for part in (overview, log, action, selection, case, findings, integrations, mapping_templates, assets):
        app.include_router(part.router)
    app.add_exception_handler(StarletteHTTPException, _refuse)
    app.add_exception_handler(CasebridgeError, _explain)
    return app


def _refuse(request: Request, error: Exception) -> Response:
    status, reason = 500, "This cannot be answered."
    if isinstance(error, StarletteHTTPException):
        status, reason = error.status_code, str(error.detail)
    return _screen(request).refusal(request, status, reason)


def _explain(request: Request, error: Exception) -> Response:
    """A step said why it cannot be done; the text of such an error holds no value of a case."""
    status = 404 if isinstance(error, NotFound) else 409 if isinstance(error, RejectedError) else 503
    return _screen(request).refusal(request, status, str(error))


def _screen(request: Request) -> Screen:
    screen: Screen = request.app.state.screen
    return screen


class _Headers:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Any] = message.setdefault("headers", [])
                there = {name.lower() for name, _ in headers}
                headers += [
                    (name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in there
                ]
            await send(message)

        await self._app(scope, receive, with_headers)
