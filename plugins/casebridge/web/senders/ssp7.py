"""Events of SSP7: a SOAP envelope, plain XML or JSON with the fields of ticket and task, as its adapter posts them.

The names of fields are configuration: they stand in `profile.yaml`. Request type and direction together say what has
happened. What comes in to SSP7 is what we wrote ourselves: it is kept for the record, and nothing follows.
"""

from __future__ import annotations

import hmac
import json
import re
from typing import Any
from xml.sax.saxutils import escape

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from lxml import etree

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.web.openapi import REFUSED_AS_JSON, refusals
from casebridge.web.refusal import Refusal
from casebridge.web.sender import check_content_type
from casebridge.web.settings import InboxSettings
from casebridge.web.wording import UNFIT_IN_TEXT, checked, digest
from casebridge.web.xml_body import local_name, parse_xml

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_LARGEST = 2**63 - 1
_DIRECTIONS = ("In", "Out")
_INCOMING = "SSP7 tells what was written to it"


class Ssp7:
    """Takes an event of a ticket task. All of its fields are kept with it: SSP7 cannot be asked for them later.

    Args:
        settings: The secret and the profile.
    """

    system = "ssp7"

    def __init__(self, settings: InboxSettings) -> None:
        self._secret = settings.ssp7_secret.get_secret_value().encode()
        self._profile = settings.profile.ssp7
        self._names = {name: role for role, name in self._profile.app_fields.model_dump().items() if name}

    def read(self, request: Request, body: bytes) -> Arrival:
        """The event."""
        if not self._secret:
            raise Refusal(500, "the secret of this system is not configured")
        check_content_type(request, self._profile.content_types)
        fields = _json_fields(body) if _is_json(request) else _xml_fields(request, body)
        self._authenticate(request, fields.pop(self._profile.secret.field, ""))
        told = {self._names.get(name) or _detail(name): text for name, text in fields.items()}
        direction = told.get("direction", "").strip().capitalize()
        if direction not in _DIRECTIONS:
            raise Refusal(400, "the direction is neither In nor Out")
        request_type = checked("the request type", told.get("request_type", ""))
        if direction == "Out" and not request_type:
            raise Refusal(400, "the request type is missing")
        subject = checked("the task", told.get("case_reference", ""))
        if not subject:
            raise Refusal(400, "the task is missing")
        group = checked("the group", told.get("group", ""))
        event = self._profile.request_types.get(request_type) or _detail(request_type) or "acknowledgement"
        return self._arrival(subject, event, group, told, incoming=direction == "In")

    def _arrival(self, subject: str, event: str, group: str, told: dict[str, str], *, incoming: bool) -> Arrival:
        event_id = checked("the event's id", told.get("event_id", ""))
        reference = checked("the external reference", told.get("external_reference", ""))
        identity = (subject, event, str(incoming), told.get("update_text", ""), reference, event_id)
        details = {"group": group, "status": checked("the status", told.get("task_status", ""))}
        details["case_type"] = "ticket_task"
        why = ""
        if incoming:
            details["confirms"], why = "yes", _INCOMING
        elif self._profile.integrated_groups and group not in self._profile.integrated_groups:
            why = "the group is not integrated"
        elif event == self._profile.submit:
            details["if_held"] = self._profile.resubmit
            if reference:
                event = self._profile.resubmit
        elif not reference:
            details["after"] = self._profile.submit
        if why:
            details["why"] = why
        return Arrival(
            system=self.system,
            kind=ArrivalKind.NOTICE if why else ArrivalKind.CASE_EVENT,
            key=f"{event_id[:40]}-{digest(*identity)[:16]}".lstrip("-"),
            subject=subject,
            event=f"{event}_in" if incoming else event,
            details={name: text for name, text in details.items() if text},
            position=int(event_id) if event_id.isascii() and event_id.isdigit() and int(event_id) <= _LARGEST else 0,
            content=None if why else told,
        )

    def accepted(self, request: Request, arrival: Arrival, *, stored: bool) -> Response:
        """200 with our id of the event, and what will become of it."""
        why = arrival.details.get("why", "")
        status = "recorded" if why else ("accepted" if stored else "repeated")
        return self._answer(request, 200, {"EntryId": arrival.key, "Status": status, "Reason": why})

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """The reason, in the format of the request."""
        if _is_json(request):
            return JSONResponse({"error": refusal.reason}, refusal.status, refusal.headers)
        if _is_soap(request):
            code = "Client" if refusal.status < 500 else "Server"
            fault = f"<faultcode>soap:{code}</faultcode><faultstring>{escape(refusal.reason)}</faultstring>"
            return _xml(_soap(f"<soap:Fault>{fault}</soap:Fault>"), refusal.status, refusal.headers)
        return _xml(_result({"Status": "refused", "Reason": refusal.reason}), refusal.status, refusal.headers)

    @property
    def openapi(self) -> dict[str, Any]:
        """The request and its answers."""
        names = list(self._names)
        message = {
            "type": "object",
            "xml": {"name": "TicketEvent"},
            "description": "Every field of ticket and task, by its name; alone, or in the body of a SOAP envelope.",
            "properties": {name: {"type": "string"} for name in names},
            "required": [self._profile.app_fields.direction, self._profile.app_fields.case_reference],
            "additionalProperties": {"type": "string"},
        }
        answer = {name: {"type": "string"} for name in ("EntryId", "Status", "Reason")}
        taken = {
            "application/json": {"schema": {"type": "object", "properties": answer, "required": ["EntryId", "Status"]}},
            "text/xml": {"schema": {"type": "string", "description": "the same as elements, in SOAP if it was SOAP"}},
        }
        refused = {**REFUSED_AS_JSON, "text/xml": {"schema": {"type": "string", "description": "why, or a SOAP fault"}}}
        return {
            "parameters": [
                {
                    "name": self._profile.secret.header,
                    "in": "header",
                    "schema": {"type": "string"},
                    "description": f"The secret, unless the field {self._profile.secret.field} has it.",
                }
            ],
            "requestBody": {
                "required": True,
                "content": {name: {"schema": message} for name in self._profile.content_types},
            },
            "responses": {"200": {"description": "It is in the inbox.", "content": taken}, **refusals(refused)},
        }

    def _authenticate(self, request: Request, in_field: str) -> None:
        headers = request.headers.getlist(self._profile.secret.header)
        given = headers[0] if len(headers) == 1 else in_field
        if not hmac.compare_digest(self._secret, given.encode("utf-8", "replace")):
            raise Refusal(401, "the secret is missing or wrong")

    def _answer(self, request: Request, status: int, values: dict[str, str]) -> Response:
        if _is_json(request):
            return JSONResponse(values, status)
        result = _result(values)
        return _xml(_soap(result) if _is_soap(request) else result, status)


