"""M3PP: create Assets and Worksheets, update Attributes, find a Worksheet again, read both."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import requests

from casebridge.connectors.base import ConnectorBase
from casebridge.connectors.m3pp.message import Answer, Values, build
from casebridge.connectors.m3pp.profile import read_profile
from casebridge.connectors.m3pp.settings import Auth, M3ppSettings
from casebridge.core.convert import ConversionError, from_wire
from casebridge.core.errors import (
    CasebridgeError,
    InvalidMapping,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
)
from casebridge.core.manifest import ActionType, FieldType, Manifest, TargetField
from casebridge.core.payload import KeyedValue, Payload
from casebridge.core.ports import Parts
from casebridge.core.privacy import without_values
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.summary import Summary, digest_of
from casebridge.transport.errors import unanswered
from casebridge.transport.soap import FaultCodes, SoapEndpoint

_IDS = {"asset": "asset_key", "worksheet": "worksheet_reference"}
_KEYED = {"asset": "attribute", "worksheet": "worksheet_field"}
_CODES = ("department_code", "application_code", "task_group_code", "task_code")
_YES = ("true", "1")


class M3ppConnector(ConnectorBase[M3ppSettings]):
    """M3PP behind one connection."""

    settings_class = M3ppSettings

    def __init__(self, manifest: Manifest, settings: M3ppSettings, session: requests.Session | None = None) -> None:
        super().__init__(manifest, settings, session)
        self._profile = read_profile(settings.profile)
        self._reference_field = settings.external_reference_field or self._profile.external_reference_field

    def check(self) -> str:
        """Asks for the version, for which M3 is ASSUMED to want the credentials too."""
        version = self._call("get_version").text("version")
        answered = f"{self.manifest.title} answered as {self.settings.login}: version {version or 'unknown'}"
        tested = self.manifest.tested_against
        if version == tested:
            return f"{answered}, the one that the integration was made for"
        return f"{answered}. Warning: the integration was made for {tested}; try it with a test system first"

    def send(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Creates an Asset or a Worksheet, or updates an Attribute.

        Raises:
            InvalidMapping: Some of the listed Assets were not updated, or a field is given twice.
            RefusedByTarget: M3 said no.
            InDoubtError: No clear answer.
        """
        match action.name:
            case "create_asset":
                return self._create_asset(payload)
            case "create_worksheet":
                return self._create_worksheet(payload)
            case "update_asset_attribute_by_property":
                return self._update_by_property(payload)
            case _:
                return self._update_listed(payload, parts)

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The Worksheets with our reference; certain where they are for the same work, received at the same minute."""
        worksheets = self._with_reference(payload.external_reference(action))
        return [Found(worksheet.id, certain=self._is_for_the_same(worksheet, payload)) for worksheet in worksheets]

    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads an Asset with its Attributes, or a Worksheet with its fields.

        Raises:
            NotFound: M3 has none with that key.
        """
        answer = self._call(f"get_{kind}", {_IDS[kind]: record_id})
        (incoming,) = self.manifest.incoming(kind)
        fields = {name: answer.text(name) for name, field in incoming.fields.items() if field.key is None}
        keyed = {row["key"]: row["value"] for row in answer.rows(_KEYED[kind])}
        if kind == "worksheet":
            fields["external_reference"] = keyed.get(self._reference_field, "")
        if fields[_IDS[kind]] != record_id:
            raise NotFound(f"M3 did not give the {kind} {record_id} when asked for it")
        return Record(kind, record_id, fields, {_KEYED[kind]: keyed}, url=self.record_url(kind, record_id))

    def listing_of(self, kind: str, external_references: Sequence[str]) -> Iterator[Summary]:
        """The Worksheets with our references, each read in full."""
        for reference in external_references:
            for record in self._with_reference(reference):
                status = str(record.keyed["worksheet_field"].get(self._profile.status_field, ""))
                yield Summary(
                    kind=kind,
                    id=record.id,
                    external_reference=reference,
                    closed=status.casefold() in self._profile.closed_statuses if status else None,
                    digest=digest_of(record),
                )

    def _create_asset(self, payload: Payload) -> Receipt:
        attributes = payload.keyed.get("attribute", [])
        _refuse_twice(attributes, payload, "Attribute", "Attribute Code")
        values: dict[str, Any] = {**payload.fields, "attribute": attributes}
        return self._created("asset", self._call("create_asset", values, writes=True))

    def _create_worksheet(self, payload: Payload) -> Receipt:
        ours: KeyedValue = {"key": self._reference_field, "value": payload.text("external_reference")}
        fields = [ours, *payload.keyed.get("worksheet_field", [])]
        _refuse_twice(fields, payload, "Worksheet field", "Field name")
        values: dict[str, Any] = {**payload.fields, "worksheet_field": fields}
        del values["external_reference"]
        return self._created("worksheet", self._call("create_worksheet", values, writes=True))

    def _created(self, kind: str, answer: Answer) -> Receipt:
        record_id = answer.text(_IDS[kind])
        if not record_id:
            raise unanswered(f"M3 reported success without the id of the {kind}", writes=True)
        return Receipt(record_id, url=self.record_url(kind, record_id))

    def _update_by_property(self, payload: Payload) -> Receipt:
        values = {name: str(value) for name, value in payload.fields.items()}
        answer = self._call("update_asset_attribute_by_property", values, writes=True)
        keys = [key for key in answer.texts("asset_keys") if key]
        count = answer.text("updated_count") or str(len(keys))
        if count == "0":
            raise RefusedByTarget("M3 has no Asset of that type at the property: nothing was updated")
        named = f" ({', '.join(keys)})" if keys else ""
        return Receipt("", detail=f"Assets updated: {count}{named}")

    def _update_listed(self, payload: Payload, parts: Parts) -> Receipt:
        keys = payload.text("asset_keys").split(",")
        confirmed = parts.confirmed
        marks = {key: _mark(key, payload) for key in keys}
        waiting = [key for key in keys if (part := confirmed.get(_part(key))) is None or part.detail != marks[key]]
        if waiting:
            self._update_waiting(waiting, marks, payload, parts)
        return Receipt("", detail=f"Assets updated: {len(keys)}")

    def _update_waiting(self, keys: Sequence[str], marks: Mapping[str, str], payload: Payload, parts: Parts) -> None:
        """M3 has updated these Assets, or those that it could: they are on record before the others are told."""
        name = "update_asset_attribute"
        values: Values = {**{name: payload.text(name) for name in ("attribute_code", "value")}, "asset_keys": keys}
        answer = self._ask(name, values, writes=True)
        refusal = self._refusal(name, answer, writes=True)
        rows = {row["asset_key"]: row for row in answer.rows("results")}
        if refusal is not None and not rows:
            raise refusal
        updated = [key for key in keys if (_is_updated(rows[key]) if key in rows else not rows)]
        if updated:
            parts.confirm("asset", {_part(key): Receipt(key, detail=marks[key]) for key in updated})
        failed = [key for key in keys if key not in updated]
        if not failed:
            return
        told = f"M3 did not update {len(failed)} of {len(keys)} Assets ({', '.join(failed)})"
        if any(key not in rows or rows[key].get("error_code") in self._profile.error_codes.retry for key in failed):
            raise unanswered(told, writes=True)
        private = payload.private_values()
        raise InvalidMapping(told, [_not_updated(key, rows[key], private) for key in failed])

    def _with_reference(self, reference: str) -> Iterator[Record]:
        values = {"field_name": self._reference_field, "field_value": reference}
        try:
            found = self._call("find_worksheets", values).texts("worksheet_references")
        except NotFound:
            return
        for worksheet in filter(None, found):
            try:
                yield self.fetch("worksheet", worksheet)
            except NotFound:
                continue  # it was deleted meanwhile

    def _is_for_the_same(self, worksheet: Record, payload: Payload) -> bool:
        held, sent = worksheet.fields, payload.fields
        return (
            all(held[name] == str(sent.get(name, "")) for name in _CODES)
            and str(held["subject_uprn"]).lstrip("0") == payload.text("subject_uprn").lstrip("0")
            and self._minute(held["date_time_received"]) == self._minute(payload.text("date_time_received"))
        )

    def _minute(self, text: Any) -> str:
        try:
            moment = from_wire(text, TargetField(type=FieldType.DATETIME), timezone=self.timezone)
        except ConversionError:
            return ""
        return f"{moment:%Y-%m-%d %H:%M}" if moment else ""

    @cached_property
    def _endpoint(self) -> SoapEndpoint:
        codes = self._profile.error_codes
        path = self.settings.path or self._profile.path
        return SoapEndpoint(
            system=self.manifest.title,
            address=f"{self.settings.host}/{path.lstrip('/')}",
            session=self.session,
            timeouts=self.settings.timeouts,
            username=self.settings.login,
            password=self.settings.password.get_secret_value(),
            basic=(self.settings.auth or self._profile.auth) is Auth.BASIC,
            fault_codes=FaultCodes(authentication=codes.auth, refusal=codes.refusal | codes.not_found),
        )

    def _call(self, name: str, values: Values | None = None, *, writes: bool = False) -> Answer:
        answer = self._ask(name, values or {}, writes=writes)
        if refusal := self._refusal(name, answer, writes=writes):
            raise refusal
        return answer

    def _ask(self, name: str, values: Values, *, writes: bool) -> Answer:
        operation = self._profile.operations[name]
        if not operation.name:
            raise NotConfigured(f"{self.manifest.title}: the connection's profile says that M3 has no {name}")
        content = build(
            operation.name,
            operation.request,
            values,
            namespace=self._profile.namespace,
            system=self.manifest.title,
        )
        try:
            reply = self._endpoint.post(content, self._profile.action(operation), writes=writes)
        except RefusedByTarget as error:
            if not writes and error.code in self._profile.error_codes.not_found:
                raise NotFound(str(error)) from None
            raise
        return Answer(reply, {**self._profile.status, **operation.result})

    def _refusal(self, name: str, answer: Answer, *, writes: bool) -> CasebridgeError | None:
        """What the answer says against the request; None when it succeeded."""
        success, code = answer.text("success").lower(), answer.text("error_code")
        if success in _YES or (not code and "success" not in self._profile.status.values()):
            return None
        if not success and not code:
            return unanswered(f"M3 answered {name} without saying whether it succeeded", writes=writes)
        text = f"M3 refused: {answer.text('error_message') or 'no reason given'} ({code or 'without a code'})"
        codes = self._profile.error_codes
        if code in codes.retry:
            return unanswered(text, writes=writes)
        if code in codes.auth:
            return NotAuthorised("M3 does not accept the user name and password of the connection")
        if code in codes.not_found and not writes:
            return NotFound(text)
        return RefusedByTarget(text, code=code)


