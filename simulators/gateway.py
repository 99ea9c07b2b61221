"""The vendor's side over HTTP: reads a request, applies a pending fault, answers."""

from __future__ import annotations

import asyncio
import sys
import traceback
from contextlib import suppress
from email.utils import format_datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.faults import Fault
from simulators.received import ReceivedCall
from simulators.simulator import Simulator
from simulators.wire import Wire

#: As IIS and WCF services are commonly set: more is refused before it is read.
MAX_BODY_BYTES = 4 * 1024 * 1024


class Gateway:
    """The ASGI application of everything outside ``/_sim/``."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.wire: Wire | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or cut its connection."""
        request = Request(scope, receive)
        try:
            body = await _whole_body(request)
        except ClientDisconnect:
            return
        if body is None:
            answer: Answer | None = html(
                413, "Request Entity Too Large", f"At most {MAX_BODY_BYTES} bytes are accepted."
            )
        else:
            answer = await self._answer(request, _vendor_request(request, body))
        if answer is None:
            # The connection is gone: returning before uvicorn has noticed would make it send a 500.
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await self._response(answer, head=request.method == "HEAD")(scope, receive, send)

    def _response(self, answer: Answer, *, head: bool) -> Response:
        headers = {"Date": format_datetime(self.simulator.clock.now(), usegmt=True), **answer.headers}
        response = Response(answer.body, answer.status, headers=headers)
        response.headers["content-type"] = answer.content_type
        if head:
            response.body = b""
        return response

    async def _answer(self, request: Request, given: VendorRequest) -> Answer | None:
        """The answer to send; None: the connection was cut instead."""
        call = self.simulator.call(given)
        if call is None:
            return self.simulator.document(given)
        entry = self.simulator.received.add(call.operation, call.reference)
        fault = self.simulator.faults.take(call.operation, call.reference)
        if fault is None:
            return _act(call, entry)
        entry.fault = fault.kind
        return await self._faulty(request, call, entry, fault)

    async def _faulty(self, request: Request, call: Call, entry: ReceivedCall, fault: Fault) -> Answer | None:
        match fault.kind:
            case "cut_before_commit":
                self._cut(request)
                return None
            case "cut_after_commit":
                _act(call, entry)
                entry.status = None
                self._cut(request)
                return None
            case "hang_after_commit":
                _act(call, entry)
                entry.status = None
                await _wait(request, fault.seconds)
                self._cut(request)
                return None
            case "slow":
                answer = _act(call, entry)
                await asyncio.sleep(fault.seconds or 0)
                return answer
            case "malformed":
                whole = _act(call, entry)
                return Answer(200, whole.body[: len(whole.body) // 2], whole.content_type)
            case _:
                answer = _instead(call, fault)
                entry.status, entry.code = answer.status, answer.code
                return answer

    def _cut(self, request: Request) -> None:
        if self.wire is not None:
            self.wire.cut(request.scope["client"])


def _act(call: Call, entry: ReceivedCall) -> Answer:
    answer = call.answer()
    entry.status, entry.code = answer.status, answer.code
    return answer


def _instead(call: Call, fault: Fault) -> Answer:
    """What is answered in place of the call, which stores nothing."""
    match fault.kind:
        case "status_503":
            return html(503, "Service Unavailable", "The service is unavailable.")
        case "status_429":
            return html(429, "Too Many Requests", "Slow down.", **{"Retry-After": str(fault.retry_after)})
        case "html_login":
            return html(200, "Log in", '<form method="post"><input name="user"/><input name="password"/></form>')
        case "wrong_credentials":
            return call.wrong_credentials()
        case _:
            return call.business_error(fault.code or 0, fault.description or "")


async def _wait(request: Request, seconds: float | None) -> None:
    """Silence, until the time is over or the client has gone."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    with suppress(TimeoutError):
        await asyncio.wait_for(gone(), seconds)


async def _whole_body(request: Request) -> bytes | None:
    """The body; None where it is larger than accepted."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _vendor_request(request: Request, body: bytes) -> VendorRequest:
    host = request.headers.get("host") or "{}:{}".format(*(request.scope.get("server") or ("127.0.0.1", 0)))
    return VendorRequest(
        method=request.method,
        path=request.scope["path"],
        query=request.scope["query_string"].decode("latin-1"),
        headers=request.headers,
        body=body,
        base_url=f"http://{host}",
    )


def log_unexpected(what: str) -> None:
    """The exception being handled is on stderr, whole: a simulator's own mistake must be seen."""
    sys.stderr.write(f"{what}: unexpected error\n{traceback.format_exc()}")
    sys.stderr.flush()
