"""Webhooks of Twilio Conversations: a hint that a conversation was closed, as a form or through Event Streams.

FACT: the members, and the signature of a form. ASSUMED: the form has the members of the event beside EventType; a JSON
body is signed by its SHA-256 in the address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request

from casebridge.core.arrival import Arrival
from casebridge.web.conversation_event import ConversationSender
from casebridge.web.json_body import find_text
from casebridge.web.refusal import Refusal
from casebridge.web.sender import check_content_type
from casebridge.web.settings import InboxSettings
from casebridge.web.wording import digest

_FORM = "application/x-www-form-urlencoded"
_UPDATED = ("onConversationStateUpdated", "com.twilio.conversations.conversation-state.updated")
_MOST_PARAMETERS = 200


class Twilio(ConversationSender):
    """Takes a changed state. The conversation itself is fetched later, and nothing of it is kept.

    Args:
        settings: The auth token, and how the inbox is called from outside: Twilio signs the address.
        now: The time.
    """

    system = "twilio"
    signature_header = "X-Twilio-Signature"
    content_types = (_FORM, "application/json")

    def __init__(self, settings: InboxSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(settings.twilio_secret.get_secret_value(), now=now)
        self._public_url = settings.public_url

    def read(self, request: Request, body: bytes) -> Arrival:
        """The event in a webhook."""
        self._need_secret()
        check_content_type(request, self.content_types)
        is_form = request.headers["content-type"].partition(";")[0].strip().lower() == _FORM
        payload = self._form(request, body) if is_form else self._event(request, body)
        event = find_text(payload, "EventType", "EventType")
        texts = {name: find_text(payload, name, name) for name in ("ConversationSid", "StateTo", "StateUpdated")}
        return self._arrival(
            texts["ConversationSid"],
            key=digest("state", *texts.values()) if texts["StateUpdated"] else digest("body", body.decode()),
            event=event or "event",
            is_closed=event in _UPDATED and texts["StateTo"] == "closed",
            occurred_at=texts["StateUpdated"],
        )

    def _form(self, request: Request, body: bytes) -> dict[str, Any]:
        try:
            parameters = parse_qsl(
                body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
            )
        except ValueError:
            raise Refusal(400, "the body is not a form") from None
        self._check(request, "".join(name + value for name, value in sorted(parameters)))
        return dict(parameters)

    def _event(self, request: Request, body: bytes) -> dict[str, Any]:
        self._check(request, "")
        told = request.query_params.get("bodySHA256", "").lower()
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), told.encode("utf-8", "replace")):
            raise Refusal(401, "the signature is missing or wrong")
        try:
            events = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Refusal(400, "the body is not JSON") from None
        listed = events if isinstance(events, list) else [events]
        if len(listed) != 1 or not isinstance(listed[0], dict):
            raise Refusal(400, "the body is not one event; switch batching off in the sink")
        data = listed[0].get("data")
        return {**(data if isinstance(data, dict) else {}), "EventType": listed[0].get("type")}

    def _check(self, request: Request, parameters: str) -> None:
        address = str(request.url)
        if self._public_url:
            query = f"?{request.url.query}" if request.url.query else ""
            address = f"{self._public_url}{request.url.path}{query}"
        signed = hmac.new(self._secret, (address + parameters).encode("utf-8", "replace"), hashlib.sha1)
        self._compare(request, base64.b64encode(signed.digest()))


def make(settings: InboxSettings) -> Twilio:
    """The sender, with its secret."""
    return Twilio(settings)