def _is_updated(row: Mapping[str, str]) -> bool:
    return row["success"].lower() in _YES if "success" in row else not row.get("error_code")


def _not_updated(key: str, row: Mapping[str, str], private: Sequence[str]) -> Problem:
    reason = without_values(row.get("error_message", ""), private) or "no reason given."
    code = row.get("error_code") or "without a code"
    return Problem(
        "asset_not_updated",
        f"Asset {key} was not updated: {reason} ({code})",
        "Correct the Asset Keys on the case and clear the first task: only what is not updated yet is sent again.",
        field="Asset Keys",
    )


def _part(key: str) -> str:
    return f"asset {key}"


def _mark(key: str, payload: Payload) -> str:
    """Tells whether an Asset was given this very value: a corrected case may send another one."""
    sent = "\n".join((key, payload.text("attribute_code"), payload.text("value")))
    return hashlib.sha256(sent.encode()).hexdigest()[:12]


def _refuse_twice(rows: Sequence[KeyedValue], payload: Payload, field: str, key: str) -> None:
    """Two values for one field: which of them M3 would take nobody knows."""
    counted = Counter(str(row["key"]) for row in rows)
    twice = [without_values(name, payload.private_values()) for name, count in counted.items() if count > 1]
    if twice:
        problems = [
            Problem("given_twice", f'the {key} "{name}" is given twice.', "Keep one of the rows.", field=field)
            for name in twice
        ]
        raise InvalidMapping(f"{field}s", problems)


def connect(manifest: Manifest, settings: M3ppSettings, session: requests.Session | None = None) -> M3ppConnector:
    """The connector for a connection."""
    return M3ppConnector(manifest, settings, session)
