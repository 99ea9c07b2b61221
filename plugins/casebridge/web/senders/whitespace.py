"""The WorksheetPoke of Whitespace: a SOAP message that says a worksheet has changed, and nothing more."""

from __future__ import annotations

import hmac
from typing import Any
from xml.sax.saxutils import escape

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from lxml import etree

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.web.openapi import refusals
from casebridge.web.refusal import Refusal
from casebridge.web.sender import check_content_type
from casebridge.web.settings import InboxSettings
from casebridge.web.wording import checked, digest
from casebridge.web.xml_body import local_name, parse_xml

_CONTENT_TYPES = ("text/xml", "application/xml", "application/soap+xml")
_FAULT = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
    "<faultcode>soap:{code}</faultcode><faultstring>{text}</faultstring>"
    "</soap:Fault></soap:Body></soap:Envelope>"
)


class Whitespace:
    """Takes a poke. Its namespaces do not count, as with the receivers that are in use; its status is not believed.

    Args:
        settings: The secret.
    """

    system = "whitespace"

    def __init__(self, settings: InboxSettings) -> None:
        self._secret = settings.whitespace_secret.get_secret_value().encode()

    def read(self, request: Request, body: bytes) -> Arrival:
        """The worksheet that a poke is about."""
        if not body:
            raise Refusal(400, "no body")
        if not self._secret:
            raise Refusal(500, "the secret of this system is not configured")
        check_content_type(request, _CONTENT_TYPES)
        poke = _poke(body)
        if not hmac.compare_digest(self._secret, poke.get("secret", "").encode("utf-8", "replace")):
            raise Refusal(401, "the secret is missing or wrong")
        found = {
            name: checked(name, poke.get(name, ""))
            for name in ("worksheetId", "worksheetReference", "completedDate", "status")
        }
        for name in ("worksheetId", "worksheetReference", "completedDate"):
            if not found[name]:
                raise Refusal(400, f"{name} is missing")
        return Arrival(
            system=self.system,
            kind=ArrivalKind.RECORD_UPDATE,
            key=digest(found["worksheetId"], found["status"], found["completedDate"]),
            subject=found["worksheetId"],
            event="worksheet_updated",
            details={"reference": found["worksheetReference"]},
        )

    def accepted(self, request: Request, arrival: Arrival, *, stored: bool) -> Response:
        """Whitespace expects the word, and no XML."""
        return PlainTextResponse("OK")

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """A SOAP fault."""
        text = f"Bad request: {refusal.reason}" if refusal.status == 400 else refusal.reason
        fault = _FAULT.format(code="Client" if refusal.status < 500 else "Server", text=escape(text))
        return Response(fault, refusal.status, refusal.headers, media_type="text/xml")

    @property
    def openapi(self) -> dict[str, Any]:
        """The request and its answers."""
        names = ("secret", "worksheetId", "worksheetReference", "status", "completedDate")
        message = {
            "type": "object",
            "xml": {"name": "WorksheetPoke", "namespace": "https://www.jadu.net/hubis/webservices"},
            "description": "Within the body of a SOAP 1.1 envelope.",
            "properties": {name: {"type": "string"} for name in names},
            "required": [name for name in names if name != "status"],
        }
        return {
            "requestBody": {"required": True, "content": {name: {"schema": message} for name in _CONTENT_TYPES}},
            "responses": {
                "200": {
                    "description": "It is in the inbox: newly stored, or as a repetition.",
                    "content": {"text/plain": {"schema": {"type": "string", "enum": ["OK"]}}},
                },
                **refusals({"text/xml": {"schema": {"type": "string", "description": "a SOAP fault"}}}),
            },
        }


def _poke(body: bytes) -> dict[str, str]:
    """The children of the poke by their local names.

    Raises:
        Refusal: It is not XML, or is no poke.
    """
    root = parse_xml(body)
    envelope = root if local_name(root) == "Envelope" else None
    soap_body = _child(envelope, "Body")
    poke = _child(soap_body, "WorksheetPoke")
    if poke is None:
        raise Refusal(400, "there is no WorksheetPoke in a SOAP body")
    children: dict[str, str] = {}
    for child in poke:
        # Of two children of one name none can be believed.
        if local_name(child) in children:
            raise Refusal(400, "a child of the WorksheetPoke stands there twice")
        children[local_name(child)] = child.text or ""
    return children


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return next((child for child in parent if local_name(child) == name), None) if parent is not None else None


def make(settings: InboxSettings) -> Whitespace:
    """The sender, with its secret."""
    return Whitespace(settings)
