"""Idox Cloud (Tascomi): create and update Service Requests with their Contacts, find them again, read them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import requests

from casebridge.connectors.base import ConnectorBase
from casebridge.connectors.tascomi.access import prove_access
from casebridge.connectors.tascomi.codes import Codes
from casebridge.connectors.tascomi.contacts import Contacts, Party, wire
from casebridge.connectors.tascomi.fields import CODES, COMMON, COMPLAINTS, DATA, ROLES
from casebridge.connectors.tascomi.locations import Locations
from casebridge.connectors.tascomi.profile import read_profile
from casebridge.connectors.tascomi.service_request import SERVICE_REQUEST, read_record, summarise
from casebridge.connectors.tascomi.settings import VERSION, TascomiSettings
from casebridge.connectors.tascomi.tables import TITLE, Row, Tables
from casebridge.core.errors import (
    ClockSkew,
    InvalidMapping,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Unreachable,
)
from casebridge.core.manifest import ActionType, Manifest, ReferenceUse
from casebridge.core.matching import Make
from casebridge.core.payload import Payload
from casebridge.core.ports import Parts
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.summary import Summary
from casebridge.core.template import MappingTemplate, SourceKind
from casebridge.core.wall_time import moment_of

_PART = "service request"
_NEAR_THE_MARK_S = 10
"""A refusal this near to a minute mark may be the mark's fault; one in the middle of a minute is not."""


