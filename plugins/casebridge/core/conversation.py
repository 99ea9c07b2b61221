"""A conversation between a customer and an agent, as desks for messages have it, becomes a Case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from casebridge.core.case import Case, Value
from casebridge.core.message import Author, Message

CASE_TYPE = "conversation"
CLOSED = "closed"
CLOSED_EVENT = "conversation.closed"


@dataclass(frozen=True)
class Conversation:
    """A conversation. Its text form shows the id only.

    Attributes:
        id: The desk's id.
        customer_number: The customer's telephone number, best in the international form.
        customer_name: The customer's name, or "".
        agent_email: E-mail of the agent who had it last, or "".
        agent_name: That agent's name, or "".
        channel: Such as `whatsapp`.
        status: Such as `closed`.
        opened: When it began, with offset; None when the desk does not say.
        closed: When it was closed, with offset; None when it is open or the desk does not say.
        profile: What the agent noted of it when it was closed, by name.
        messages: The messages, oldest first.
    """

    id: str
    customer_number: str = field(repr=False)
    customer_name: str = field(default="", repr=False)
    agent_email: str = field(default="", repr=False)
    agent_name: str = field(default="", repr=False)
    channel: str = field(default="", repr=False)
    status: str = field(default="", repr=False)
    opened: datetime | None = field(default=None, repr=False)
    closed: datetime | None = field(default=None, repr=False)
    profile: Mapping[str, Value] = field(default_factory=dict, repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)

    def as_case(self, source: str, written: Mapping[str, Value]) -> Case:
        """The case of the conversation.

        Args:
            source: The case source.
            written: What was written back to it, by name.
        """
        fields: dict[str, Value] = {
            **self.profile,
            "conversation_id": self.id,
            "customer_number": self.customer_number,
            "customer_name": self.customer_name,
            "agent_email": self.agent_email,
            "agent_name": self.agent_name,
            "channel": self.channel,
        }
        dates: dict[str, date | datetime | None] = {"opened": self.opened, "closed": self.closed}
        return Case(
            reference=self.id,
            source=source,
            type=CASE_TYPE,
            status=self.status,
            fields={**fields, **written},
            dates={name: moment for name, moment in dates.items() if moment is not None},
            person={"name": self.customer_name, "phone": self.customer_number},
            messages=tuple(self._named(message) for message in self.messages),
        )

    def _named(self, message: Message) -> Message:
        """The message with its author's name or number, where only the conversation says it."""
        if message.author_name:
            return message
        if message.author is Author.CUSTOMER:
            return replace(message, author_name=self.customer_name or self.customer_number)
        is_own = message.author_email.casefold() == self.agent_email.casefold()
        return replace(message, author_name=self.agent_name) if is_own and self.agent_name else message
