"""The service provider's simulator: its API and its webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, ClassVar

from simulators.exchange import Answer, Call, VendorRequest
from simulators.fields import Fields
from simulators.gateway import log_unexpected
from simulators.service_provider.api import OPERATIONS, ROOT, Result, reference_of, route
from simulators.service_provider.desk import Desk
from simulators.service_provider.errors import Refusal
from simulators.service_provider.people import People
from simulators.simulator import Action, Simulator

_KEY = "idempotency-key"


class ServiceProviderSimulator(Simulator):
    """A ticket system as service providers commonly have one; it stands for no vendor."""

    name = "service_provider"
    endpoints: ClassVar[Mapping[str, str]] = {"api": ROOT.rstrip("/"), "tickets": f"{ROOT}tickets"}
    default_credentials: ClassVar[Mapping[str, str]] = {
        "token": "demo-token-7c9e",
        "webhook_secret": "demo-webhook-secret",
    }

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.clock, lambda: self.credentials["webhook_secret"])
        self._people = People(self.desk)

    def call(self, request: VendorRequest) -> Call | None:
        """Everything under the API's path is a call, also what it does not know."""
        return ApiCall(self, request) if request.path.startswith(ROOT) else None

    def document(self, request: VendorRequest) -> Answer:
        """There are no pages."""
        return _json(404, {"message": "Not found."})

    def reset_records(self) -> None:
        """Sample data and default switches."""
        self.desk.reset()

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        tickets = list(self.desk.tickets.values())
        return {
            "ticket": [one.number for one in tickets],
            "reference": list(dict.fromkeys(one.reference for one in tickets)),
            "event": list(self.desk.settings.webhooks.event_names.values()),
            "operation": list(OPERATIONS),
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """The tickets, and every webhook."""
        return {
            "tickets": [one.shown() for one in self.desk.tickets.values()],
            "deliveries": [
                {**one.shown(), "event": self.desk.told[one.id].event} for one in self.desk.courier.deliveries
            ],
        }

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.desk.settings.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set."""
        self.desk.settings = self.desk.settings.changed(fields)

    def actions(self) -> Mapping[str, Action]:
        """What the provider's own people can do."""
        return self._people.actions()


class ApiCall:
    """One request to the API. It is read when it arrives and acted on when it is answered."""

    def __init__(self, simulator: ServiceProviderSimulator, request: VendorRequest) -> None:
        self._simulator = simulator
        self._desk = simulator.desk
        self._request = request
        self._route = route(request.method, request.path.removeprefix(ROOT))
        self.operation = self._route.operation
        self.reference = reference_of(self._desk, self._route, request)

    def answer(self) -> Answer:
        """Look at the token, act, answer."""
        try:
            self._check_token()
            return self._known_answer() or self._act()
        except Refusal as refusal:
            return self._refusal(refusal)
        except Exception:
            log_unexpected(f"service_provider {self.operation}")
            return _json(500, {"message": "Internal server error."})

    def _check_token(self) -> None:
        settings = self._desk.settings
        given = self._request.headers.get(settings.token_header.lower(), "")
        if not given:
            raise Refusal("missing_token")
        if settings.token_scheme:
            scheme, _, given = given.partition(" ")
            if scheme.lower() != settings.token_scheme.lower():
                raise Refusal("wrong_token")
        token = self._simulator.credentials["token"]
        if not compare_digest(given.strip().encode("utf-8", "replace"), token.encode()):
            raise Refusal("wrong_token")

    def _known_answer(self) -> Answer | None:
        """What the same key was answered before, where that is looked at."""
        key = self._idempotency_key()
        if key is None or key not in self._desk.answers:
            return None
        asked, answer = self._desk.answers[key]
        if asked != self._asked():
            raise Refusal("key_reused")
        return answer

    def _idempotency_key(self) -> str | None:
        looked_at = self._desk.settings.idempotency and self._request.method == "POST"
        return self._request.headers.get(_KEY) or None if looked_at else None

    def _asked(self) -> bytes:
        return self._request.path.encode() + b"\n" + self._request.body

    def _act(self) -> Answer:
        if self._route.act is None:
            raise Refusal("wrong_method" if self._route.methods else "unknown_call")
        answer = self._shown(self._route.act(self._desk, self._route.number, self._request))
        if (key := self._idempotency_key()) is not None:
            self._desk.answers[key] = (self._asked(), answer)
        return answer

    def _shown(self, result: Result) -> Answer:
        """The answer, with the ticket's number in the place that is set for it."""
        if result.ticket is None:
            return _json(result.status, result.body)
        number, place = result.ticket.number, self._desk.settings.number_place
        location = {"Location": f"{ROOT}tickets/{number}"} if self.operation == "create_ticket" else {}
        shown = {name: value for name, value in result.ticket.shown().items() if name != "number"}
        kind, _, header = place.partition(":")
        if header:
            return _json(result.status, {"ticket": shown}, **location, **{header: number})
        *path, last = kind.split(".")
        body: dict[str, Any] = {**shown, last: number}
        for name in reversed(path):
            body = {name: body}
        return _json(result.status, body, **location)

    def _refusal(self, refusal: Refusal) -> Answer:
        entry = self._desk.settings.errors[refusal.kind]
        body: dict[str, Any] = {"message": entry.message.replace("{detail}", refusal.detail)}
        if refusal.errors is not None:
            body["errors"] = dict(refusal.errors)
        headers = {}
        if refusal.kind == "wrong_method":
            headers["Allow"] = ", ".join(self._route.methods)
        if entry.status == 401:
            headers["WWW-Authenticate"] = self._desk.settings.token_scheme or "Token"
        return _json(entry.status, body, **headers)

    def wrong_credentials(self) -> Answer:
        """What a wrong token gives."""
        return self._refusal(Refusal("wrong_token"))

    def business_error(self, code: int | str, description: str) -> Answer:
        """An error with that message; its code is the HTTP status where it can be one, else 422."""
        status = code if isinstance(code, int) and 400 <= code <= 599 else 422
        return _json(status, {"message": description})


def _json(status: int, body: Any, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), "application/json", str(status), headers)
