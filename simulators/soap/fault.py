"""SOAP faults in the shapes of 1.1 and 1.2."""

from __future__ import annotations

from enum import Enum

from lxml import etree

from simulators.exchange import Answer

XML_NS = "http://www.w3.org/XML/1998/namespace"
WSSE_NS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"


class SoapVersion(Enum):
    """A version of SOAP, by the namespace of its envelope."""

    V11 = "http://schemas.xmlsoap.org/soap/envelope/"
    V12 = "http://www.w3.org/2003/05/soap-envelope"

    @property
    def content_type(self) -> str:
        """The content type of a message."""
        media = "text/xml" if self is SoapVersion.V11 else "application/soap+xml"
        return f"{media}; charset=utf-8"


class SoapFault(Exception):
    """A call that ends in a fault.

    Args:
        code: ``Client``, ``Server``, ``MustUnderstand``, ``VersionMismatch``, or a WS-Security code such as
            ``wsse:FailedAuthentication``.
        text: The sentence for a person (``faultstring``).
        version: The version to answer in, where the request showed one.
    """

    def __init__(self, code: str, text: str, version: SoapVersion | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.version = version

    def answer(self, version: SoapVersion = SoapVersion.V11) -> Answer:
        """The fault as an HTTP answer: 500, except 400 for the sender's mistakes in SOAP 1.2."""
        if (self.version or version) is SoapVersion.V11:
            return Answer(500, self._fault_11(), SoapVersion.V11.content_type, code=self.code)
        status = 400 if self.code == "Client" else 500
        return Answer(status, self._fault_12(), SoapVersion.V12.content_type, code=self.code)

    def _fault_11(self) -> bytes:
        ns = SoapVersion.V11.value
        envelope = etree.Element(f"{{{ns}}}Envelope", nsmap={"soap": ns})
        fault = etree.SubElement(etree.SubElement(envelope, f"{{{ns}}}Body"), f"{{{ns}}}Fault", nsmap={"wsse": WSSE_NS})
        etree.SubElement(fault, "faultcode").text = self.code if ":" in self.code else f"soap:{self.code}"
        etree.SubElement(fault, "faultstring").text = self.text
        return _serialised(envelope)

    def _fault_12(self) -> bytes:
        ns = SoapVersion.V12.value
        general = {"Client": "Sender", "Server": "Receiver"}.get(self.code, self.code)
        envelope = etree.Element(f"{{{ns}}}Envelope", nsmap={"soap": ns, "wsse": WSSE_NS})
        fault = etree.SubElement(etree.SubElement(envelope, f"{{{ns}}}Body"), f"{{{ns}}}Fault")
        code = etree.SubElement(fault, f"{{{ns}}}Code")
        if ":" in general:
            etree.SubElement(code, f"{{{ns}}}Value").text = "soap:Sender"
            subcode = etree.SubElement(code, f"{{{ns}}}Subcode")
            etree.SubElement(subcode, f"{{{ns}}}Value").text = general
        else:
            etree.SubElement(code, f"{{{ns}}}Value").text = f"soap:{general}"
        reason = etree.SubElement(fault, f"{{{ns}}}Reason")
        text = etree.SubElement(reason, f"{{{ns}}}Text")
        text.set(f"{{{XML_NS}}}lang", "en")
        text.text = self.text
        return _serialised(envelope)


def _serialised(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
