"""Salesforce: create a Case of a conversation, find it again, read it, list what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import requests

from casebridge.connectors.base import ConnectorBase
from casebridge.connectors.salesforce.conversation import Cases, Conversation
from casebridge.connectors.salesforce.errors import NoSuchField
from casebridge.connectors.salesforce.live_check import check_template
from casebridge.connectors.salesforce.org import Org, Row
from casebridge.connectors.salesforce.profile import read_profile
from casebridge.connectors.salesforce.settings import SalesforceSettings
from casebridge.connectors.salesforce.user import Users
from casebridge.core.errors import NotConfigured
from casebridge.core.manifest import ActionType, Manifest
from casebridge.core.payload import Payload
from casebridge.core.ports import Parts
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.summary import Summary
from casebridge.core.template import MappingTemplate

_AUDIT_FIELDS = ("CreatedDate", "CreatedById")
_INCOMING = {
    "case_id": "Id",
    "case_number": "CaseNumber",
    "subject": "Subject",
    "status": "Status",
    "is_closed": "IsClosed",
    "priority": "Priority",
    "origin": "Origin",
    "owner_id": "OwnerId",
    "contact_id": "ContactId",
    "created": "CreatedDate",
    "closed": "ClosedDate",
    "changed": "LastModifiedDate",
}


class SalesforceConnector(ConnectorBase[SalesforceSettings]):
    """One org behind one connection."""

    settings_class = SalesforceSettings

    def __init__(
        self, manifest: Manifest, settings: SalesforceSettings, session: requests.Session | None = None
    ) -> None:
        super().__init__(manifest, settings, session)
        self._profile = read_profile(settings.profile)

    def check(self) -> str:
        """Logs in, and looks whether what the settings ask for is set up in the org.

        Raises:
            NotAuthorised: The credentials are not accepted.
            NotConfigured: A step of the set-up is missing; names it.
        """
        fields = self._case_fields()
        unique = self._profile.case_external_id
        proved = f"Salesforce accepted the login by {self.settings.flow} and shows the API user the fields of Cases"
        if self.settings.set_audit_fields:
            self._check_audit_fields()
            proved += "; comments may carry author and time of their messages"
        if self.settings.fallback_owner:
            self._check_user(self.settings.fallback_owner, "Fallback owner")
        if unique in fields:
            return f"{proved}; one Case for each conversation is guarded by {unique}"
        return (
            f"{proved}. Warning: Cases have no field {unique or 'for the conversation'}, so they are found by their "
            "exact subject; add a text field that is unique and an external id"
        )

    def send(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Brings a conversation to Salesforce.

        Raises:
            InvalidMapping: A user or a Contact that is needed is not there.
            RejectedError: Salesforce said no.
            InDoubtError: No clear answer.
        """
        reference = payload.external_reference(action)
        receipt = Conversation(payload, parts, self._org, self.settings, self._profile, self.session, reference).send()
        url = self.record_url(action.record, receipt.record_id)
        return Receipt(receipt.record_id, url=url, detail=receipt.detail, problems=receipt.problems)

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The Cases of the conversation."""
        reference = payload.external_reference(action)
        subject = payload.text("subject") or f"{payload.text('contact_phone')} [{reference}]"
        rows = Cases(self._org, self._profile).find(reference, subject)
        return [Found(str(row["Id"]), datetime.fromisoformat(str(row["CreatedDate"]))) for row in rows]

    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads a Case with all its fields.

        Raises:
            NotFound: There is none with that id.
        """
        row = self._org.record("Case", record_id)
        keyed = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
        fields = {ours: row.get(theirs) for ours, theirs in _INCOMING.items()}
        return Record(kind, record_id, fields, {"case_field": keyed}, url=self.record_url(kind, record_id))

    def listing(self, kind: str, since: datetime, until: datetime) -> Iterator[Summary]:
        """The Cases of conversations that were changed in a period, in the order of their changes.

        Raises:
            NotConfigured: Cases have no field that holds our reference.
        """
        unique = self._profile.case_external_id
        if not unique:
            raise NotConfigured("Cases cannot be listed: the profile names no field for the conversation")
        query = (
            f"SELECT Id, IsClosed, SystemModstamp, {unique} FROM Case WHERE {unique} != null "  # noqa: S608
            f"AND SystemModstamp >= {_literal(since)} AND SystemModstamp < {_literal(until)} "
            "ORDER BY SystemModstamp, Id"
        )
        try:
            for row in self._org.rows(query):
                yield self._summary(kind, row, unique)
        except NoSuchField:
            raise NotConfigured(f"Cases cannot be listed: they have no field {unique} for the API user") from None

    def check_template(self, template: MappingTemplate) -> Sequence[Problem]:
        """Compares field names and picklist values of a template with those of the org."""
        if not template.action.outgoing:
            return ()
        return list(check_template(template, self._case_fields()))

    def record_url(self, kind: str, record_id: str) -> str:
        """Address of the Case's page: the connection's, or the instance's, which leads to it by the id."""
        return super().record_url(kind, record_id) or f"{self._org.address}/{record_id}"

    @cached_property
    def _org(self) -> Org:
        return Org(self.settings, self._profile, self.session)

    def _case_fields(self) -> dict[str, Row]:
        return {str(field["name"]): field for field in self._org.describe("Case")["fields"]}

    def _check_audit_fields(self) -> None:
        self._check_user(self.settings.customer_username, "User for customer comments")
        comment = {str(field["name"]): field for field in self._org.describe("CaseComment")["fields"]}
        if not all(comment.get(name, {}).get("createable") for name in _AUDIT_FIELDS):
            raise NotConfigured(
                "Salesforce does not let the API user set author and time of a comment: "
                f"{self._profile.setup['INVALID_FIELD_FOR_INSERT_UPDATE']}"
            )

    def _check_user(self, username: str, setting: str) -> None:
        users = Users(self._org, "")
        users.named(username, setting)
        if users.problems:
            raise NotConfigured(f"{users.problems[0].message} {users.problems[0].way_out}")

    def _summary(self, kind: str, row: Row, unique: str) -> Summary:
        closed: Any = row.get("IsClosed")
        return Summary(
            kind=kind,
            id=str(row["Id"]),
            external_reference=str(row.get(unique) or ""),
            closed=closed if isinstance(closed, bool) else None,
            changed_at=datetime.fromisoformat(str(row["SystemModstamp"])),
        )


def _literal(moment: datetime) -> str:
    """A moment as SOQL has it, in UTC. Salesforce keeps SystemModstamp to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def connect(
    manifest: Manifest, settings: SalesforceSettings, session: requests.Session | None = None
) -> SalesforceConnector:
    """The connector for a connection."""
    return SalesforceConnector(manifest, settings, session)
