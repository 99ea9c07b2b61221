"""What the senders of conversations have in common: how they answer, and what becomes of an event."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.core.conversation import CASE_TYPE, CLOSED, CLOSED_EVENT
from casebridge.web.openapi import REFUSED_AS_JSON, refusals
from casebridge.web.refusal import Refusal

_NO_CASE = "it does not close a conversation"
_ACCEPTED = {"type": "object", "properties": {"stored": {"type": "boolean"}}, "required": ["stored"]}


class ConversationSender:
    """Takes the events of a desk for messages. Only that a conversation is closed starts anything.

    Args:
        secret: The desk's secret; empty: everything is refused.
        now: The time.
    """

    system: str
    signature_header: str
    content_types: tuple[str, ...]

    def __init__(self, secret: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._secret = secret.encode()
        self._now = now

    def accepted(self, request: Request, arrival: Arrival, *, stored: bool) -> Response:
        """202: it will be looked at."""
        return JSONResponse({"stored": stored}, 202)

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """The reason in JSON."""
        return JSONResponse({"error": refusal.reason}, refusal.status, refusal.headers)

    @property
    def openapi(self) -> dict[str, Any]:
        """The request and its answers."""
        header = {"name": self.signature_header, "in": "header", "required": True, "schema": {"type": "string"}}
        return {
            "parameters": [header],
            "requestBody": {"required": True, "content": {name: {"schema": {}} for name in self.content_types}},
            "responses": {
                "202": {
                    "description": "It is in the inbox: newly stored, or as a repetition.",
                    "content": {"application/json": {"schema": _ACCEPTED}},
                },
                **refusals(REFUSED_AS_JSON),
            },
        }

    def _need_secret(self) -> None:
        if not self._secret:
            raise Refusal(500, "the secret of this system is not configured")

    def _compare(self, request: Request, expected: bytes) -> None:
        """Bytes of any kind can be compared, and it takes as long for a near miss as for a wild guess."""
        given = request.headers.getlist(self.signature_header)
        if len(given) != 1 or not hmac.compare_digest(expected, given[0].encode("latin-1", "replace")):
            raise Refusal(401, "the signature is missing or wrong")

    def _check_time(self, seconds: str, window: timedelta) -> datetime:
        try:
            told = datetime.fromtimestamp(float(seconds), UTC)
        except (ValueError, OverflowError, OSError):
            raise Refusal(400, "the timestamp is not a number of seconds") from None
        if abs(self._now() - told) > window:
            raise Refusal(400, "the timestamp is too far from now")
        return told

    def _arrival(
        self,
        reference: str,
        *,
        key: str,
        event: str,
        is_closed: bool,
        occurred_at: str = "",
        content: Mapping[str, str] | None = None,
    ) -> Arrival:
        if not reference:
            raise Refusal(400, "the id of the conversation is missing")
        if not is_closed:
            return Arrival(self.system, ArrivalKind.NOTICE, key, reference, event, {"why": _NO_CASE})
        details = {"case_type": CASE_TYPE, "status": CLOSED, "occurred_at": occurred_at}
        return Arrival(
            system=self.system,
            kind=ArrivalKind.CASE_EVENT,
            key=key,
            subject=reference,
            event=CLOSED_EVENT,
            details={name: text for name, text in details.items() if text},
            content=None if content is None else dict(content),
        )
