"""Reading a SOAP envelope as lenient as .NET servers are, and no more.

Accepted: SOAP 1.1 and 1.2, SOAPAction quoted, unquoted or absent, any case and order in Content-Type.
Ignored: ``encodingStyle``, ``xsi:type``, unknown header blocks that need not be understood.
Refused: a DTD, and with it every entity trick; nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from email.message import Message

from lxml import etree

from simulators.exchange import VendorRequest
from simulators.soap.fault import SoapFault, SoapVersion

_MEDIA = {"text/xml": SoapVersion.V11, "application/soap+xml": SoapVersion.V12}


class NotSoap(Exception):
    """The content type is not one of SOAP: answered 415 before the body is looked at."""


@dataclass(frozen=True)
class Envelope:
    """One message: its version, the action it names, its header blocks and the first element of its body."""

    version: SoapVersion
    action: str | None
    headers: tuple[etree._Element, ...]
    body: etree._Element


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str:
    """The namespace of an element; empty for none."""
    return etree.QName(element).namespace or ""


def read_envelope(
    request: VendorRequest, *, versions: Collection[SoapVersion] = tuple(SoapVersion), understood: Collection[str] = ()
) -> Envelope:
    """The envelope in a request.

    Args:
        request: What was posted.
        versions: The versions that this address speaks.
        understood: Namespaces of header blocks that may say ``mustUnderstand``.

    Raises:
        NotSoap: The content type is not that of a version spoken here.
        SoapFault: The body is not an envelope that can be used.
    """
    content = Message()
    content["Content-Type"] = request.headers.get("content-type", "")
    version = _MEDIA.get(content.get_content_type())
    if version is None or version not in versions:
        raise NotSoap(content["Content-Type"])
    root = _parsed(request.body, content.get_content_charset(), version)
    if local_name(root) != "Envelope":
        raise SoapFault("Client", f"The message is not a SOAP envelope but <{local_name(root)}>.", version)
    if namespace(root) != version.value:
        raise SoapFault(
            "VersionMismatch", "The envelope is not of the SOAP version that its content type names.", version
        )
    parts = {local_name(part): part for part in root if namespace(part) == version.value}
    if "Body" not in parts:
        raise SoapFault("Client", "The envelope has no Body.", version)
    if len(parts["Body"]) == 0:
        raise SoapFault("Client", "The Body is empty.", version)
    headers = tuple(parts["Header"]) if "Header" in parts else ()
    for block in headers:
        if block.get(f"{{{version.value}}}mustUnderstand") in ("1", "true") and namespace(block) not in understood:
            raise SoapFault("MustUnderstand", f"The header {local_name(block)} was not understood.", version)
    return Envelope(version, _action(request, content, version), headers, parts["Body"][0])


def _parsed(body: bytes, charset: str | None, version: SoapVersion) -> etree._Element:
    parser_options = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }
    try:
        # The charset of the HTTP header goes before the XML declaration (RFC 7303); utf-8 is what XML assumes anyway.
        encoding = None if charset in (None, "utf-8", "utf8") else charset
        parser = etree.XMLParser(encoding=encoding, **parser_options)  # type: ignore[arg-type]
    except LookupError:
        raise NotSoap(charset) from None
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SoapFault("Client", f"The message is not well-formed XML: {error}", version) from None
    if root is None:
        raise SoapFault("Client", "The message is empty.", version)
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFault("Client", "A DTD is prohibited in a SOAP message.", version)
    return root


def _action(request: VendorRequest, content: Message, version: SoapVersion) -> str | None:
    """The action named beside the message; None for none or an empty one."""
    if version is SoapVersion.V12:
        action = content.get_param("action")
        named = action if isinstance(action, str) else request.headers.get("soapaction", "")
    else:
        named = request.headers.get("soapaction", "")
    return named.strip().strip('"') or None
