"""The service desk: its tickets, what may be done to them, and who is told."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from simulators.clock import Clock
from simulators.courier import Courier, Delivery, Message
from simulators.exchange import Answer
from simulators.service_provider.errors import Refusal
from simulators.service_provider.settings import Settings
from simulators.service_provider.tickets import CLOSED, IN_PROGRESS, NEW, SOLVED, Ticket, Update, stamp

_SAMPLE = Path(__file__).parent / "sample_data.yaml"
CUSTOMER, PROVIDER = "customer", "provider"


@dataclass(frozen=True)
class Told:
    """What a webhook tells, as it was then."""

    event: str
    url: str
    payload: Mapping[str, Any]


class Desk:
    """All that a call or a person can read and change.

    Args:
        clock: Dates everything.
        secret: Gives the secret that webhooks are signed with.
    """

    def __init__(self, clock: Clock, secret: Callable[[], str]) -> None:
        self.clock = clock
        self.settings = Settings()
        self.courier = Courier(clock, lambda: self.settings.deliveries, self._message)
        self._secret = secret
        self._sample = yaml.safe_load(_SAMPLE.read_text(encoding="utf-8"))
        self._load()

    def reset(self) -> None:
        """Sample data and default switches."""
        self.settings = Settings()
        self.courier.clear()
        self._load()

    def _load(self) -> None:
        self.tickets: dict[str, Ticket] = {}
        self.told: dict[int, Told] = {}
        self.answers: dict[str, tuple[bytes, Answer]] = {}
        self._numbers, self._update_ids, self._told_ids = count(100001), count(1), count(1)
        for one in self._sample["tickets"]:
            made = self.create({name: value for name, value in one.items() if name not in ("created_at", "status")})
            made.created_at = made.updated_at = datetime.fromisoformat(one["created_at"]).astimezone(UTC)
            made.status = one.get("status", NEW)

    def ticket(self, number: str) -> Ticket:
        """The ticket of that number.

        Raises:
            Refusal: There is none.
        """
        if (found := self.tickets.get(number)) is None:
            raise Refusal("unknown_ticket", number)
        return found

    def search(self, reference: str | None, status: str | None) -> list[Ticket]:
        """The tickets that can be found, oldest first."""
        oldest = self.clock.now() - timedelta(seconds=self.settings.visibility_lag_s)
        return [
            one
            for one in self.tickets.values()
            if reference in (None, one.reference) and status in (None, one.status) and one.created_at <= oldest
        ]

    # what the caller and the provider's people can do; each is done whole or refused

    def create(self, given: Mapping[str, Any]) -> Ticket:
        """A new ticket, with the provider's next number."""
        taken = [one for one in self.tickets.values() if one.reference == given["reference"] and one.status != CLOSED]
        if taken and self.settings.unique_reference:
            raise Refusal("reference_taken", taken[0].number)
        now = self.clock.now()
        number = self.settings.number_format.format(number=next(self._numbers))
        made = Ticket(number=number, created_at=now, updated_at=now, **given)
        self.tickets[number] = made
        return made

    def change(self, ticket: Ticket, given: Mapping[str, Any]) -> None:
        """The fields named are set."""
        self._open(ticket)
        for name, value in given.items():
            setattr(ticket, name, value)
        self._touch(ticket)

    def update(self, ticket: Ticket, text: str, author: str, origin: str) -> Delivery | None:
        """The text is in the ticket; a new one is in progress from then on, if the provider wrote it."""
        self._open(ticket)
        made = self._write(ticket, text, author, origin)
        if origin == PROVIDER and ticket.status == NEW:
            ticket.status = IN_PROGRESS
        return self._tell(ticket, "update", origin, update=made.shown())

    def decline(self, ticket: Ticket, reason: str, author: str) -> Delivery | None:
        """The solution is declined: the ticket is in progress again.

        Raises:
            Refusal: It has no solution.
        """
        if ticket.status != SOLVED:
            raise Refusal("wrong_state", f"Ticket {ticket.number} is {ticket.status}: there is no solution to decline.")
        ticket.status, ticket.solution = IN_PROGRESS, None
        ticket.declined += 1
        made = self._write(ticket, reason, author, CUSTOMER)
        return self._tell(ticket, "update", CUSTOMER, update=made.shown())

    def solve(self, ticket: Ticket, solution: str) -> Delivery | None:
        """The ticket has a solution, which can be declined."""
        self._open(ticket)
        ticket.status, ticket.solution = SOLVED, solution
        self._touch(ticket)
        return self._tell(ticket, "solution", PROVIDER, solution=solution)

    def close(self, ticket: Ticket, note: str, author: str, origin: str) -> Delivery | None:
        """The ticket is closed."""
        self._open(ticket)
        if note:
            self._write(ticket, note, author, origin)
        ticket.status = CLOSED
        self._touch(ticket)
        return self._tell(ticket, "closed", origin, note=note or None, solution=ticket.solution)

    def _open(self, ticket: Ticket) -> None:
        if ticket.status == CLOSED:
            raise Refusal("wrong_state", f"Ticket {ticket.number} is closed.")

    def _write(self, ticket: Ticket, text: str, author: str, origin: str) -> Update:
        made = Update(next(self._update_ids), text, author, origin, self.clock.now())
        ticket.updates.append(made)
        self._touch(ticket)
        return made

    def _touch(self, ticket: Ticket) -> None:
        ticket.updated_at = self.clock.now()

    # who is told

    def _tell(self, ticket: Ticket, event: str, origin: str, **more: Any) -> Delivery | None:
        hooks = self.settings.webhooks
        url = ticket.callback_url or hooks.url
        if url is None or (origin == CUSTOMER and not hooks.own_changes):
            return None
        number = next(self._told_ids)
        about = {"number": ticket.number, "reference": ticket.reference, "status": ticket.status}
        payload = {
            "id": number,
            "event": hooks.event_names[event],
            "occurred_at": stamp(self.clock.now()),
            "origin": origin,
            "ticket": about,
            **more,
        }
        self.told[number] = Told(event, url, payload)
        delivery = Delivery(number, queue=ticket.number)
        self.courier.accept(delivery)
        return delivery

    def _message(self, delivery: Delivery) -> Message:
        told, hooks = self.told[delivery.id], self.settings.webhooks
        body = json.dumps(told.payload).encode()
        moment = str(int(self.clock.now().timestamp()))
        headers = {"Content-Type": "application/json"}
        if hooks.timestamp_header:
            headers[hooks.timestamp_header] = moment
        if hooks.id_header:
            headers[hooks.id_header] = str(delivery.id)
        if hooks.signature_header:
            signed = body if hooks.signed == "body" else moment.encode() + b"." + body
            digest = hmac.new(self._secret().encode(), signed, hashlib.sha256).hexdigest()
            headers[hooks.signature_header] = hooks.signature_prefix + digest
        return Message(told.url, headers, body)
