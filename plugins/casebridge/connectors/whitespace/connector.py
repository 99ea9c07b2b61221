"""Whitespace's WSAPI: create a Worksheet, find it again, read it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import requests

from casebridge.connectors.base import ConnectorBase
from casebridge.connectors.whitespace import live_check
from casebridge.connectors.whitespace.fields import CREATE, WORKSHEET
from casebridge.connectors.whitespace.profile import read_profile
from casebridge.connectors.whitespace.settings import Face, WhitespaceSettings
from casebridge.connectors.whitespace.worksheet import read_worksheet
from casebridge.core.errors import CasebridgeError, DuplicateRefused, NotFound, RefusedByTarget, RejectedError
from casebridge.core.manifest import ActionType, Manifest
from casebridge.core.payload import Payload
from casebridge.core.ports import Parts
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.summary import Summary, digest_of
from casebridge.core.template import MappingTemplate
from casebridge.core.wall_time import moment_of
from casebridge.transport.errors import unanswered
from casebridge.transport.soap import Element, SoapClient

OPERATIONS = (
    "CreateWorksheet",
    "GetFullWorksheetDetails",
    "GetServiceItems",
    "GetServices",
    "GetWorksheetExtraInfoFields",
    "GetWorksheetsByReference",
)
"""What this connector calls; the bundled WSDL declares just these."""

_WSDL_FOLDER = Path(__file__).parent / "wsdl"
_LIST_ELEMENT = {Face.ASMX: "{name}", Face.WCF: "Input.CreateWorksheetInput.{name}"}


class WhitespaceConnector(ConnectorBase[WhitespaceSettings]):
    """Whitespace behind one connection."""

    settings_class = WhitespaceSettings

    def __init__(
        self, manifest: Manifest, settings: WhitespaceSettings, session: requests.Session | None = None
    ) -> None:
        super().__init__(manifest, settings, session)
        self._profile = read_profile(settings.profile)

    def check(self) -> str:
        """Asks for the list of Services: HelloWorld may not prove the credentials, this does."""
        count = len(self._services())
        return f"Whitespace answered as {self.settings.login}: {count} Service{'' if count == 1 else 's'}"

    def send(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Creates a Worksheet.

        Raises:
            DuplicateRefused: The same Service for the same reference within 30 minutes.
            RefusedByTarget: Whitespace said no.
            InDoubtError: No clear answer.
        """
        result = self._call("CreateWorksheet", {"worksheetInput": self._worksheet_input(payload)}, writes=True)
        answers = [element.text for element in result.descendants("anyType")]
        worksheet_id = next((text for text in answers if text), "")
        if not worksheet_id:
            raise unanswered("Whitespace reported success without a Worksheet Id", writes=True)
        return Receipt(worksheet_id, url=self.record_url(action.record, worksheet_id))

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The Worksheets with our reference; certain where the subject is the name of the Service."""
        worksheets = self._with_reference(payload.external_reference(action))
        service = self._service_name(payload.text("service_id")) if worksheets else ""
        return [
            Found(
                id=worksheet.value(*WORKSHEET["worksheet_id"]),
                created_at=moment_of(worksheet.value(*self._profile.members["created_date"]), self.timezone),
                certain=bool(service) and worksheet.value("WorksheetSubject").casefold() == service.casefold(),
            )
            for worksheet in worksheets
        ]

    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads a Worksheet with its items, properties, notes and history.

        Raises:
            NotFound: Whitespace has no such Worksheet.
        """
        result = self._call("GetFullWorksheetDetails", {"fullworksheetDetailsInput": {"WorksheetId": record_id}})
        details = result.child("FullWSDetails") or result
        record = read_worksheet(details, self._profile.members, self.record_url(kind, record_id))
        if record.id != record_id:
            raise NotFound(f"Whitespace did not give Worksheet {record_id} when asked for it")
        return record

    def listing_of(self, kind: str, external_references: Sequence[str]) -> Iterator[Summary]:
        """The Worksheets with our references, each read in full: its outcome often stands in a Service Property.

        Whitespace offers no list by date; it can be asked for one reference at a time.
        """
        for reference in external_references:
            for worksheet in self._with_reference(reference):
                record = self.fetch(kind, worksheet.value(*WORKSHEET["worksheet_id"]))
                status = str(record.fields["status"])
                yield Summary(
                    kind=kind,
                    id=record.id,
                    external_reference=reference,
                    closed=status.casefold() in self._profile.closed_statuses if status else None,
                    digest=digest_of(record),
                )

    def check_template(self, template: MappingTemplate) -> Sequence[Problem]:
        """Compares the template with the live Services, Items and compulsory Properties."""
        if not template.action.outgoing:
            return []
        service = live_check.static_service(template)
        if service is None:
            return [live_check.service_taken_from_case(template)]
        services = self._services()
        if service not in services:
            return [live_check.unknown_service(service, services)]
        items = self._rows("GetServiceItems", "serviceItemInput", service, "ServiceItem", "ServiceItem")
        definitions = self._property_definitions(service)
        properties = {row.value("ServicePropertyID"): row.value("ServicePropertyName") for row in definitions}
        compulsory = {
            row.value("ServicePropertyID"): row.value("ServicePropertyName")
            for row in definitions
            if row.value("IsCreateCompulsory").lower() in ("true", "1")
        }
        return [
            *live_check.unknown_keys(
                template.rows, "service_item_quantity", "Service Item Quantity", "Service Item ID", items
            ),
            *live_check.unknown_keys(
                template.rows, "service_property", "Service Property", "Service Property ID", properties
            ),
            *live_check.missing_properties(template.rows, compulsory),
        ]

    def labels(self, action: ActionType, payload: Payload) -> Mapping[tuple[str, str], str]:
        """The names of the Service, of its Items and of its Properties."""
        if not (service := payload.text("service_id")):
            return {}
        names = {("service_id", service): self._service_name(service)}
        if "service_item_quantity" in payload.keyed:
            items = self._rows("GetServiceItems", "serviceItemInput", service, "ServiceItem", "ServiceItem")
            names |= {("service_item_quantity", key): name for key, name in items.items()}
        if "service_property" in payload.keyed:
            for row in self._property_definitions(service):
                names["service_property", row.value("ServicePropertyID")] = row.value("ServicePropertyName")
        return names

    @cached_property
    def _soap(self) -> SoapClient:
        bundled = _WSDL_FOLDER / f"{self.settings.face}.wsdl"
        chosen: dict[str, str | Path] = {"target": f"{self.settings.address}?wsdl", "bundled": bundled}
        return SoapClient(
            system=self.manifest.title,
            address=self.settings.address,
            wsdl=chosen.get(self.settings.wsdl, self.settings.wsdl),
            fallback_wsdl=bundled if self.settings.wsdl == "target" else None,
            session=self.session,
            timeouts=self.settings.timeouts,
            username=self.settings.login,
            password=self.settings.password.get_secret_value(),
            operations=OPERATIONS,
            cache=self.cache,
        )

    def _call(self, operation: str, message: dict[str, Any], *, writes: bool = False) -> Element:
        """Calls an operation and reads its result: either `SuccessFlag` or `ErrorCode` may tell of a refusal."""
        reply = self._soap.call(operation, message, writes=writes)
        result = reply.child(f"{operation}Result") or next(iter(reply), None) or reply
        code_text, flag = result.value("ErrorCode"), result.value("SuccessFlag").lower()
        code = int(code_text) if code_text.lstrip("-").isdigit() else 0
        if not code_text and not flag:
            raise unanswered(f"Whitespace answered {operation} without saying whether it succeeded", writes=writes)
        if code == 0 and flag != "false":
            return result
        raise self._refusal(code, result.value("ErrorDescription"), writes=writes)

    def _refusal(self, code: int, description: str, *, writes: bool) -> CasebridgeError:
        text = f"Whitespace refused: {description or 'no reason given'} (code {code})"
        codes = self._profile.error_codes
        if code in codes.retry:
            return unanswered(text, writes=writes)
        if code in codes.duplicate or any(word in description.lower() for word in self._profile.duplicate_words):
            return DuplicateRefused(text, code=str(code))
        if code in codes.no_results and not writes:
            return NotFound(text)
        return RefusedByTarget(text, code=str(code))

    def _worksheet_input(self, payload: Payload) -> dict[str, Any]:
        message: dict[str, Any] = {
            CREATE[name]: value if name == "role_id" else str(value) for name, value in payload.fields.items()
        }
        if items := payload.keyed.get("service_item_quantity"):
            message["ServiceItemInputs"] = self._list(
                "ServiceItemInput",
                [
                    {"ServiceItemId": row["key"], "ServiceItemName": "", "ServiceItemQuantity": row["value"]}
                    for row in items
                ],
            )
        if properties := payload.keyed.get("service_property"):
            message["ServicePropertyInputs"] = self._list(
                "ServicePropertyInput",
                [{"ServicePropertyId": row["key"], "ServicePropertyValue": row["value"]} for row in properties],
            )
        return message

    def _list(self, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {_LIST_ELEMENT[self.settings.face].format(name=name): rows}

    def _with_reference(self, reference: str) -> list[Element]:
        try:
            result = self._call("GetWorksheetsByReference", {"worksheetsByRefInput": {"WorksheetReference": reference}})
        except NotFound:
            return []
        return result.descendants("Worksheet")

    def _services(self) -> dict[str, str]:
        result = self._call("GetServices", {"serviceInput": {"IncludeCommercial": False}})
        return {row.value("ServiceID", "ServiceId"): row.value("ServiceName") for row in result.descendants("Service")}

    def _service_name(self, service_id: str) -> str:
        with contextlib.suppress(RejectedError):  # without the name, the look-up is only less certain
            result = self._call("GetServices", {"serviceInput": {"ServiceId": service_id, "IncludeCommercial": True}})
            for row in result.descendants("Service"):
                if row.value("ServiceID", "ServiceId") == service_id:
                    return row.value("ServiceName")
        return ""

    def _rows(self, operation: str, wrapper: str, service: str, element: str, prefix: str) -> dict[str, str]:
        try:
            result = self._call(operation, {wrapper: {"ServiceId": service}})
        except NotFound:
            return {}
        return {
            row.value(f"{prefix}ID", f"{prefix}Id"): row.value(f"{prefix}Name") for row in result.descendants(element)
        }

    def _property_definitions(self, service: str) -> list[Element]:
        try:
            result = self._call("GetWorksheetExtraInfoFields", {"servicepropertyInput": {"ServiceId": service}})
        except NotFound:
            return []
        return result.descendants("ServiceProperty")


def connect(
    manifest: Manifest, settings: WhitespaceSettings, session: requests.Session | None = None
) -> WhitespaceConnector:
    """The connector for a connection."""
    return WhitespaceConnector(manifest, settings, session)
