"""The XML in a body, from somebody who may mean harm."""

from __future__ import annotations

from lxml import etree

from casebridge.web.refusal import Refusal


def parse_xml(body: bytes) -> etree._Element:
    """The root element.

    Raises:
        Refusal: It is not XML, or holds what could make the parser read or build more than was sent.
    """
    text = _decode(body)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Refusal(400, "a document type is not allowed")
    # The text is given in an encoding of our own choice: one that the message names could hide a document type.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError, ValueError):
        raise Refusal(400, "the body is not XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refusal(400, "a document type is not allowed")
    return root


def local_name(element: etree._Element) -> str:
    """The name without its namespace; "" for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _decode(body: bytes) -> str:
    try:
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            return body.decode("utf-16")
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(400, "the body is neither UTF-8 nor UTF-16") from None
