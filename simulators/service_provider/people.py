"""What the provider's own people do, called from the admin side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from simulators.courier import Delivery
from simulators.fields import BadField, Fields
from simulators.service_provider.desk import PROVIDER, Desk
from simulators.service_provider.errors import Refusal
from simulators.service_provider.tickets import Ticket

AGENT = "Provider's agent"


class People:
    """The provider's agents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def actions(self) -> Mapping[str, Callable[[Fields], Any]]:
        """Each as ``POST /_sim/service_provider/<name>``."""
        return {
            "update": self.update,
            "solve": self.solve,
            "close": self.close,
            "redeliver": self.redeliver,
            "settle": self.settle,
        }

    def update(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """An update ``text`` is written in ``ticket``; if wanted ``author``."""
        ticket, text, author = self._ticket(fields), fields.text("text"), fields.text("author", AGENT)
        return self._act(fields, ticket, lambda: self._desk.update(ticket, text, author, PROVIDER))

    def solve(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """``ticket`` gets a ``solution``."""
        ticket, solution = self._ticket(fields), fields.text("solution")
        return self._act(fields, ticket, lambda: self._desk.solve(ticket, solution))

    def close(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """``ticket`` is closed; if wanted with a ``note``."""
        ticket, note, author = self._ticket(fields), fields.text("note", ""), fields.text("author", AGENT)
        return self._act(fields, ticket, lambda: self._desk.close(ticket, note, author, PROVIDER))

    async def redeliver(self, fields: Fields) -> dict[str, Any]:
        """Webhooks are sent again, or at last: ``delivery`` or ``deliveries``, ``times``, ``order``; none named: all
        that are held or failed.
        """
        chosen = self._desk.courier.chosen(fields)
        await self._desk.courier.send_again(chosen)
        return {"deliveries": [delivery.shown() for delivery in {one.id: one for one in chosen}.values()]}

    async def settle(self, fields: Fields) -> dict[str, Any]:
        """Answers when no webhook is under way any more."""
        fields.end()
        await self._desk.courier.settle()
        return {"settled": True}

    def _ticket(self, fields: Fields) -> Ticket:
        """``ticket``: its number, or a reference that only one ticket has."""
        name = fields.text("ticket")
        found = self._desk.tickets.get(name)
        having = [one for one in self._desk.tickets.values() if one.reference == name]
        if found is None and len(having) != 1:
            raise BadField(f'Field "ticket" must be the number or reference of one ticket, not {name[:40]!r}.')
        return found or having[0]

    def _act(self, fields: Fields, ticket: Ticket, act: Callable[[], Delivery | None]) -> Awaitable[dict[str, Any]]:
        wait = fields.flag("wait", True)
        fields.end()
        try:
            delivery = act()
        except Refusal as refusal:
            raise BadField(f'Field "ticket": {refusal.detail}') from None
        return self._done(ticket, delivery, wait)

    async def _done(self, ticket: Ticket, delivery: Delivery | None, wait: bool) -> dict[str, Any]:
        if wait:
            await self._desk.courier.settle()
        return {"ticket": ticket.shown(), "delivery": delivery.shown() if delivery else None}
