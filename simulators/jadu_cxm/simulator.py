"""The Jadu CXM simulator: the service API under its path, the pages of the cases beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from simulators.exchange import Answer, Call, VendorRequest
from simulators.fields import Fields
from simulators.gateway import log_unexpected
from simulators.jadu_cxm import pages
from simulators.jadu_cxm.case_system import CaseSystem
from simulators.jadu_cxm.errors import Refusal
from simulators.jadu_cxm.operations import Asked, Route, json_object, route
from simulators.jadu_cxm.staff import Staff
from simulators.jadu_cxm.values import stamp
from simulators.simulator import Action, Simulator

_ROOT = "/api/service-api/"
#: The name of the one service API that the invented council has configured.
_API = "council"


class JaduCxmSimulator(Simulator):
    """Tells the vendor's truth as its documents and public clients show it."""

    name = "jadu_cxm"
    endpoints: ClassVar[Mapping[str, str]] = {
        "service_api": _ROOT + _API,
        "case_page": "/q/case/{reference}/timeline",
    }
    default_credentials: ClassVar[Mapping[str, str]] = {
        "api_key": "demo-api-key",
        "username": "integration@example.org",
        "password": "demo-password",
        "webhook_secret": "demo-webhook-secret",
    }

    def __init__(self) -> None:
        super().__init__()
        self.system = CaseSystem(self.clock, lambda: self.credentials["webhook_secret"])
        self.staff = Staff(self.system)

    def call(self, request: VendorRequest) -> Call | None:
        """Everything under the service API's path is a call, also what it does not know."""
        return ServiceCall(self, request) if request.path.startswith(_ROOT) else None

    def document(self, request: VendorRequest) -> Answer:
        """A case's page, the list of cases, or "not found"."""
        return pages.page(self.system, request)

    def reset_records(self) -> None:
        """Sample data and default switches."""
        self.system.reset()

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        system = self.system
        cases = list(system.cases.values())
        kind = cases[0].type if cases else next(iter(system.types.values()))
        people = [system.persons[case.person] for case in cases if case.person] + list(system.persons.values())
        status = cases[0].status if cases else kind.initial
        return {
            "case": [case.reference for case in cases],
            "case_type": _unique([kind.name, *system.types]),
            "transition": [one.name for one in kind.transitions.values() if status in one.start],
            "field": [one.name for one in kind.fields.values() if one.visible and "edit" in one.forms],
            "reference_field": [one.name for one in kind.fields.values() if one.kind == "reference"],
            "filter": list(system.filters),
            "person": _unique(person.reference for person in people),
            "user": _unique(person.email for person in people if person.email),
            "uprn": _unique([*(case.address for case in cases if case.address), *system.addresses]),
            "event": list(system.settings.webhooks.event_names),
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """All that is held, and every webhook delivery."""
        system = self.system
        return {
            "cases": [case.shown() for case in system.cases.values()],
            "deliveries": [delivery.shown() for delivery in system.courier.deliveries],
            "rules": [rule.shown() for rule in system.rules.values()],
            "webhooks": [webhook.shown() for webhook in system.webhooks.values()],
            "sign_ins": system.sign_ins.shown(),
            "persons": [person.shown() for person in system.persons.values()],
            "addresses": [address.shown() for address in system.addresses.values()],
            "filters": [one.shown() for one in system.filters.values()],
            "case_types": [one.shown() for one in system.types.values()],
        }

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.system.settings.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set."""
        self.system.settings = self.system.settings.changed(fields)

    def actions(self) -> Mapping[str, Action]:
        """What the council's own people can do, and what becomes of webhooks."""
        return self.staff.actions()


def _unique(ids: Any) -> list[str]:
    return list(dict.fromkeys(ids))


class ServiceCall:
    """One request to the service API. It is read when it arrives and acted on when it is answered."""

    def __init__(self, simulator: JaduCxmSimulator, request: VendorRequest) -> None:
        self._simulator = simulator
        self._request = request
        self._api, _, path = request.path.removeprefix(_ROOT).partition("/")
        self._query = dict(parse_qsl(request.query, keep_blank_values=True, max_num_fields=None))
        self._route: Route = route(request.method, path)

    @property
    def operation(self) -> str | None:
        """The name of the call; None where the path is no call."""
        return self._route.operation

    @property
    def reference(self) -> str | None:
        """The reference of the case in the path; a create has none yet."""
        return self._route.names.get("reference")

    def answer(self) -> Answer:
        """Look at key and token, act, answer."""
        settings = self._simulator.system.settings
        try:
            return _json(settings.success_status.get(self.operation or "", 200), self._act())
        except Refusal as refusal:
            entry = settings.errors[refusal.kind]
            body: dict[str, Any] = {"message": entry.message.replace("{detail}", refusal.detail)}
            if refusal.errors is not None:
                body["errors"] = dict(refusal.errors)
            answer = _json(entry.status, body)
            if refusal.kind == "wrong_method":
                return Answer(
                    answer.status, answer.body, answer.content_type, answer.code, {"Allow": ", ".join(self._allowed)}
                )
            return answer
        except Exception:
            log_unexpected(f"jadu_cxm {self.operation}")
            return _json(500, {"message": "Internal server error."})

    @property
    def _allowed(self) -> tuple[str, ...]:
        return self._route.methods

    def _act(self) -> Any:
        if self._api != _API:
            raise Refusal("unknown_api", self._api)
        self._check_key()
        if self._route.operation is None:
            raise Refusal("wrong_method" if self._allowed else "unknown_call")
        if self._route.act is None:
            return self._sign_in()
        asked = Asked(self._route.names, self._query, self._request, self._user())
        return self._route.act(self._simulator.system, asked)

    def _check_key(self) -> None:
        """The key is in the header or in the query (both FACT); where both are, the header counts (ASSUMED)."""
        key = self._request.headers.get("x-api-key") or self._query.get("key")
        if not key:
            raise Refusal("missing_key")
        if not _same(key, self._simulator.credentials["api_key"]):
            raise Refusal("wrong_key")

    def _user(self) -> str | None:
        """Who has signed in, by the token in the header or in the query."""
        system = self._simulator.system
        token = self._request.headers.get("x-api-token") or self._query.get("token")
        if not token:
            if system.settings.token_required:
                raise Refusal("missing_token")
            return None
        user = system.sign_ins.user(token, system.clock.now(), system.settings.token_lifetime_s)
        if user is None:
            raise Refusal("wrong_token")
        return user

    def _sign_in(self) -> dict[str, Any]:
        given, accepted = json_object(self._request.body), self._simulator.credentials
        if not all(_same(given.get(name), accepted[name]) for name in ("username", "password")):
            raise Refusal("wrong_sign_in")
        system = self._simulator.system
        made = system.sign_ins.add(accepted["username"], system.clock.now())
        return {"id": made.id, "created_at": stamp(made.created_at, system.settings), "token": made.token}

    def wrong_credentials(self) -> Answer:
        """What a wrong key gives; for a sign-in, what a wrong password gives."""
        kind = "wrong_sign_in" if self.operation == "sign_in" else "wrong_key"
        entry = self._simulator.system.settings.errors[kind]
        return _json(entry.status, {"message": entry.message})

    def business_error(self, code: int | str, description: str) -> Answer:
        """An error with that message; its code is the HTTP status where it can be one, else 422."""
        status = code if isinstance(code, int) and 400 <= code <= 599 else 422
        return _json(status, {"message": description})


def _same(given: object, accepted: str) -> bool:
    return isinstance(given, str) and compare_digest(given.encode("utf-8", "replace"), accepted.encode())


def _json(status: int, body: Any) -> Answer:
    """The answer; CXM has no result codes of its own, so its code is the HTTP status."""
    return Answer(status, json.dumps(body).encode(), "application/json", str(status))
