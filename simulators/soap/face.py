"""One address of a SOAP service: its contract, and how it reads and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from simulators.exchange import Answer, VendorRequest, html
from simulators.soap.envelope import Envelope, local_name, namespace, read_envelope
from simulators.soap.fault import WSSE_NS, SoapFault, SoapVersion
from simulators.soap.schema import ARRAYS, XSI, ComplexType, Contract, Reading, read, write

_XSD = "http://www.w3.org/2001/XMLSchema"


class SoapFace:
    """An address that speaks SOAP.

    Args:
        path: Where it is.
        wsdl: Its contract, as a file or as text; the address in it is replaced by the one that was asked.
        versions: The versions of SOAP it speaks.
        prefix: The prefix of the envelope in its answers (clients must not care, and some do).
    """

    def __init__(self, path: str, wsdl: Path | str, versions: tuple[SoapVersion, ...], prefix: str) -> None:
        self.path = path
        self.contract = Contract(wsdl)
        self.versions = versions
        self._prefix = prefix

    def open(self, request: VendorRequest) -> tuple[Envelope, str]:
        """The envelope of a request and the operation it asks for.

        Raises:
            NotSoap: The content type is not one of SOAP as spoken here.
            SoapFault: The envelope cannot be used, or asks for no operation of this service.
        """
        envelope = read_envelope(request, versions=self.versions, understood=(WSSE_NS,))
        version, body = envelope.version, envelope.body
        if envelope.action is not None:
            operation = self.contract.with_action(envelope.action)
            if operation is None:
                text = f"Server did not recognize the value of HTTP Header SOAPAction: {envelope.action}."
                raise SoapFault("Client", text, version)
        else:
            operation = self.contract.with_body(body)
            if operation is None:
                raise SoapFault("Client", f"There is no operation {local_name(body)}.", version)
        declared = self.contract.request(operation)
        if body.tag != declared.tag:
            found = f"<{local_name(body)}> of {namespace(body)!r}"
            text = f"The body must hold {declared.name} of namespace {declared.namespace}, not {found}."
            raise SoapFault("Client", text, version)
        return envelope, operation

    def read(
        self, envelope: Envelope, operation: str, reading: Reading, *, any_wrapper: bool = False
    ) -> dict[str, Any]:
        """The members of the operation's input; empty where the wrapper element is missing.

        Args:
            envelope: The request.
            operation: Its operation.
            reading: How strict to be.
            any_wrapper: Whatever element comes first is the wrapper: for operations whose wrapper's name is not known.
        """
        declared = self.contract.request(operation)
        if not isinstance(declared.type, ComplexType) or not declared.type.members:
            return {}
        wrapper = declared.type.members[0]
        for child in envelope.body:
            expected = local_name(child) == wrapper.name and reading.accepts(child, self.contract.target)
            if any_wrapper or expected:
                value = read(child, wrapper.type, reading, self.contract.target)
                return value if isinstance(value, dict) else {}
        return {}

    def reply(self, version: SoapVersion, operation: str, result: Any, code: str) -> Answer:
        """The result of an operation as an answer."""
        ns = version.value
        envelope = etree.Element(f"{{{ns}}}Envelope", nsmap={self._prefix: ns, "xsi": XSI, "xsd": _XSD})
        body = etree.SubElement(envelope, f"{{{ns}}}Body")
        declared = self.contract.response(operation)
        response = etree.SubElement(body, declared.tag, nsmap={None: declared.namespace})  # type: ignore[dict-item]
        if isinstance(declared.type, ComplexType):
            write(response, declared.type.members[0], result)
        etree.cleanup_namespaces(response, top_nsmap={"a": ARRAYS}, keep_ns_prefixes=["xsi", "xsd"])
        text = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        return Answer(200, text, version.content_type, code=code)

    def document(self, request: VendorRequest) -> Answer:
        """The WSDL, the help page, or what IIS says to anything else."""
        if request.method not in ("GET", "HEAD"):
            return html(
                405, "Method Not Allowed", "The HTTP verb used to access this page is not allowed.", Allow="GET, POST"
            )
        asked = request.query.lower()
        if asked in ("wsdl", "singlewsdl"):
            return Answer(200, self.contract.served(request.base_url + request.path), "text/xml; charset=utf-8")
        if asked.startswith(("wsdl", "disco", "xsd")):
            return html(404, "Not Found", "The resource cannot be found.")
        operations = "".join(f"<li>{name}</li>" for name in self.contract.operations)
        service = f'<a href="{request.path}?wsdl">Service Description</a>'
        return html(
            200, "Web Service", f"The following operations are supported. See the {service}.<ul>{operations}</ul>"
        )
