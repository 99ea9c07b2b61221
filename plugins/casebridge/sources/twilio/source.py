"""The case source `twilio`: conversations through Twilio's Conversations API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests

from casebridge.core.conversation import Conversation
from casebridge.core.errors import NotConfigured, NotFound, Unreachable
from casebridge.core.message import Attachment, Author, Message
from casebridge.sources.base import ConversationSource
from casebridge.sources.twilio.settings import TwilioSettings
from casebridge.transport.rest import RestClient

TITLE = "Twilio"

_PAGE_SIZE = 100


class TwilioSource(ConversationSource[TwilioSettings]):
    """Twilio behind one connection."""

    name = "twilio"
    title = TITLE

    def __init__(self, settings: TwilioSettings, session: requests.Session | None = None) -> None:
        super().__init__(settings, session)
        self._client = RestClient(TITLE, settings.host, self.session, settings.timeouts)
        self._media = RestClient(TITLE, settings.media_host, self.session, settings.timeouts)

    def check(self) -> str:
        """Asks for a conversation that does not exist: only with credentials is it missed."""
        try:
            self._object(self._client, f"v1/Conversations/CH{'0' * 32}", missing="CH0")
        except NotFound:
            return f"{TITLE} accepted the account's credentials"
        return f"{TITLE} accepted the account's credentials and shows conversations"

    def conversation(self, reference: str) -> Conversation:
        """The conversation as it is now.

        Raises:
            NotFound: There is none of that SID.
            NotConfigured: It has more messages than the settings allow.
            CasebridgeError: Twilio refused, or gave no answer.
        """
        path = f"v1/Conversations/{quote(reference, safe='')}"
        about = self._object(self._client, path, missing=reference)
        people = list(self._rows(f"{path}/Participants", "participants", reference))
        customer = next((one for one in people if isinstance(one.get("messaging_binding"), Mapping)), {})
        agents = [str(one["identity"]) for one in people if one.get("identity")]
        channel, number = _address(_text(_part(customer, "messaging_binding").get("address")))
        service = _text(about.get("chat_service_sid"))
        rows = self._rows(f"{path}/Messages", "messages", reference)
        messages = [self._message(row, service, agents) for row in rows]
        last = next((one.author_email for one in reversed(messages) if one.author_email), "")
        return Conversation(
            id=reference,
            customer_number=number,
            customer_name=_text(_noted(customer).get("name")),
            agent_email=last or next((one for one in agents if "@" in one), ""),
            channel=channel,
            status=_text(about.get("state")),
            opened=_moment(about.get("date_created")),
            closed=_moment(about.get("date_updated")) if about.get("state") == "closed" else None,
            profile={str(name): _text(value) for name, value in _noted(about).items()},
            messages=tuple(messages),
        )

    def _message(self, row: Mapping[str, Any], service: str, agents: list[str]) -> Message:
        author, sent_at = _text(row.get("author")), _moment(row.get("date_created"))
        if sent_at is None:
            raise Unreachable(f"{TITLE} gave a message without its time")
        is_agent = author in agents
        return Message(
            id=str(row["sid"]),
            author=Author.AGENT if is_agent else Author.CUSTOMER,
            sent_at=sent_at,
            text=_text(row.get("body")),
            author_email=author if is_agent and "@" in author else "",
            author_name=author if is_agent and "@" not in author else "",
            attachments=tuple(self._attachment(one, service) for one in row.get("media") or ()),
        )

    def _attachment(self, told: Mapping[str, Any], service: str) -> Attachment:
        """The file with an address that needs no credentials, which Twilio gives for some minutes."""
        media = _text(told.get("sid"))
        path = f"v1/Services/{quote(service, safe='')}/Media/{quote(media, safe='')}"
        about = self._object(self._media, path, missing=media)
        size = told.get("size")
        return Attachment(
            id=media,
            name=_text(told.get("filename")) or media,
            url=_text(_part(about, "links").get("content_direct_temporary")),
            media_type=_text(told.get("content_type")),
            size=size if isinstance(size, int) else None,
        )

    def _rows(self, path: str, key: str, reference: str) -> Iterator[Mapping[str, Any]]:
        """The rows of every page. The address of the next page is followed at our own host only."""
        query: list[tuple[str, str]] = [("PageSize", str(_PAGE_SIZE))]
        count = 0
        while True:
            page = self._object(self._client, path, missing=reference, params=query)
            for row in page.get(key) or ():
                count += 1
                if count > self.settings.most_messages:
                    raise NotConfigured(
                        f"conversation {reference} has more than {self.settings.most_messages} {key}; "
                        f'raise "most_messages" in the connection of {TITLE}'
                    )
                yield row
            following = _part(page, "meta").get("next_page_url")
            if not following:
                return
            query = parse_qsl(urlsplit(str(following)).query)

    def _object(
        self, client: RestClient, path: str, *, missing: str, params: list[tuple[str, str]] | None = None
    ) -> dict[str, Any]:
        pair = f"{self.settings.login}:{self.settings.password.get_secret_value()}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        answer = client.send("GET", path, headers=headers, params=params)
        if answer.status_code == requests.codes.not_found:
            raise NotFound(f"{TITLE} has no {missing} in this account")
        client.check(answer)
        found = client.body(answer)
        if not isinstance(found, dict):
            raise Unreachable(f"{TITLE} gave an answer that cannot be read")
        return found


def connect(settings: TwilioSettings, session: requests.Session | None = None) -> TwilioSource:
    """The case source behind these settings."""
    return TwilioSource(settings, session)


def _address(text: str) -> tuple[str, str]:
    """Channel and number of an address such as `whatsapp:+39333...`; a bare number is one of SMS."""
    channel, named, number = text.rpartition(":")
    return (channel, number) if named else ("sms" if number else "", number)


def _noted(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes, which are JSON in a text."""
    try:
        found = json.loads(told.get("attributes") or "{}")
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
