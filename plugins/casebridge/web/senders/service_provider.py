"""Webhooks of a service provider: an update text, a solution, or that a ticket is closed. Their shape is ASSUMED."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.web.json_body import find_long_text, find_text, parse_object
from casebridge.web.openapi import REFUSED_AS_JSON, refusals
from casebridge.web.refusal import Refusal
from casebridge.web.sender import check_content_type
from casebridge.web.settings import InboxSettings
from casebridge.web.signature import sign
from casebridge.web.wording import checked, digest

_LARGEST = 2**63 - 1


class ServiceProvider:
    """Takes what happened to a ticket. The texts are kept with it until they are on the case.

    Args:
        settings: The secret, the profile and the window of time.
        now: The time.
    """

    system = "service_provider"

    def __init__(self, settings: InboxSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._secret = settings.service_provider_secret.get_secret_value().encode()
        self._profile = settings.profile.service_provider
        self._window = timedelta(minutes=settings.window_min)
        self._now = now

    def read(self, request: Request, body: bytes) -> Arrival:
        """The event in a webhook."""
        if not self._secret:
            raise Refusal(500, "the secret of this system is not configured")
        check_content_type(request, self._profile.content_types)
        self._authenticate(request, body)
        payload, paths = parse_object(body), self._profile.paths
        event = find_text(payload, paths.event, "event")
        ticket = find_text(payload, paths.ticket, "ticket")
        if not event or not ticket:
            raise Refusal(400, "event is missing" if not event else "ticket is missing")
        says = self._profile.events.get(event, "")
        own = find_text(payload, paths.origin, "origin") == self._profile.own_origin != ""
        why = "it tells what we wrote ourselves" if own else ("" if says else "nothing is known of such an event")
        details = {"reference": find_text(payload, paths.reference, "reference"), "why": why}
        sequence = find_text(payload, paths.sequence, "sequence")
        return Arrival(
            system=self.system,
            kind=ArrivalKind.NOTICE if why else ArrivalKind.RECORD_UPDATE,
            key=digest("delivery", self._delivery(request, payload) or digest(body.decode("utf-8", "replace"))),
            subject=ticket,
            event=event,
            details={name: text for name, text in details.items() if text},
            position=int(sequence) if sequence.isascii() and sequence.isdigit() and int(sequence) <= _LARGEST else 0,
            content=None if why else self._content(payload, says),
        )

    def accepted(self, request: Request, arrival: Arrival, *, stored: bool) -> Response:
        """202: it will be brought to the cases that hold the ticket."""
        return JSONResponse({"stored": stored}, 202)

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """The reason in JSON."""
        return JSONResponse({"error": refusal.reason}, refusal.status, refusal.headers)

    @property
    def openapi(self) -> dict[str, Any]:
        """The request and its answers, with the shape of the profile."""
        accepted = {"type": "object", "properties": {"stored": {"type": "boolean"}}, "required": ["stored"]}
        headers = {
            self._profile.signature.header: f"HMAC-{self._profile.signature.algorithm.upper()} with the secret.",
            self._profile.timestamp_header: "Seconds since 1970.",
            self._profile.delivery_header: "Id of the delivery.",
        }
        schema: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for path in (self._profile.paths.event, self._profile.paths.ticket):
            part = schema
            *parents, last = path.split(".")
            for word in parents:
                part["required"] = sorted({*part.get("required", []), word})
                part = part["properties"].setdefault(word, {"type": "object", "properties": {}})
            part["required"] = sorted({*part.get("required", []), last})
            part["properties"][last] = {"type": "string", "minLength": 1, "maxLength": 200}
        return {
            "parameters": [
                {"name": name, "in": "header", "schema": {"type": "string"}, "description": text}
                for name, text in headers.items()
                if name
            ],
            "requestBody": {
                "required": True,
                "content": {name: {"schema": schema} for name in self._profile.content_types},
            },
            "responses": {
                "202": {
                    "description": "It is in the inbox: newly stored, or as a repetition.",
                    "content": {"application/json": {"schema": accepted}},
                },
                **refusals(REFUSED_AS_JSON),
            },
        }

    def _authenticate(self, request: Request, body: bytes) -> None:
        how, moment = self._profile.signature, ""
        if self._profile.timestamp_header:
            moment = request.headers.get(self._profile.timestamp_header, "")
        signed = body if self._profile.signed == "body" else moment.encode("latin-1", "replace") + b"." + body
        given = request.headers.getlist(how.header)
        expected = sign(how, self._secret, signed)
        if len(given) != 1 or not hmac.compare_digest(expected, given[0].encode("latin-1", "replace")):
            raise Refusal(401, "the signature is missing or wrong")
        if self._profile.timestamp_header and self._window:
            self._check_time(moment)

    def _check_time(self, text: str) -> None:
        try:
            away = abs(self._now() - datetime.fromtimestamp(float(text), UTC))
        except (ValueError, OverflowError, OSError):
            raise Refusal(400, "the timestamp is not a number of seconds") from None
        if away > self._window:
            raise Refusal(400, "the timestamp is too far from now")

    def _delivery(self, request: Request, payload: dict[str, Any]) -> str:
        if name := self._profile.delivery_header:
            return checked("the delivery id", request.headers.get(name, ""))
        return find_text(payload, self._profile.paths.delivery_id, "delivery_id")

    def _content(self, payload: dict[str, Any], says: str) -> dict[str, str]:
        """What is known of the ticket now, by the names of the incoming action type."""
        paths = self._profile.paths
        texts = {"status": find_text(payload, paths.status, "status")}
        if says == "updated":
            texts["update_text"] = find_long_text(payload, paths.update_text, "update_text")
            texts["update_author"] = find_long_text(payload, paths.update_author, "update_author")
        else:
            texts["solution"] = find_long_text(payload, paths.solution, "solution")
        if says == "closed":
            texts["closing_note"] = find_long_text(payload, paths.closing_note, "closing_note")
            texts["closed"] = "yes"
        return {name: text for name, text in texts.items() if text}


def make(settings: InboxSettings) -> ServiceProvider:
    """The sender, with its secret."""
    return ServiceProvider(settings)
