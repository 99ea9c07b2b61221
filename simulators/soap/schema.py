"""A WSDL's own schema, used to read requests and to write answers.

The WSDL that a simulator serves is the only list of its elements: names, order, types and namespaces are
taken from it, so what is declared and what is sent cannot differ. Only the part of XML Schema that .NET
services publish is known here: named and anonymous complex types, sequences, extensions, simple types.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

from simulators.soap.envelope import local_name, namespace

XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
_DATA_CONTRACT = "http://schemas.datacontract.org/2004/07/"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"

#: What .NET writes for a value that nobody set: a value type is never absent.
_DEFAULTS = {
    "int": "0",
    "decimal": "0",
    "boolean": "false",
    "dateTime": "0001-01-01T00:00:00",
    "guid": "00000000-0000-0000-0000-000000000000",
}


@dataclass(frozen=True)
class Member:
    """One declared element."""

    name: str
    namespace: str
    type: str | ComplexType
    many: bool
    nillable: bool

    @property
    def tag(self) -> str:
        """The name with its namespace, as lxml writes it."""
        return f"{{{self.namespace}}}{self.name}"


@dataclass
class ComplexType:
    """A declared sequence of elements, those of the base type first."""

    members: list[Member]

    @property
    def item(self) -> Member | None:
        """The element that repeats, where this type is an array."""
        return self.members[0] if len(self.members) == 1 and self.members[0].many else None


class Contract:
    """The elements and operations that a WSDL declares.

    Args:
        wsdl: The file, or its text.
    """

    def __init__(self, wsdl: Path | str) -> None:
        self.text = wsdl if isinstance(wsdl, str) else wsdl.read_text(encoding="utf-8")
        root = etree.fromstring(self.text.encode())
        self.target: str = root.get("targetNamespace", "")
        self._declared: dict[str, etree._Element] = {}
        self._types: dict[str, ComplexType] = {}
        elements: dict[str, etree._Element] = {}
        for schema in root.iter(f"{{{XS}}}schema"):
            target = schema.get("targetNamespace", "")
            for child in schema:
                if local_name(child) == "complexType":
                    self._declared[f"{{{target}}}{child.get('name')}"] = child
                elif local_name(child) == "element":
                    elements[child.get("name", "")] = child
        members = {name: self._member(element) for name, element in elements.items()}
        parts = {
            message.get("name", ""): members[_unprefixed(message[0].get("element", ""))]
            for message in root.iter(f"{{{WSDL}}}message")
        }
        port_type = root.find(f"{{{WSDL}}}portType")
        self._requests: dict[str, Member] = {}
        self._responses: dict[str, Member] = {}
        for operation in port_type.iterfind(f"{{{WSDL}}}operation") if port_type is not None else ():
            for message in operation:  # a documentation may stand before them
                of_kind = {"input": self._requests, "output": self._responses}.get(local_name(message))
                if of_kind is not None:
                    of_kind[operation.get("name", "")] = parts[_unprefixed(message.get("message", ""))]
        self.operations = list(self._requests)
        self._by_element = {member.tag: name for name, member in self._requests.items()}
        self._by_action = {
            bound.get("soapAction", ""): operation.get("name", "")
            for operation in root.iterfind(f"{{{WSDL}}}binding/{{{WSDL}}}operation")
            for bound in operation
            if local_name(bound) == "operation"
        }

    def served(self, address: str) -> bytes:
        """The WSDL with its ports at that address."""
        root = etree.fromstring(self.text.encode())
        for port in root.iter(f"{{{WSDL}}}port"):
            port[0].set("location", address)
        return etree.tostring(root.getroottree(), xml_declaration=True, encoding="utf-8")

    def request(self, operation: str) -> Member:
        """The body element of an operation's request."""
        return self._requests[operation]

    def response(self, operation: str) -> Member:
        """The body element of an operation's answer."""
        return self._responses[operation]

    def with_action(self, action: str) -> str | None:
        """The operation that a SOAPAction names; None where there is none."""
        return self._by_action.get(action)

    def with_body(self, element: etree._Element) -> str | None:
        """The operation whose request that body element is; None where there is none."""
        return self._by_element.get(element.tag)

    def _member(self, element: etree._Element) -> Member:
        schema = next(element.iterancestors(f"{{{XS}}}schema"))
        inline = element.find(f"{{{XS}}}complexType")
        kind = self._complex(inline) if inline is not None else self._named(element, element.get("type", "xs:anyType"))
        return Member(
            name=element.get("name", ""),
            namespace=schema.get("targetNamespace", ""),
            type=kind,
            many=element.get("maxOccurs") == "unbounded",
            nillable=element.get("nillable") == "true",
        )

    def _named(self, element: etree._Element, qname: str) -> str | ComplexType:
        prefix, _, name = qname.rpartition(":")
        key = f"{{{element.nsmap.get(prefix or None)}}}{name}"
        if key not in self._declared:
            return name
        if key not in self._types:
            self._types[key] = ComplexType([])  # known before its members are read: a type may hold itself
            self._types[key].members = self._complex(self._declared[key]).members
        return self._types[key]

    def _complex(self, declared: etree._Element) -> ComplexType:
        members: list[Member] = []
        for extension in declared.iter(f"{{{XS}}}extension"):
            base = self._named(extension, extension.get("base", ""))
            if isinstance(base, ComplexType):
                members += base.members
        sequence = next(declared.iter(f"{{{XS}}}sequence"), None)
        if sequence is not None:
            members += [self._member(element) for element in sequence]
        return ComplexType(members)


