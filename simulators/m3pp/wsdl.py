"""The WSDL of a profile: SOAP 1.1, document/literal, one element within each answer, as ASMX publishes it."""

from __future__ import annotations

from lxml import etree

from simulators.m3pp.contract import Array, Kind
from simulators.m3pp.profile import Profile, WireMessage
from simulators.soap.schema import WSDL, XS

SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
#: .NET's value types are never absent from an answer.
_VALUE_TYPES = ("boolean", "int")


def written(profile: Profile) -> str:
    """The WSDL as text."""
    prefixes = {"wsdl": WSDL, "soap": SOAP, "xs": XS, "tns": profile.namespace}
    root = etree.Element(f"{{{WSDL}}}definitions", nsmap=prefixes)
    root.set("name", profile.service)
    root.set("targetNamespace", profile.namespace)
    types = etree.SubElement(root, f"{{{WSDL}}}types")
    schema = etree.SubElement(
        types, f"{{{XS}}}schema", elementFormDefault="qualified", targetNamespace=profile.namespace
    )
    for operation in profile.operations.values():
        _members(_sequence(schema, operation.name), operation.request)
        _members(_sequence(_sequence(schema, operation.response), profile.result, minOccurs="0"), operation.result)
        _message(root, f"{operation.name}SoapIn", operation.name)
        _message(root, f"{operation.name}SoapOut", operation.response)
    _port_type(root, profile)
    _binding(root, profile)
    service = etree.SubElement(root, f"{{{WSDL}}}service", name=profile.service)
    port = etree.SubElement(service, f"{{{WSDL}}}port", name=f"{profile.service}Soap")
    port.set("binding", f"tns:{profile.service}Soap")
    etree.SubElement(port, f"{{{SOAP}}}address", location=profile.path)
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def _sequence(parent: etree._Element, name: str, **occurs: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{XS}}}element", {**occurs, "name": name})
    return etree.SubElement(etree.SubElement(element, f"{{{XS}}}complexType"), f"{{{XS}}}sequence")


def _members(sequence: etree._Element, message: WireMessage) -> None:
    for member in message.members:
        _member(sequence, member.element, member.kind)


def _member(sequence: etree._Element, name: str, kind: Kind) -> None:
    if isinstance(kind, str):
        least = "1" if kind in _VALUE_TYPES else "0"
        etree.SubElement(sequence, f"{{{XS}}}element", minOccurs=least, name=name, type=f"xs:{kind}")
        return
    rows = _sequence(sequence, name, minOccurs="0")
    _rows(rows, kind)


def _rows(sequence: etree._Element, kind: Array) -> None:
    many = {"minOccurs": "0", "maxOccurs": "unbounded"}
    if kind.members is None:
        etree.SubElement(sequence, f"{{{XS}}}element", {**many, "name": kind.row, "type": "xs:string"})
        return
    row = _sequence(sequence, kind.row, **many)
    for name, scalar in kind.members.items():
        _member(row, name, scalar)


def _message(root: etree._Element, name: str, element: str) -> None:
    message = etree.SubElement(root, f"{{{WSDL}}}message", name=name)
    etree.SubElement(message, f"{{{WSDL}}}part", name="parameters", element=f"tns:{element}")


def _port_type(root: etree._Element, profile: Profile) -> None:
    port_type = etree.SubElement(root, f"{{{WSDL}}}portType", name=f"{profile.service}Soap")
    for operation in profile.operations.values():
        declared = etree.SubElement(port_type, f"{{{WSDL}}}operation", name=operation.name)
        etree.SubElement(declared, f"{{{WSDL}}}input", message=f"tns:{operation.name}SoapIn")
        etree.SubElement(declared, f"{{{WSDL}}}output", message=f"tns:{operation.name}SoapOut")


def _binding(root: etree._Element, profile: Profile) -> None:
    name = f"{profile.service}Soap"
    binding = etree.SubElement(root, f"{{{WSDL}}}binding", name=name, type=f"tns:{name}")
    etree.SubElement(binding, f"{{{SOAP}}}binding", transport=_TRANSPORT)
    for operation in profile.operations.values():
        bound = etree.SubElement(binding, f"{{{WSDL}}}operation", name=operation.name)
        etree.SubElement(bound, f"{{{SOAP}}}operation", soapAction=operation.soap_action, style="document")
        for direction in ("input", "output"):
            etree.SubElement(etree.SubElement(bound, f"{{{WSDL}}}{direction}"), f"{{{SOAP}}}body", use="literal")
