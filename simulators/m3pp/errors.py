"""Every error code in one table, the refusal that carries one, and the fault of a technical failure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml import etree

from simulators.exchange import Answer
from simulators.fields import BadField, Fields
from simulators.m3pp.profile import Profile
from simulators.soap.fault import SoapFault, SoapVersion


@dataclass(frozen=True)
class ErrorCode:
    """A code, and whether it is answered as a SOAP fault or as a result whose Success is false."""

    code: str
    fault: bool = False


#: All ASSUMED; any can be replaced: POST /_sim/settings.
ERROR_CODES = {
    "auth": ErrorCode("AUTH", fault=True),
    "system": ErrorCode("SYSTEM", fault=True),
    "invalid_uprn": ErrorCode("INVALID_UPRN"),
    "invalid_code": ErrorCode("INVALID_CODE"),
    "mandatory_field": ErrorCode("MANDATORY_FIELD"),
    "asset_not_found": ErrorCode("ASSET_NOT_FOUND"),
    "attribute_not_found": ErrorCode("ATTRIBUTE_NOT_FOUND"),
    "value_invalid": ErrorCode("VALUE_INVALID"),
    "worksheet_not_found": ErrorCode("WORKSHEET_NOT_FOUND"),
}


class Refusal(Exception):
    """A business error.

    Args:
        kind: A name of the table.
        message: The sentence for a person.
        payload: What is answered besides.
    """

    def __init__(self, kind: str, message: str, payload: dict[str, object] | None = None) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.payload = payload or {}


class ServiceFault(SoapFault):
    """A fault whose code is the service's own, as an ASMX service raises it: a QName of its namespace.

    Its ``detail`` holds code and text again, by the profile's names. Only of SOAP 1.1, the one version spoken here.
    """

    def __init__(self, profile: Profile, code: str, text: str) -> None:
        super().__init__(code, text)
        self._profile = profile

    def answer(self, version: SoapVersion = SoapVersion.V11) -> Answer:
        """The fault as an HTTP answer: 500."""
        soap, own = SoapVersion.V11.value, self._profile.namespace
        envelope = etree.Element(f"{{{soap}}}Envelope", nsmap={"soap": soap})
        fault = etree.SubElement(etree.SubElement(envelope, f"{{{soap}}}Body"), f"{{{soap}}}Fault")
        etree.SubElement(fault, "faultcode", nsmap={"q0": own}).text = f"q0:{self.code}"
        etree.SubElement(fault, "faultstring").text = self.text
        detail = etree.SubElement(fault, "detail", nsmap={"q0": own})
        status = self._profile.operations["GetVersion"].result
        etree.SubElement(detail, f"{{{own}}}{status.element('ErrorCode')}").text = self.code
        etree.SubElement(detail, f"{{{own}}}{status.element('ErrorMessage')}").text = self.text
        text = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        return Answer(500, text, SoapVersion.V11.content_type, code=self.code)


def change_codes(codes: dict[str, ErrorCode], fields: Fields) -> dict[str, ErrorCode]:
    """The table with the named entries replaced, in code, in being a fault, or in both."""
    changed = dict(codes)
    for name in fields.names():
        if name not in codes:
            raise BadField(f'Field "error_codes.{name}" is not one of {", ".join(codes)}.')
        entry = fields.group(name)
        if entry is None:
            raise BadField(f'Field "error_codes.{name}" must be an object with code, fault or both.')
        changed[name] = replace(
            codes[name], code=entry.text("code", codes[name].code), fault=entry.flag("fault", codes[name].fault)
        )
        entry.end()
    return changed
