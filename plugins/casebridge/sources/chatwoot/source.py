"""The case source `chatwoot`: conversations through Chatwoot's API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import requests

from casebridge.core.conversation import CLOSED, Conversation
from casebridge.core.errors import NotConfigured, NotFound, Unreachable
from casebridge.core.message import Attachment, Author, Message
from casebridge.sources.base import ConversationSource
from casebridge.sources.chatwoot.settings import ChatwootSettings
from casebridge.transport.rest import RestClient

TITLE = "Chatwoot"

_RESOLVED = "resolved"
_AUTHORS = {0: Author.CUSTOMER, 1: Author.AGENT}
"""`message_type` of what was said; 2 is an activity such as closing, 3 a template (chatwoot/docs, API reference)."""
_CHANNEL = "Channel::"


class ChatwootSource(ConversationSource[ChatwootSettings]):
    """Chatwoot behind one connection."""

    name = "chatwoot"
    title = TITLE

    def __init__(self, settings: ChatwootSettings, session: requests.Session | None = None) -> None:
        super().__init__(settings, session)
        address = f"{settings.host}/api/v1/accounts/{settings.account}"
        self._client = RestClient(TITLE, address, self.session, settings.timeouts)

    def check(self) -> str:
        """Asks for the agents, which needs the token."""
        return f"{TITLE} accepted the access token and lists {len(self._agents())} agents"

    def conversation(self, reference: str) -> Conversation:
        """The conversation as it is now.

        Raises:
            NotFound: There is none of that id.
            NotConfigured: It has more messages than the settings allow.
            CasebridgeError: Chatwoot refused, or gave no answer.
        """
        path = f"conversations/{quote(reference, safe='')}"
        about = self._object(path, missing=reference)
        agents = self._agents()
        messages = self._messages(path, reference, agents)
        meta = _part(about, "meta")
        customer, assignee = _part(meta, "sender"), _part(meta, "assignee")
        number = _text(customer.get("phone_number")) or _text(_part(about, "contact_inbox").get("source_id"))
        name = _text(customer.get("name"))
        status = _text(about.get("status"))
        noted = _part(about, "custom_attributes")
        return Conversation(
            id=reference,
            customer_number=number,
            customer_name="" if name == number else name,
            agent_email=agents.get(assignee.get("id"), "") or _text(assignee.get("email")),
            agent_name=_text(assignee.get("name")),
            channel=_text(about.get("channel")).removeprefix(_CHANNEL).lower(),
            status=CLOSED if status == _RESOLVED else status,
            opened=messages[0].sent_at if messages else None,
            profile={str(key): _text(value) for key, value in noted.items()},
            messages=tuple(messages),
        )

    def _messages(self, path: str, reference: str, agents: Mapping[Any, str]) -> list[Message]:
        """All messages, read from the newest page backwards."""
        rows: dict[int, Mapping[str, Any]] = {}
        before: int | None = None
        while True:
            query = {} if before is None else {"before": before}
            page = self._object(f"{path}/messages", missing=reference, params=query).get("payload")
            new = {int(row["id"]): row for row in page or () if int(row["id"]) not in rows}
            if not new:
                break
            rows |= new
            before = min(new)
            if len(rows) > self.settings.most_messages:
                raise NotConfigured(
                    f"conversation {reference} has more than {self.settings.most_messages} messages; "
                    f'raise "most_messages" in the connection of {TITLE}'
                )
        ordered = sorted(rows.values(), key=lambda row: (row["created_at"], row["id"]))
        return [
            _message(row, agents) for row in ordered if row.get("message_type") in _AUTHORS and not row.get("private")
        ]

    def _agents(self) -> dict[Any, str]:
        """The e-mails of the agents by their ids: a conversation's assignee may come without one."""
        listed = self._read("agents")
        return {one.get("id"): _text(one.get("email")) for one in listed if isinstance(one, dict)}

    def _object(self, path: str, *, missing: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        found = self._read(path, missing=missing, params=params)
        if not isinstance(found, dict):
            raise Unreachable(f"{TITLE} gave an answer that cannot be read")
        return found

    def _read(self, path: str, *, missing: str = "", params: Mapping[str, Any] | None = None) -> Any:
        headers = {"api_access_token": self.settings.password.get_secret_value()}
        answer = self._client.send("GET", path, headers=headers, params=params)
        if missing and answer.status_code == requests.codes.not_found:
            raise NotFound(f"{TITLE} has no conversation {missing} in this account")
        self._client.check(answer)
        return self._client.body(answer)


def connect(settings: ChatwootSettings, session: requests.Session | None = None) -> ChatwootSource:
    """The case source behind these settings."""
    return ChatwootSource(settings, session)


def _message(row: Mapping[str, Any], agents: Mapping[Any, str]) -> Message:
    author, sender = _AUTHORS[row["message_type"]], _part(row, "sender")
    is_agent = author is Author.AGENT
    return Message(
        id=str(row["id"]),
        author=author,
        sent_at=datetime.fromtimestamp(float(row["created_at"]), UTC),
        text=_text(row.get("content")),
        author_name=_text(sender.get("name")),
        author_email=(agents.get(row.get("sender_id") or sender.get("id"), "") or _text(sender.get("email")))
        if is_agent
        else "",
        attachments=_attachments(row.get("attachments") or ()),
    )


def _attachments(rows: Sequence[Mapping[str, Any]]) -> tuple[Attachment, ...]:
    found = []
    for row in rows:
        url = _text(row.get("data_url"))
        name = unquote(urlsplit(url).path.rpartition("/")[2]) or str(row.get("id"))
        size = row.get("file_size")
        found.append(Attachment(str(row.get("id")), name, url, size=size if isinstance(size, int) else None))
    return tuple(found)


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
