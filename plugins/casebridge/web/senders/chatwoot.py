"""Webhooks of Chatwoot: a hint that a conversation was resolved (chatwoot/docs, webhook-events.md)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fastapi import Request

from casebridge.core.arrival import Arrival
from casebridge.web.conversation_event import ConversationSender
from casebridge.web.json_body import find_text, parse_object
from casebridge.web.refusal import Refusal
from casebridge.web.sender import check_content_type
from casebridge.web.settings import InboxSettings
from casebridge.web.wording import checked, digest

_WINDOW = timedelta(minutes=5)
_EVENTS = ("conversation_status_changed", "conversation_resolved")
"""The second is the older, deprecated one."""


class Chatwoot(ConversationSender):
    """Takes a changed status. The conversation itself is fetched later, and nothing of it is kept.

    Args:
        settings: The secret.
        now: The time.
    """

    system = "chatwoot"
    signature_header = "X-Chatwoot-Signature"
    content_types = ("application/json",)

    def __init__(self, settings: InboxSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(settings.chatwoot_secret.get_secret_value(), now=now)

    def read(self, request: Request, body: bytes) -> Arrival:
        """The event in a webhook."""
        self._need_secret()
        check_content_type(request, self.content_types)
        moment = request.headers.get("X-Chatwoot-Timestamp", "")
        signed = hmac.new(self._secret, moment.encode("latin-1", "replace") + b"." + body, hashlib.sha256)
        self._compare(request, f"sha256={signed.hexdigest()}".encode())
        told = self._check_time(moment, _WINDOW)
        payload = parse_object(body)
        event, status = find_text(payload, "event", "event"), find_text(payload, "status", "status")
        if not event:
            raise Refusal(400, "event is missing")
        delivery = checked("the delivery id", request.headers.get("X-Chatwoot-Delivery", ""))
        return self._arrival(
            find_text(payload, "id", "id"),
            key=digest("delivery", delivery) if delivery else digest("body", body.decode()),
            event=event,
            is_closed=event in _EVENTS and status == "resolved",
            occurred_at=told.isoformat(),
        )


def make(settings: InboxSettings) -> Chatwoot:
    """The sender, with its secret."""
    return Chatwoot(settings)
