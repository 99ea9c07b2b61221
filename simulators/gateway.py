"""The vendor's side over HTTP: reads a request, applies a pending fault, answers."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import suppress
from email.utils import format_datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from simulators.exchange import Answer, Call, LargeBody, VendorRequest, html
from simulators.faults import Fault
from simulators.received import ReceivedCall
from simulators.simulator import MAX_BODY_BYTES, Simulator
from simulators.wire import Wire


class Gateway:
    """The ASGI application of everything outside ``/_sim/``."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.wire: Wire | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or cut its connection."""
        request = Request(scope, receive)
        limit = self.simulator.max_body_bytes
        with SpooledTemporaryFile(max_size=MAX_BODY_BYTES) as body:
            try:
                taken = await _take_body(request, body, limit)
            except ClientDisconnect:
                return
            if taken:
                answer = await self._answer(request, _vendor_request(request, body))
            else:
                answer = html(413, "Request Entity Too Large", f"At most {limit} bytes are accepted.")
        if answer is None:
            # The connection is gone: returning before uvicorn has noticed would make it send a 500.
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await self._response(answer, head=request.method == "HEAD")(scope, receive, send)

    def _response(self, answer: Answer, *, head: bool) -> Response:
        headers = {"Date": format_datetime(self.simulator.clock.now(), usegmt=True), **answer.headers}
        large = answer.large_body
        if large is None:
            response = Response(answer.body, answer.status, headers=headers)
        elif head:
            response = Response(b"", answer.status, headers={**headers, "Content-Length": str(large.length)})
        else:
            headers["Content-Length"] = str(large.length)
            response = StreamingResponse(_pieces(large), answer.status, headers=headers)
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
                half = whole.large_body.first_half() if whole.large_body else None
                return Answer(200, whole.body[: len(whole.body) // 2], whole.content_type, large_body=half)
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


async def _take_body(request: Request, body: IO[bytes], limit: int) -> bool:
    """The body is in the file; False where it is larger than accepted."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            return False
        body.write(part)
    return True


async def _pieces(large: LargeBody) -> AsyncIterator[bytes]:
    for piece in large.pieces():
        yield piece
        await asyncio.sleep(0)  # other calls are not kept waiting for a long download


def _vendor_request(request: Request, body: SpooledTemporaryFile[bytes]) -> VendorRequest:
    host = request.headers.get("host") or "{}:{}".format(*(request.scope.get("server") or ("127.0.0.1", 0)))
    large = body.tell() > MAX_BODY_BYTES
    body.seek(0)
    return VendorRequest(
        method=request.method,
        path=request.scope["path"],
        query=request.scope["query_string"].decode("latin-1"),
        headers=request.headers,
        body=b"" if large else body.read(),
        base_url=f"http://{host}",
        large_body=body if large else None,
    )


def log_unexpected(what: str) -> None:
    """The exception being handled is on stderr, whole: a simulator's own mistake must be seen."""
    sys.stderr.write(f"{what}: unexpected error\n{traceback.format_exc()}")
    sys.stderr.flush()
