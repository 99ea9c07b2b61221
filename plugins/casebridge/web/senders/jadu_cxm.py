"""Webhooks of Jadu CXM. Their shape is ASSUMED: it stands in `profile.yaml`."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.web.json_body import find_text, parse_object
from casebridge.web.openapi import REFUSED_AS_JSON, refusals
from casebridge.web.refusal import Refusal
from casebridge.web.sender import check_content_type
from casebridge.web.settings import InboxSettings
from casebridge.web.signature import sign
from casebridge.web.wording import checked, digest


class JaduCxm:
    """Takes an event of a case. Names and references are kept; nothing personal is.

    Args:
        settings: The secret, the profile and the window of time.
        now: The time.
    """

    system = "jadu_cxm"

    def __init__(self, settings: InboxSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._secret = settings.jadu_cxm_secret.get_secret_value().encode()
        self._profile = settings.profile.jadu_cxm
        self._window = timedelta(minutes=settings.window_min)
        self._now = now

    def read(self, request: Request, body: bytes) -> Arrival:
        """The event in a webhook."""
        if not self._secret:
            raise Refusal(500, "the secret of this system is not configured")
        check_content_type(request, self._profile.content_types)
        self._authenticate(request, body)
        payload = parse_object(body)
        found = {name: find_text(payload, path, name) for name, path in self._profile.paths}
        for name in ("event", "case_reference"):
            if not found[name]:
                raise Refusal(400, f"{name} is missing")
        self._check_time(found["occurred_at"])
        delivery = found.pop("delivery_id") or self._header_of_delivery(request)
        return Arrival(
            system=self.system,
            kind=ArrivalKind.CASE_EVENT,
            key=self._key(delivery, found),
            subject=found["case_reference"],
            event=found["event"],
            details={name: found[name] for name in ("case_type", "status", "transition", "from_status", "occurred_at")},
        )

    def accepted(self, request: Request, arrival: Arrival, *, stored: bool) -> Response:
        """202: it will be looked at."""
        return JSONResponse({"stored": stored}, 202)

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """The reason in JSON."""
        return JSONResponse({"error": refusal.reason}, refusal.status, refusal.headers)

    @property
    def openapi(self) -> dict[str, Any]:
        """The request and its answers, with the shape of the profile."""
        signature = {
            "name": self._profile.signature.header,
            "in": "header",
            "required": True,
            "schema": {"type": "string", "example": f"{self._profile.signature.prefix}0123abcd"},
            "description": f"HMAC-{self._profile.signature.algorithm.upper()} of the body's bytes with the secret.",
        }
        paths = self._profile.paths
        required = [paths.event, paths.case_reference]
        if self._profile.untimed == "refuse" and not self._profile.delivery_header:
            required.append(paths.occurred_at or paths.delivery_id)
        schema = _schema([path for _, path in paths if path], required)
        accepted = {"type": "object", "properties": {"stored": {"type": "boolean"}}, "required": ["stored"]}
        return {
            "parameters": [signature],
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
        given = request.headers.getlist(self._profile.signature.header)
        expected = sign(self._profile.signature, self._secret, body)
        # Bytes of any kind can be compared, and it takes as long for a near miss as for a wild guess.
        if len(given) != 1 or not hmac.compare_digest(expected, given[0].encode("latin-1", "replace")):
            raise Refusal(401, "the signature is missing or wrong")

    def _check_time(self, text: str) -> None:
        if not text:
            return
        try:
            told = datetime.fromisoformat(text)
            if told.tzinfo is None:
                told = told.replace(tzinfo=ZoneInfo(self._profile.timezone))
            away = abs(self._now() - told)
        except (ValueError, OverflowError):
            raise Refusal(400, "occurred_at is not a time in ISO 8601") from None
        if self._window and away > self._window:
            raise Refusal(400, "occurred_at is too far from now")

    def _header_of_delivery(self, request: Request) -> str:
        name = self._profile.delivery_header
        return checked("the delivery id", request.headers.get(name, "")) if name else ""

    def _key(self, delivery: str, found: dict[str, str]) -> str:
        if delivery:
            return digest("delivery", delivery)
        if found["occurred_at"]:
            parts = ("event", "case_reference", "transition", "status", "occurred_at")
            return digest("event", *(found[name] for name in parts))
        if self._profile.untimed == "accept":
            return digest("untimed", str(uuid.uuid4()))
        raise Refusal(400, "occurred_at is missing, and there is no delivery id")


def _schema(paths: list[str], required: list[str]) -> dict[str, Any]:
    """The JSON schema of an object with texts at these paths."""
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    for path in paths:
        part = schema
        *parents, last = path.split(".")
        for word in parents:
            part = part["properties"].setdefault(word, {"type": "object", "properties": {}})
        part["properties"][last] = {"type": "string", "maxLength": 200}
    for path in required:
        part = schema
        for word in path.split("."):
            names = part.setdefault("required", [])
            names += [] if word in names else [word]
            part = part["properties"][word]
            part.pop("minLength", None)
        part["minLength"] = 1
    return schema


def make(settings: InboxSettings) -> JaduCxm:
    """The sender, with its secret."""
    return JaduCxm(settings)
