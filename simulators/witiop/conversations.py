"""Conversations between a customer and an agent, and what happens to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from simulators.clock import Clock
from simulators.exchange import LargeBody
from simulators.shown import plain

_PIECE = 64 * 1024


class NotPossible(ValueError):
    """A conversation cannot be changed that way; the text says why."""


@dataclass(frozen=True)
class Agent:
    """Who answers customers."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Attachment:
    """A file of a message. Its bytes are made from its id when they are asked for."""

    id: str
    name: str
    mime: str
    size: int

    def body(self) -> LargeBody:
        """The file."""
        return LargeBody(self.size, self._pieces)

    def _pieces(self) -> Iterator[bytes]:
        piece = (hashlib.sha256(self.id.encode()).digest() * (_PIECE // 32))[:_PIECE]
        for start in range(0, self.size, _PIECE):
            yield piece[: self.size - start]


@dataclass(frozen=True)
class Message:
    """What one of the two has said. ``agent`` is None where it was the customer."""

    id: int
    sent_at: datetime
    agent: Agent | None
    text: str
    attachments: tuple[Attachment, ...] = ()
    private: bool = False


@dataclass
class Conversation:
    """All that one customer and the desk have said, until it is closed, and after it is opened again."""

    id: int
    number: str
    name: str | None
    agent: Agent
    opened_at: datetime
    channel: str = "whatsapp"
    messages: list[Message] = field(default_factory=list)
    closed_at: datetime | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    closings: int = 0

    @property
    def status(self) -> str:
        """Open or closed."""
        return "closed" if self.closed_at else "open"

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        messages = [{**vars(one), "agent": one.agent.email if one.agent else None} for one in self.messages]
        for one in messages:
            one["attachments"] = [dict(vars(file)) for file in one["attachments"]]
        own = {**vars(self), "agent": self.agent.email, "status": self.status, "messages": messages}
        found: dict[str, Any] = plain(own)
        return found


class Desk:
    """Agents and conversations, in order of creation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Sample data."""
        self.agents: dict[str, Agent] = {}
        self.conversations: dict[int, Conversation] = {}
        self.attachments: dict[str, Attachment] = {}
        self._messages = 0
        text = (Path(__file__).parent / "sample_data.yaml").read_text(encoding="utf-8")
        declared = yaml.safe_load(text)
        for one in declared["agents"]:
            self.agents[one["email"]] = Agent(**one)
        for one in declared["conversations"]:
            self.open({key: value for key, value in one.items() if key != "messages"})
            for message in one["messages"]:
                self.say(one["id"], message)

    def now(self) -> datetime:
        """The desk's moment, to the second, as messengers give it."""
        return self._clock.now().replace(microsecond=0)

    def agent(self, email: str) -> Agent:
        """The agent with that e-mail; one who is new gets a number."""
        if email not in self.agents:
            number = max((one.id for one in self.agents.values()), default=6) + 1
            self.agents[email] = Agent(number, email.partition("@")[0], email)
        return self.agents[email]

    def find(self, number: int) -> Conversation:
        """The conversation with that id.

        Raises:
            NotPossible: There is none.
        """
        if number not in self.conversations:
            raise NotPossible(f"There is no conversation {number}.")
        return self.conversations[number]

    def open(self, given: dict[str, Any]) -> Conversation:
        """A customer has written for the first time."""
        number = given.get("id") or max(self.conversations, default=1792) + 1
        if number in self.conversations:
            raise NotPossible(f"There is a conversation {number} already.")
        customer = given["customer"]
        conversation = Conversation(
            number,
            customer["number"],
            customer.get("name"),
            self.agent(given["agent"]),
            given.get("opened_at") or self.now(),
            given.get("channel") or "whatsapp",
        )
        self.conversations[number] = conversation
        return conversation

    def say(self, number: int, given: dict[str, Any]) -> Message:
        """One of the two says something; ``from`` is customer, agent or an agent's e-mail."""
        conversation = self.find(number)
        if conversation.closed_at is not None:
            raise NotPossible(f"Conversation {number} is closed: reopen it first.")
        who = given.get("from") or "customer"
        agent = None if who == "customer" else conversation.agent if who == "agent" else self.agent(who)
        self._messages += 1
        files = tuple(
            Attachment(f"m{len(self.attachments) + at}", one["name"], one["mime"], one["size"])
            for at, one in enumerate(given.get("attachments") or (), 1)
        )
        self.attachments |= {one.id: one for one in files}
        message = Message(
            self._messages,
            given.get("sent_at") or self.now(),
            agent,
            given.get("text") or "",
            files,
            bool(given.get("private")),
        )
        conversation.messages.append(message)
        return message

    def close(self, number: int, profile: dict[str, Any]) -> Conversation:
        """The agent closes the conversation, and says how it went."""
        conversation = self.find(number)
        if conversation.closed_at is not None:
            raise NotPossible(f"Conversation {number} is closed already.")
        conversation.closed_at = self.now()
        conversation.closings += 1
        conversation.profile = profile
        return conversation

    def reopen(self, number: int) -> Conversation:
        """It goes on."""
        conversation = self.find(number)
        if conversation.closed_at is None:
            raise NotPossible(f"Conversation {number} is open.")
        conversation.closed_at = None
        return conversation
