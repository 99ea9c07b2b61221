"""A service provider: tickets are handed over and found again, by REST as the profile describes it, or by e-mail."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import requests

from casebridge.connectors.base import ConnectorBase
from casebridge.connectors.service_provider.body import at, text_at, write_body
from casebridge.connectors.service_provider.message import compose
from casebridge.connectors.service_provider.profile import read_profile
from casebridge.connectors.service_provider.settings import Authentication, Channel, ServiceProviderSettings
from casebridge.core.errors import NotConfigured, NotFound, Unreachable
from casebridge.core.manifest import ActionType, Manifest
from casebridge.core.payload import Payload
from casebridge.core.ports import Parts
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.summary import Summary, digest_of
from casebridge.core.wall_time import moment_of
from casebridge.transport.email import told_by_mail_server
from casebridge.transport.errors import unanswered
from casebridge.transport.rest import RestClient, is_page

_NOT_USED = "casebridge-test"
MOST_PAGES = 200
"""Nobody has so many tickets of one reference."""


class ServiceProviderConnector(ConnectorBase[ServiceProviderSettings]):
    """A service provider behind one connection."""

    settings_class = ServiceProviderSettings

    def __init__(
        self, manifest: Manifest, settings: ServiceProviderSettings, session: requests.Session | None = None
    ) -> None:
        super().__init__(manifest, settings, session)
        self._profile = read_profile(settings.profile)
        self._rest = RestClient(
            manifest.title, settings.address, self.session, settings.timeouts, reasons=self._profile.reasons
        )

    def check(self) -> str:
        """Searches for a reference that nobody has, which needs the credentials."""
        if self.settings.channel is Channel.EMAIL:
            return f"tickets go by e-mail to {self.settings.email_to}; whether that arrives, nothing can prove"
        count = len(self._search(_NOT_USED))
        return f"{self.manifest.title} accepted the credentials and was searched: {count} tickets of a test reference"

    def send(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Hands a ticket over, or tells of one.

        Raises:
            RefusedByTarget: The provider said no.
            NotFound: The provider has no such ticket.
            InDoubtError: No clear answer.
        """
        if action.name != "submit":
            return self._tell(action, payload, parts)
        if self.settings.channel is Channel.EMAIL:
            return self._mail(action, payload)
        return self._submit(action, payload)

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The tickets with our reference.

        Raises:
            NotConfigured: The provider cannot be searched.
        """
        ticket = self._profile.ticket
        return [
            Found(text_at(row, ticket.number), created_at=moment_of(text_at(row, ticket.created_at), self.timezone))
            for row in self._search(payload.external_reference(action))
        ]

    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads a ticket.

        Raises:
            NotFound: The provider has no such ticket.
            NotConfigured: The profile says no way to read one.
        """
        return self._record(kind, self._read(record_id))

    def listing_of(self, kind: str, external_references: Sequence[str]) -> Iterator[Summary]:
        """The tickets with our references, each searched for."""
        for reference in external_references:
            for row in self._search(reference):
                record = self._record(kind, row)
                status = str(record.fields.get("status") or "")
                yield Summary(
                    kind=kind,
                    id=record.id,
                    external_reference=reference,
                    closed=status in self._profile.states.closed if status else None,
                    changed_at=moment_of(text_at(row, self._profile.ticket.updated_at), self.timezone),
                    digest=digest_of(record),
                )

    def _submit(self, action: ActionType, payload: Payload) -> Receipt:
        response = self._call(action, payload)
        place = self._profile.submit.number
        if place.startswith("header:"):
            number = response.headers.get(place.removeprefix("header:"), "").strip()
        else:
            number = text_at(self._rest.body(response, writes=True), place)
        if not number:
            raise unanswered(f"{self.manifest.title} took the ticket without telling its number", writes=True)
        return Receipt(number, url=self.record_url(action.record, number))

    def _tell(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Tells of a ticket, once: what it did is looked for in the ticket when its answer was lost."""
        ticket, name, looks = payload.record_id, action.name, bool(self._profile.read.path)
        if self.settings.channel is Channel.EMAIL:
            parts.write(name, name, lambda: self._mail(action, payload))
            return Receipt(ticket, detail="sent by e-mail", unconfirmed=True)

        def send() -> Receipt:
            self._rest.body(self._call(action, payload), writes=True)  # what cannot be read is no answer
            return Receipt("")

        find: Callable[[], list[Found]] | None = None
        before: list[str] = []
        if name == "update" and looks and self._profile.journal.items:
            text = payload.text("text")
            find = lambda: self._texts(ticket, text)  # noqa: E731
            before = [] if name in parts.confirmed else [one.id for one in find()]
        elif name != "update" and looks:
            find = lambda: self._ended(name, ticket)  # noqa: E731
        parts.write(name, name, send, find=find, there_before=before)
        return Receipt(ticket)

    def _texts(self, ticket: str, text: str) -> list[Found]:
        journal = self._profile.journal
        rows = at(self._read(ticket), journal.items)
        return [
            Found(f"{ticket}/{text_at(row, journal.id)}", moment_of(text_at(row, journal.created_at), self.timezone))
            for row in (rows if isinstance(rows, list) else [])
            if text_at(row, journal.text).split() == text.split()
        ]

    def _ended(self, name: str, ticket: str) -> list[Found]:
        """The ticket, if it is as it should be after a decline or a close."""
        row, states = self._read(ticket), self._profile.states
        status = text_at(row, self._profile.ticket.status)
        declined = bool(status) and status not in (*states.solved, *states.closed)
        done = status in states.closed if name == "close" else declined
        # A ticket may be declined several times: each leaves it changed at another moment.
        return [Found(f"{ticket}/{text_at(row, self._profile.ticket.updated_at)}")] if done else []

    def _call(self, action: ActionType, payload: Payload) -> requests.Response:
        call = self._profile.call(action.name)
        path = call.path.replace("{ticket}", quote(payload.record_id, safe=""))
        response = self._rest.send(
            call.method, path, headers=self._credentials(), writes=True, json=write_body(call, payload)
        )
        self._check(response, ticket=payload.record_id, writes=True)
        return response

    def _read(self, ticket: str) -> Any:
        reading = self._profile.read
        if not reading.path:
            raise NotConfigured(f"{self.manifest.title}: the profile names no way to read a ticket (read.path)")
        path = reading.path.replace("{ticket}", quote(ticket, safe=""))
        response = self._rest.send("GET", path, headers=self._credentials())
        self._check(response, ticket=ticket)
        return at(self._rest.body(response), reading.root)

    def _search(self, reference: str) -> list[Any]:
        search = self._profile.search
        if self.settings.channel is Channel.EMAIL or not search.path:
            raise NotConfigured(
                f"{self.manifest.title} cannot be searched: see channel, and search.path in the profile"
            )
        rows: dict[str, Any] = {}
        for page in range(1, MOST_PAGES + 1):
            number = {search.page: str(page)} if page > 1 else {}
            response = self._rest.send(
                "GET", search.path, headers=self._credentials(), params={search.parameter: reference, **number}
            )
            self._check(response)
            body = self._rest.body(response)
            found = at(body, search.items)
            if not isinstance(found, list):
                raise Unreachable(f"{self.manifest.title} gave an answer to a search that holds no list")
            known = len(rows)
            rows |= {text_at(row, self._profile.ticket.number): row for row in found}
            total = text_at(body, search.total) if search.total else ""
            # A provider that does not know of pages gives the first one again.
            if not search.page or len(rows) == known or (total.isdigit() and len(rows) >= int(total)):
                break
        else:
            raise NotConfigured(
                f"{self.manifest.title} gave more than {MOST_PAGES} pages of tickets for one reference: "
                "does it know search.parameter of the profile?"
            )
        # A provider that does not know the parameter gives all of its tickets.
        place = self._profile.ticket.reference
        return [row for row in rows.values() if not place or text_at(row, place) == reference]

    def _check(self, response: requests.Response, *, ticket: str = "", writes: bool = False) -> None:
        if response.status_code == requests.codes.not_found and ticket and not is_page(response):
            raise NotFound(f"{self.manifest.title} has no ticket {ticket}")
        self._rest.check(response, writes=writes)

    def _record(self, kind: str, row: Any) -> Record:
        ticket = self._profile.ticket
        number, status = text_at(row, ticket.number), text_at(row, ticket.status)
        fields = {
            "number": number,
            "reference": text_at(row, ticket.reference),
            "status": status,
            "solution": text_at(row, ticket.solution),
            "closed": ("yes" if status in self._profile.states.closed else "no") if status else "",
            "updated_at": text_at(row, ticket.updated_at),
        }
        # What only a push tells is not known: it must not empty a case field.
        return Record(kind, number, fields=fields, url=self.record_url(kind, number), partial=True)

    def _mail(self, action: ActionType, payload: Payload) -> Receipt:
        if self.send_email is None:
            raise NotConfigured(f"{self.manifest.title}: e-mail is sent by tasks of Airflow only")
        subject, text = compose(self._profile.mail, action, payload)
        with told_by_mail_server(self.manifest.title):
            self.send_email(self.settings.email_to, subject, text)
        return Receipt(payload.record_id, detail="sent by e-mail", unconfirmed=True)

    def _credentials(self) -> dict[str, str]:
        key = self.settings.password.get_secret_value()
        match self.settings.authentication:
            case Authentication.BEARER:
                return {"Authorization": f"Bearer {key}"}
            case Authentication.HEADER:
                return {self.settings.auth_header: key}
            case Authentication.BASIC:
                pair = base64.b64encode(f"{self.settings.login}:{key}".encode()).decode()
                return {"Authorization": f"Basic {pair}"}
        return {}


def connect(
    manifest: Manifest, settings: ServiceProviderSettings, session: requests.Session | None = None
) -> ServiceProviderConnector:
    """The connector for a connection."""
    return ServiceProviderConnector(manifest, settings, session)