def _is_json(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "").partition(";")[0].lower()


def _is_soap(request: Request) -> bool:
    return bool(getattr(request.state, "soap", False))


def _result(values: dict[str, str]) -> str:
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in values.items())
    return f'<Result xmlns="urn:casebridge:inbox">{inner}</Result>'


def _soap(inner: str) -> str:
    return f'<soap:Envelope xmlns:soap="{_ENVELOPE}"><soap:Body>{inner}</soap:Body></soap:Envelope>'


def _xml(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(f'<?xml version="1.0" encoding="utf-8"?>\n{text}', status, headers, media_type="text/xml")


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        payload = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON") from None
    if not isinstance(payload, dict):
        raise Refusal(400, "the body is not a JSON object")
    return {name: _clean(_as_text(value)) for name, value in payload.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        _put(found, _clean(name), value)
    return found


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
    raise Refusal(400, "a field is not a text")


def _xml_fields(request: Request, body: bytes) -> dict[str, str]:
    """The fields: elements by their names, `Field[@Name]` and `FormField[@Label]` by what these say."""
    root = parse_xml(body)
    if local_name(root) == "Envelope":
        request.state.soap = True
        inner = next((child for child in root if local_name(child) == "Body"), None)
        content = next((child for child in inner if local_name(child)), None) if inner is not None else None
    else:
        content = root
    if content is None:
        raise Refusal(400, "there is nothing in the SOAP body")
    fields: dict[str, str] = {}
    for child in content:
        if len(child):
            raise Refusal(400, "a field is not a text")
        _put(fields, _field_name(child), child.text or "")
    return fields


def _field_name(element: etree._Element) -> str:
    label = element.get("Label")
    return f"Form_{label}" if label is not None else element.get("Name") or local_name(element)


def _put(fields: dict[str, Any], name: str, value: Any) -> None:
    if name in fields:  # of two fields of one name none can be believed
        raise Refusal(400, "a field stands there twice")
    fields[name] = value


def _detail(name: str) -> str:
    """The name of a detail: `Task_DueDate` is `task_due_date`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _clean(text: str) -> str:
    return UNFIT_IN_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


def make(settings: InboxSettings) -> Ssp7:
    """The sender, with its secret."""
    return Ssp7(settings)
