"""The admin side, the same for every simulator: JSON under ``/_sim/``."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from simulators.fields import BadField, Fields
from simulators.gateway import Gateway
from simulators.simulator import Simulator
from simulators.wire import Wire

Reader = Callable[[Fields], Any]


class Site:
    """One simulator with both its sides: the application that a wire serves."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._gateway = Gateway(simulator)
        reads: dict[str, Callable[[], Any]] = {
            "info": simulator.info,
            "records": simulator.records,
            "requests": lambda: {"requests": simulator.received.listing()},
            "faults": lambda: {"faults": simulator.faults.listing()},
            "settings": simulator.settings,
            "clock": simulator.clock.state,
            "credentials": lambda: dict(simulator.credentials),
        }
        changes: dict[str, Reader] = {
            "reset": self._reset,
            "credentials": self._credentials,
            "clock": self._clock,
            "faults": self._fault,
            "settings": self._settings,
        }
        changes |= {f"{simulator.name}/{name}": action for name, action in simulator.actions().items()}
        routes: list[Route | Mount] = [Route(f"/_sim/{path}", self._reading(read)) for path, read in reads.items()]
        routes += [Route(f"/_sim/{path}", self._changing(do), methods=["POST"]) for path, do in changes.items()]
        routes += [Route("/_sim/{path:path}", _unknown, methods=["GET", "POST"]), Mount("/", app=self._gateway)]
        self.app = Starlette(routes=routes)
        self.wire = Wire(self.app, simulator.faults.take_refusal)
        self._gateway.wire = self.wire

    def _reading(self, read: Callable[[], Any]) -> Callable[[Request], Awaitable[JSONResponse]]:
        async def endpoint(request: Request) -> JSONResponse:
            self.wire.mark_admin(request.scope["client"])
            return JSONResponse(read())

        return endpoint

    def _changing(self, change: Reader) -> Callable[[Request], Awaitable[JSONResponse]]:
        async def endpoint(request: Request) -> JSONResponse:
            self.wire.mark_admin(request.scope["client"])
            body = await request.body()
            try:
                result = change(Fields.parse(body))
                if inspect.isawaitable(result):
                    result = await result
            except BadField as error:
                return JSONResponse({"error": str(error)}, status_code=400)
            return JSONResponse(result)

        return endpoint

    async def _reset(self, fields: Fields) -> dict[str, Any]:
        fields.end()
        self.simulator.reset()
        await self.wire.reopen_now()
        return {"reset": True}

    def _credentials(self, fields: Fields) -> dict[str, str]:
        changed = {name: fields.text(name, value) for name, value in self.simulator.credentials.items()}
        fields.end()
        self.simulator.credentials = changed
        return changed

    def _clock(self, fields: Fields) -> dict[str, object]:
        clock = self.simulator.clock
        sets_now = "now" in fields
        now = fields.moment("now") if sets_now else None
        skew = fields.number("skew_s", None)
        fields.end()
        if now is not None:
            clock.freeze(now)
        elif sets_now:
            clock.free()
        if skew is not None:
            clock.skew(skew)
        return clock.state()

    def _fault(self, fields: Fields) -> dict[str, Any]:
        fault = self.simulator.faults.add(fields)
        if fault.kind == "refuse" and fault.seconds is not None:
            self.wire.close_for(fault.seconds, lambda: self.simulator.faults.withdraw(fault))
        elif fault.kind == "refuse":
            self.wire.drop_idle()
        return fault.shown()

    def _settings(self, fields: Fields) -> dict[str, Any]:
        self.simulator.change_settings(fields)
        return self.simulator.settings()


async def _unknown(request: Request) -> JSONResponse:
    return JSONResponse({"error": f"There is no admin call {request.method} {request.url.path}."}, status_code=404)
