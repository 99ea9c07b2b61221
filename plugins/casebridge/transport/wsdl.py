"""Cuts a WSDL down to the operations that are called: reading sixty of them takes long, and each task reads it anew.

What is cut is only what cannot matter: other operations, other bindings than SOAP 1.1, and the messages and types that
nothing left refers to.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP_11 = "{http://schemas.xmlsoap.org/wsdl/soap/}"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"

_REFERRING = ("type", "base", "ref", "element", "itemType", "memberTypes", "substitutionGroup")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)


def trim(content: bytes, operations: Iterable[str]) -> bytes:
    """The document with only these operations; anything else than a WSDL as it is.

    Args:
        content: The document as it was served.
        operations: The names of the operations that are called.
    """
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError:
        return content
    if root.tag != f"{WSDL}definitions":
        return content
    _drop_other_bindings(root)
    wanted = frozenset(operations)
    for operation in [
        *root.iterfind(f"{WSDL}portType/{WSDL}operation"),
        *root.iterfind(f"{WSDL}binding/{WSDL}operation"),
    ]:
        if operation.get("name") not in wanted:
            _drop(operation)
    messages = {_local(used.get("message")) for used in root.iterfind(f"{WSDL}portType/{WSDL}operation/*")}
    for message in root.findall(f"{WSDL}message"):
        if message.get("name") not in messages:
            _drop(message)
    _drop_unused_types(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _drop_other_bindings(root: etree._Element) -> None:
    bindings = root.findall(f"{WSDL}binding")
    spoken = [binding for binding in bindings if binding.find(f"{SOAP_11}binding") is not None]
    if not spoken:
        return
    for binding in bindings:
        if binding not in spoken:
            _drop(binding)
    names = {binding.get("name") for binding in spoken}
    types = {_local(binding.get("type")) for binding in spoken}
    for port in root.findall(f"{WSDL}service/{WSDL}port"):
        if _local(port.get("binding")) not in names:
            _drop(port)
    for port_type in root.findall(f"{WSDL}portType"):
        if port_type.get("name") not in types:
            _drop(port_type)


def _drop_unused_types(root: etree._Element) -> None:
    """By local name only: a type of the same name in another namespace stays, which costs nothing."""
    declared: dict[str, list[etree._Element]] = {}
    for schema in root.iterfind(f"{WSDL}types/{SCHEMA}schema"):
        for child in schema:
            if name := child.get("name"):
                declared.setdefault(name, []).append(child)
    waiting = [_local(part.get("element") or part.get("type")) for part in root.iterfind(f"{WSDL}message/{WSDL}part")]
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in used:
            continue
        used.add(name)
        for declaration in declared.get(name, ()):
            for node in declaration.iter():
                for attribute in _REFERRING:
                    waiting.extend(_local(value) for value in (node.get(attribute) or "").split())
    for name, declarations in declared.items():
        if name not in used:
            for declaration in declarations:
                _drop(declaration)


def _drop(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]
