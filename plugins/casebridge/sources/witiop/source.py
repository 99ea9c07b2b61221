"""The case source `witiop`: a conversation is what its callback told, or else what WitiOp's API answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from casebridge.core.conversation import Conversation
from casebridge.core.errors import NotConfigured, NotFound, RefusedByTarget
from casebridge.sources.base import ConversationSource
from casebridge.sources.witiop.profile import read_profile
from casebridge.sources.witiop.reader import read_conversation
from casebridge.sources.witiop.settings import WitiopSettings
from casebridge.transport.rest import RestClient

log = logging.getLogger(__name__)

TITLE = "WitiOp"


class WitiopSource(ConversationSource[WitiopSettings]):
    """WitiOp behind one connection."""

    name = "witiop"
    title = TITLE

    def __init__(self, settings: WitiopSettings, session: requests.Session | None = None) -> None:
        super().__init__(settings, session)
        self._profile = read_profile(settings.profile)
        self._client = RestClient(TITLE, settings.host, self.session, settings.timeouts)

    def check(self) -> str:
        """Asks for the list of conversations, which needs the token."""
        self._get(self._profile.list_path)
        return f"{TITLE} accepted the API access token and lists conversations"

    def conversation(self, reference: str) -> Conversation:
        """The conversation as the last callback told it, or else as the API answers.

        Raises:
            NotFound: Nothing was told of it, and WitiOp has none of that id.
            CasebridgeError: WitiOp refused, or gave no answer.
        """
        told = self._kept(reference).get("conversation")
        if told is None:
            told = self._get(self._profile.read_path.replace("{id}", quote(reference, safe="")), missing=reference)
        return read_conversation(reference, told, self._profile, timezone=self.settings.timezone)

    def remember(self, reference: str, told: Mapping[str, str], *, event: str, position: int) -> None:
        """The conversation is as the callback tells it; an older one changes nothing.

        Raises:
            NotConfigured: The integration is disabled, or there is no database to keep it in.
        """
        if not self.enabled:
            raise NotConfigured(f"{TITLE} is disabled in its settings: {event} of {reference} starts nothing")
        if self.shelf is None:
            raise NotConfigured(f"what {TITLE} tells needs casebridge's database")
        conversation = json.loads(told["conversation"])
        if not self.shelf.put(reference, {"conversation": conversation}, position=position):
            log.info("A later callback has told of conversation %s already", reference)

    def _get(self, path: str, *, missing: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.settings.password.get_secret_value()}"}
        answer = self._client.send("GET", path, headers=headers)
        if missing and answer.status_code == requests.codes.not_found:
            raise NotFound(f"{TITLE} has no conversation {missing}")
        self._client.check(answer)
        body = self._client.body(answer)
        if not isinstance(body, dict):
            raise RefusedByTarget(f"{TITLE} did not answer with an object; look at the connection's profile")
        return body


def connect(settings: WitiopSettings, session: requests.Session | None = None) -> WitiopSource:
    """The case source behind these settings."""
    return WitiopSource(settings, session)
