"""SSP's Web Services adapter: what it posts, made from the neutral document, and what it takes from the answer.

FACT: *URL*, *Call type*, *XSLT In* and *XSLT Out*; the neutral document ``/SSPAdapterCall/Field[@Name]``; beside SOAP a
type REST with an *Input Json*, whose placeholders are written in capitals and encoded by ``||JSON``, and an *Output
Selector*. ASSUMED: what XSLT Out must yield, the headers, and how the adapter authenticates itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from simulators.courier import CannotCompose, Message, web_address
from simulators.fields import BadField, Fields

_XSLT = Path(__file__).parent / "xslt"
_DEFAULT_IN = {
    "soap": (_XSLT / "envelope.xslt").read_text(encoding="utf-8"),
    "xml": (_XSLT / "fields.xslt").read_text(encoding="utf-8"),
}
_DEFAULT_OUT = (_XSLT / "result.xslt").read_text(encoding="utf-8")
_PLACEHOLDER = re.compile(r"#([^#|\n]+)(\|\|JSON)?#")
_APP_FIELD = re.compile(r"REPLACE-EXTAPPFIELD-[^-]+-(.+)")
_FORM_FIELD = "REPLACE-FORMFIELD-"
#: A stylesheet may read nothing but its document: no file, no network.
_NOTHING = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # missing in its stubs
# A text with one of these can come in JSON, but no field could ever be sent with it.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_SELECTOR = re.compile(r"\$?(?:\.?[\w-]+|\[\d+\])+")


class CannotRead(Exception):
    """The answer gives no fields; the text says why."""


@dataclass(frozen=True)
class WebService:
    """How events leave.

    Attributes:
        url: Where they are posted; None: nothing is sent.
        format: soap, xml (both by XSLT) or json (by Input Json).
        call_type: Insert or Retrieve, as the adapter's page has it; it changes nothing here.
        soap_action: The SOAPAction of a SOAP call.
        headers: Further headers, such as those of an authentication.
        xslt_in: Makes the body; None: one element for each field.
        xslt_out: Makes ``Field[@Name]`` elements of the answer, or a text alone; None: the first ``ExternalReference``.
        input_json: The body with placeholders; None: one member for each field.
        output_selector: For each field to set, where its value is in an answer of JSON.
        single_value_field: The field that a text alone is written to.
    """

    url: str | None = None
    format: str = "soap"
    call_type: str = "Insert"
    soap_action: str = "urn:ssp7:ticketing/TicketEvent"
    headers: Mapping[str, str] = field(default_factory=dict)
    xslt_in: str | None = None
    xslt_out: str | None = None
    input_json: str | None = None
    output_selector: Mapping[str, str] = field(
        default_factory=lambda: {"Task_ExternalReference": "$.external_reference"}
    )
    single_value_field: str = "Task_ExternalReference"

    def changed(self, fields: Fields | None) -> WebService:
        """This configuration with what is named replaced.

        Raises:
            BadField: A stylesheet cannot be used, or a value is not one it can have.
        """
        if fields is None:
            return self
        changed = WebService(
            url=web_address(fields, "url", self.url),
            format=fields.choice("format", ("soap", "xml", "json"), self.format),
            call_type=fields.choice("call_type", ("Insert", "Retrieve"), self.call_type),
            soap_action=fields.text("soap_action", self.soap_action),
            headers=_texts(fields, "headers", self.headers, _HEADER),
            xslt_in=_stylesheet(fields, "xslt_in", self.xslt_in),
            xslt_out=_stylesheet(fields, "xslt_out", self.xslt_out),
            input_json=_optional(fields, "input_json", self.input_json),
            output_selector=_selectors(fields, self.output_selector),
            single_value_field=fields.text("single_value_field", self.single_value_field),
        )
        fields.end()
        return changed

    def shown(self) -> dict[str, Any]:
        """What the admin side shows: the stylesheets in force."""
        own = {"xslt_in": self.xslt_in or _DEFAULT_IN.get(self.format), "xslt_out": self.xslt_out or _DEFAULT_OUT}
        return asdict(self) | own

    def message(self, values: Mapping[str, str]) -> Message:
        """What is posted, by the names and values of the fields.

        Raises:
            CannotCompose: There is no address, or the body cannot be made.
        """
        if self.url is None:
            raise CannotCompose("The web service has no URL.")
        body = self._json(values) if self.format == "json" else self._xml(values)
        media = "application/json" if self.format == "json" else "text/xml; charset=utf-8"
        action = {"SOAPAction": f'"{self.soap_action}"'} if self.format == "soap" else {}
        return Message(self.url, {"Content-Type": media, **action, **self.headers}, body)

    def fields_of(self, answer: bytes) -> dict[str, str]:
        """The fields that an answer sets; an empty answer sets none.

        Raises:
            CannotRead: The answer is not of this format, or the stylesheet fails on it.
        """
        if not answer.strip():
            return {}
        return self._selected(answer) if self.format == "json" else self._transformed(answer)

    def _xml(self, values: Mapping[str, str]) -> bytes:
        try:
            result = _transform(self.xslt_in or _DEFAULT_IN[self.format], neutral_document(values))
        except etree.XSLTError as error:
            raise CannotCompose(f"XSLT In: {error}") from None
        body = bytes(result)
        if not body.strip():
            raise CannotCompose("XSLT In gave an empty body.")
        return body

    def _transformed(self, answer: bytes) -> dict[str, str]:
        try:
            result = _transform(self.xslt_out or _DEFAULT_OUT, etree.fromstring(answer, _parser()))
        except etree.XMLSyntaxError as error:
            raise CannotRead(f"The answer is not XML: {error}") from None
        except etree.XSLTError as error:
            raise CannotRead(f"XSLT Out: {error}") from None
        root = result.getroot()
        named = [] if root is None else list(root.iter("{*}Field"))
        if named:
            return {one.get("Name", ""): "".join(one.itertext()).strip() for one in named}
        alone = str(result) if root is None else "".join(root.itertext())
        return {self.single_value_field: alone.strip()} if alone.strip() else {}

    def _json(self, values: Mapping[str, str]) -> bytes:
        if self.input_json is None:
            return json.dumps(dict(values)).encode()
        capitals = {name.upper(): value for name, value in values.items()}

        def replaced(found: re.Match[str]) -> str:
            name, encode = found[1], found[2] is not None
            app = _APP_FIELD.fullmatch(name)
            if app:  # a field is the same for every app
                value = values.get(app[1])
            elif name.startswith(_FORM_FIELD):
                value = values.get(f"Form_{name.removeprefix(_FORM_FIELD)}", "")
            else:
                value = capitals.get(name)
            if value is None:
                return found[0]
            return json.dumps(value) if encode else value

        body = _PLACEHOLDER.sub(replaced, self.input_json)
        try:
            json.loads(body)
        except ValueError as error:
            raise CannotCompose(f"Input Json gave no JSON: {error}") from None
        return body.encode()

    def _selected(self, answer: bytes) -> dict[str, str]:
        try:
            whole = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise CannotRead(f"The answer is not JSON: {error}") from None
        found = {name: _select(whole, where) for name, where in self.output_selector.items()}
        return {name: value for name, value in found.items() if value is not None}


def neutral_document(values: Mapping[str, str]) -> etree._Element:
    """FACT: what XSLT In is fed with."""
    call = etree.Element("SSPAdapterCall")
    for name, value in values.items():
        etree.SubElement(call, "Field", Name=name).text = value
    return call


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@lru_cache(maxsize=32)
def _compiled(text: str) -> etree.XSLT:
    return etree.XSLT(etree.fromstring(text.encode(), _parser()), access_control=_NOTHING)


def _transform(text: str, document: etree._Element) -> Any:
    return _compiled(text)(document.getroottree())


def _optional(fields: Fields, name: str, now: str | None) -> str | None:
    """The field as text; null: what is used where nobody sets anything."""
    value = fields.value(name, now)
    if value is not None and not isinstance(value, str):
        raise BadField(f'Field "web_service.{name}" must be text or null.')
    return value


def _stylesheet(fields: Fields, name: str, now: str | None) -> str | None:
    text = _optional(fields, name, now)
    if text is not None:
        try:
            _compiled(text)
        except (etree.XMLSyntaxError, etree.XSLTParseError, ValueError) as error:
            raise BadField(f'Field "web_service.{name}" is no stylesheet that can be used: {error}.') from None
    return text


def _texts(fields: Fields, name: str, now: Mapping[str, str], names: re.Pattern[str]) -> dict[str, str]:
    given = fields.value(name, dict(now))
    usable = isinstance(given, dict) and all(
        names.fullmatch(key) and isinstance(value, str) and value.isprintable() for key, value in given.items()
    )
    if not usable:
        raise BadField(f'Field "web_service.{name}" must be an object of texts.')
    return dict(given)


def _selectors(fields: Fields, now: Mapping[str, str]) -> dict[str, str]:
    given = _texts(fields, "output_selector", now, re.compile(r".+"))
    for where in given.values():
        if not _SELECTOR.fullmatch(where):
            raise BadField(
                f'Field "web_service.output_selector" has {where[:60]!r}, which is no path such as $.a.b[0].'
            )
    return given


def _select(whole: Any, where: str) -> str | None:
    for name, index in re.findall(r"([\w-]+)|\[(\d+)\]", where.removeprefix("$")):
        if index and isinstance(whole, list) and int(index) < len(whole):
            whole = whole[int(index)]
        elif name and isinstance(whole, dict) and name in whole:
            whole = whole[name]
        else:
            return None
    if whole is None or isinstance(whole, dict | list):
        return None
    text = str(whole).lower() if isinstance(whole, bool) else str(whole)
    return _NOT_XML.sub("\ufffd", text)