class TascomiConnector(ConnectorBase[TascomiSettings]):
    """Tascomi behind one connection."""

    settings_class = TascomiSettings

    def __init__(self, manifest: Manifest, settings: TascomiSettings, session: requests.Session | None = None) -> None:
        super().__init__(manifest, settings, session)
        self._profile = read_profile(settings.profile)
        self.tables = Tables(settings, self._profile, self.session)
        self._codes = Codes(self.tables, self._profile)
        self._locations = Locations(self.tables, self._profile, settings.street_record_text)
        self._contacts = Contacts(self.tables, self._profile, settings.timezone)

    def check(self) -> str:
        """Proves the rights on every table. Near a minute mark a refused signature is tried once more after it."""
        try:
            said = self._proved()
        except ClockSkew as refused:
            second = self.tables.clock().second
            if _NEAR_THE_MARK_S <= second < 60 - _NEAR_THE_MARK_S:
                raise NotAuthorised(str(refused)) from None
            time.sleep((_NEAR_THE_MARK_S - second) % 60)
            try:
                said = self._proved()
            except ClockSkew as again:
                raise NotAuthorised(str(again)) from None
        if self.settings.carries_version:
            said += f". The API base url was given with its version; /{VERSION} is left out of it"
        return said

    def send(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Creates or updates a Service Request and, before it, the Contacts that are linked to it.

        Raises:
            InvalidMapping: Codes, Location or Contacts cannot be told; carries every Problem, and nothing was written.
            RefusedByTarget: Tascomi said no.
            InDoubtError: No clear answer.
        """
        if action.reference is ReferenceUse.STORES:
            return self._create(action, payload, parts)
        return self._update(action, payload, parts)

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The Service Requests with our reference; certain where Core Function and Request Code are ours."""
        wanted = self._codes.ids(action.fields, payload, problems=[])
        telling = {self._column(name): wanted.get(name) for name in ("core_function", "request_code")}
        rows = self.tables.rows(COMPLAINTS, **{self._column("external_reference"): payload.external_reference(action)})
        return [
            Found(
                str(row["id"]),
                moment_of(row.get(COMMON["created_date"]), self.timezone),
                certain=all(row.get(column) == value for column, value in telling.items()),
            )
            for row in rows
        ]

    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads a Service Request by its number.

        Raises:
            NotFound: Tascomi has none with this number.
        """
        return read_record(self._with_number(record_id), self._profile, self.record_url(kind, record_id))

    def listing(self, kind: str, since: datetime, until: datetime) -> Iterator[Summary]:
        """The Service Requests that were changed last in a period; Tascomi is asked for one day after the other."""
        zone = ZoneInfo(self.timezone)
        day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        while day <= last:
            for row in self.tables.rows(COMPLAINTS, **{COMMON["last_updated"]: day.isoformat()}):
                summary, changed_at = summarise(row, self._profile, self.timezone)
                if summary.id and (changed_at is None or since <= changed_at < until):
                    yield summary
            day += timedelta(days=1)

    def record_url(self, kind: str, record_id: str) -> str:
        """Address of the Service Request's page; its number may hold slashes."""
        return super().record_url(kind, quote(record_id, safe=""))

    def labels(self, action: ActionType, payload: Payload) -> Mapping[tuple[str, str], str]:
        """What people call the codes."""
        codes = [(name, payload.text(name)) for name in CODES if name in action.fields and payload.text(name)]
        named = {(name, code): self._codes.name(action.fields[name], code) for name, code in codes}
        return {place: name for place, name in named.items() if name}

    def check_template(self, template: MappingTemplate) -> Sequence[Problem]:
        """Looks up every code that the template gives as a manual text."""
        problems: list[Problem] = []
        for row in template.rows:
            if row.to in CODES and row.source.kind is SourceKind.TEXT:
                try:
                    self._codes.row(template.action.fields[row.to], row.source.name.strip())
                except InvalidMapping as error:
                    problems += [replace(problem, row=row.number, line=row.line) for problem in error.problems]
        return problems

    def _create(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        done = parts.confirmed.get(_PART)
        linked: list[str] = []
        if done is None:
            values, linked = self._prepared(action, payload, parts)
            searchable = self._profile.complaints["external_reference"] and payload.external_reference(action)
            done = parts.write(
                _PART,
                SERVICE_REQUEST,
                lambda: Receipt(self.tables.create(COMPLAINTS, values)),
                find=(lambda: self.find(action, payload)) if searchable else None,
            )
        number = self._number_of(done.record_id)
        return Receipt(number, url=self.record_url(action.record, number), detail=", ".join(linked))

    def _update(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        number = payload.record_id
        row_id = str(self._with_number(number)["id"])
        values, linked = self._prepared(action, payload, parts)
        if values:
            parts.write(
                _PART,
                SERVICE_REQUEST,
                lambda: Receipt(self.tables.update(COMPLAINTS, row_id, values)),
                repeatable=True,
            )
        elif not linked:
            linked = ["no mapping had a value, so nothing was changed"]
        return Receipt(number, url=self.record_url(action.record, number), detail=", ".join(linked))

    def _prepared(self, action: ActionType, payload: Payload, parts: Parts) -> tuple[dict[str, str], list[str]]:
        """The values of the Service Request by column, and what became of the Contacts, which are written here.

        Raises:
            InvalidMapping: Something cannot be told; carries every Problem, and nothing was written.
        """
        problems: list[Problem] = []
        ids = self._codes.ids(action.fields, payload, problems)
        location = self._locations.id(action, payload, problems)
        parties = [
            # What an earlier try linked or made stays so, whatever can be found now.
            self._contacts.match(role, action, payload, ids, [] if role in parts.confirmed else problems)
            for role in ROLES
        ]
        if problems:
            raise InvalidMapping(f"{action.title} in {TITLE}", problems)
        values = {self._column(name): code_id for name, code_id in ids.items() if not name.startswith(ROLES)}
        values |= {self._column(name): wire(payload.fields[name]) for name in self._data(payload)}
        if location:
            values[self._column("location")] = location
        told = []
        for role, receipt in self._linked(parties, action, payload, ids, parts):
            values[self._column(role)] = receipt.record_id
            told.append(receipt.detail)
        return values, told

    def _linked(
        self,
        parties: Sequence[Party],
        action: ActionType,
        payload: Payload,
        ids: Mapping[str, str],
        parts: Parts,
    ) -> Iterator[tuple[str, Receipt]]:
        for party in parties:
            with contextlib.ExitStack() as turn:
                if party.searched and isinstance(party.decision, Make) and party.role not in parts.confirmed:
                    # Another action, or the other role, may have made it since: they take turns, and look again.
                    turn.enter_context(parts.exclusively(f"contact {party.reference}"))
                    party = self._contacts.match(party.role, action, payload, ids, [])
                receipt = self._contacts.write(party, parts)
            if receipt is not None:
                yield party.role, receipt

    def _data(self, payload: Payload) -> list[str]:
        """The plain fields of a payload that this Tascomi has a column for; our own reference may have none."""
        return [
            name
            for name in DATA
            if name in payload.fields and (name != "external_reference" or self._profile.complaints[name])
        ]

    def _with_number(self, number: str) -> Row:
        rows = self.tables.rows(COMPLAINTS, **{self._column("reference_number"): number})
        if not rows:
            raise NotFound(f"{TITLE} has no Service Request {number}")
        if len(rows) > 1:
            raise RefusedByTarget(f"{TITLE} has {len(rows)} Service Requests with the number {number}")
        return rows[0]

    def _number_of(self, row_id: str) -> str:
        """The number of a Service Request, which Tascomi does not tell when it is created.

        A person who adopts one may give its number in place of its id.
        """
        rows = self.tables.rows(COMPLAINTS, id=row_id) if row_id.isdigit() else []
        row = rows[0] if rows else self._with_number(row_id)
        if number := row.get(self._column("reference_number")):
            return number
        if self._column("reference_number") in row:
            raise Unreachable(f"{TITLE} has created Service Request {row_id} and not given it a number yet")
        raise NotConfigured(
            f"{TITLE} has created Service Request {row_id}, and its number cannot be read: there is no column "
            f'"{self._column("reference_number")}", or the API key may not view it; check its rights and the profile'
        )

    def _proved(self) -> str:
        return prove_access(self.tables, write_probe=self._profile.write_probe)

    def _column(self, name: str) -> str:
        return self._profile.column("complaints", name)


def connect(manifest: Manifest, settings: TascomiSettings, session: requests.Session | None = None) -> TascomiConnector:
    """The connector for a connection."""
    return TascomiConnector(manifest, settings, session)