def _unprefixed(qname: str) -> str:
    return qname.rpartition(":")[2]


@dataclass(frozen=True)
class Reading:
    """How requests are read.

    Args:
        strict_order: A member after its declared place is dropped without a word, as a DataContract server does.
        strict_namespaces: A member outside the service's namespaces is unknown, as for every .NET server.
    """

    strict_order: bool = False
    strict_namespaces: bool = True

    def accepts(self, element: etree._Element, target: str) -> bool:
        """Whether an element's namespace is one of the service's own (target) or of .NET's serializers."""
        given = namespace(element)
        return not self.strict_namespaces or given in (target, ARRAYS) or given.startswith(_DATA_CONTRACT)


def read(element: etree._Element, kind: str | ComplexType, reading: Reading, target: str) -> Any:
    """An element as a dict, a list (an array), a text or None (nil).

    Unknown children, ``xsi:type`` and ``encodingStyle`` are ignored; of a repeated scalar the first counts.
    The items of an array match by the last segment of their name, so both ``ServiceItemInput`` and
    ``Input.CreateWorksheetInput.ServiceItemInput`` are read on either face.
    """
    if element.get(f"{{{XSI}}}nil") in ("true", "1"):
        return None
    if isinstance(kind, str):
        return element.text or ""
    if kind.item is not None:
        last = kind.item.name.rpartition(".")[2]
        items = [child for child in element if local_name(child).rpartition(".")[2] == last]
        return [read(child, kind.item.type, reading, target) for child in items if reading.accepts(child, target)]
    return _read_members(element, kind, reading, target)


def _read_members(element: etree._Element, kind: ComplexType, reading: Reading, target: str) -> dict[str, Any]:
    places = {member.name: place for place, member in enumerate(kind.members)}
    values: dict[str, Any] = {}
    reached = -1
    for child in element:
        name = local_name(child)
        if name not in places or name in values or not reading.accepts(child, target):
            continue
        if reading.strict_order and places[name] < reached:
            continue
        reached = places[name]
        values[name] = read(child, kind.members[reached].type, reading, target)
    return values


def write(parent: etree._Element, member: Member, value: Any) -> None:
    """The value is in the parent as the declared element, whole: children in order, absent ones as .NET leaves them.

    A value type that is None is written with .NET's default, a nillable one as nil, anything else is left out.
    """
    if isinstance(member.type, str):
        _write_scalar(parent, member, member.type, value)
    elif value is not None:
        element = etree.SubElement(parent, member.tag)
        item = member.type.item
        if item is not None:
            for row in value:
                write(element, item, row)
        else:
            for child in member.type.members:
                write(element, child, value.get(child.name))
    elif member.nillable:
        etree.SubElement(parent, member.tag).set(f"{{{XSI}}}nil", "true")


def _write_scalar(parent: etree._Element, member: Member, kind: str, value: Any) -> None:
    text = _DEFAULTS.get(kind) if value is None else _text(value)
    if text is None and not member.nillable:
        return
    element = etree.SubElement(parent, member.tag)
    if text is None:
        element.set(f"{{{XSI}}}nil", "true")
        return
    if kind == "anyType":
        element.set(f"{{{XSI}}}type", "xsd:string")
    element.text = text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
