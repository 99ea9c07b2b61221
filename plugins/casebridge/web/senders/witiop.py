"""Callbacks of WitiOp. Their shape is ASSUMED: it stands in `profile.yaml`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request

from casebridge.core.arrival import Arrival
from casebridge.web.conversation_event import ConversationSender
from casebridge.web.json_body import find_text, parse_object
from casebridge.web.refusal import Refusal
from casebridge.web.sender import check_content_type
from casebridge.web.settings import InboxSettings
from casebridge.web.signature import sign
from casebridge.web.wording import UNFIT_IN_TEXT, digest


class Witiop(ConversationSender):
    """Takes a closed conversation, whole: nobody is known who could be asked for it later.

    Args:
        settings: The secret and the profile.
        now: The time.
    """

    system = "witiop"

    def __init__(self, settings: InboxSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(settings.witiop_secret.get_secret_value(), now=now)
        self._profile = settings.profile.witiop
        self.signature_header = self._profile.signature.header
        self.content_types = self._profile.content_types

    def read(self, request: Request, body: bytes) -> Arrival:
        """The conversation in a callback."""
        self._need_secret()
        check_content_type(request, self.content_types)
        moment = request.headers.get(self._profile.timestamp_header, "")
        self._compare(
            request, sign(self._profile.signature, self._secret, moment.encode("latin-1", "replace") + b"." + body)
        )
        self._check_time(moment, timedelta(seconds=self._profile.window_s))
        payload, paths = parse_object(body), self._profile.paths
        event = find_text(payload, paths.event, "event")
        if not event:
            raise Refusal(400, "event is missing")
        is_closed = event in self._profile.closed_events
        event_id = find_text(payload, paths.event_id, "event_id")
        return self._arrival(
            find_text(payload, paths.conversation_id, "conversation_id"),
            key=digest("event", event_id) if event_id else digest("body", body.decode()),
            event=event,
            is_closed=is_closed,
            occurred_at=find_text(payload, paths.occurred_at, "occurred_at"),
            content={"conversation": self._conversation(payload)} if is_closed else None,
        )

    def _conversation(self, payload: dict[str, Any]) -> str:
        value: Any = payload
        for word in self._profile.paths.conversation.split("."):
            value = value.get(word) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            raise Refusal(400, "the conversation is missing")
        return json.dumps(_fit(value), ensure_ascii=False)


def _fit(value: Any) -> Any:
    """The value without characters that no database takes."""
    match value:
        case str():
            return UNFIT_IN_TEXT.sub("\N{REPLACEMENT CHARACTER}", value)
        case list():
            return [_fit(one) for one in value]
        case dict():
            return {_fit(name): _fit(one) for name, one in value.items()}
    return value


def make(settings: InboxSettings) -> Witiop:
    """The sender, with its secret."""
    return Witiop(settings)
