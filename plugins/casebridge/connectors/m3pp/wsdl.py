"""A WSDL as a flat list: each operation with the paths of its elements that hold a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from lxml import etree

from casebridge.core.errors import NotConfigured
from casebridge.transport.errors import told

if TYPE_CHECKING:
    import zeep

_DEEPEST = 8  # a type may hold itself
_TIMEOUT_S = 30


class Kind(StrEnum):
    """How often an element comes."""

    ONE = "one"
    LIST = "list"
    """Several times, each a text."""
    ROW = "row"
    """Once in an element that comes several times."""
    DEEPER = "deeper"
    """In rows within rows, or further below one, which no operation of ours has."""


@dataclass(frozen=True)
class Leaf:
    """An element that holds a value.

    Attributes:
        steps: Local names from below the request or the answer down to it.
        path: The same as a profile writes it, with namespaces that are not the service's.
        kind: How often it comes.
        type: The name of its XML Schema type.
        required: Whether the WSDL demands it, and all that it stands in.
    """

    steps: tuple[str, ...]
    path: str
    kind: Kind
    type: str
    required: bool

    @property
    def name(self) -> str:
        """Its own local name."""
        return self.steps[-1]

    @property
    def result_path(self) -> str:
        """The path by which an answer is read: wrappers around it do not matter."""
        return "/".join(self.steps[-{Kind.ONE: 1, Kind.LIST: 2}.get(self.kind, 3) :])


@dataclass(frozen=True)
class ServiceOperation:
    """An operation as the WSDL declares it. Its name is that of the request's element."""

    name: str
    soap_action: str
    request: tuple[Leaf, ...]
    result: tuple[Leaf, ...]


@dataclass(frozen=True)
class Service:
    """What a WSDL declares. The path is that of its address, "" when it gives none."""

    namespace: str
    path: str
    operations: tuple[ServiceOperation, ...]


def read_service(location: str) -> Service:
    """The service in a WSDL.

    Args:
        location: A file or an address.

    Raises:
        NotConfigured: There is no WSDL, or it has no operation of SOAP 1.1 with a document as its message.
        Unreachable: The address gave no answer.
    """
    import zeep

    if "://" not in location and not Path(location).is_file():
        raise NotConfigured(f'there is no file "{location}"')
    session = requests.Session()
    transport = zeep.Transport(session=session, timeout=_TIMEOUT_S)
    try:
        with told("The address of the WSDL", writes=False):
            client = _client(location, transport)
    finally:
        session.close()
    return _service(client)


def _client(location: str, transport: zeep.Transport) -> zeep.Client:
    import zeep

    try:
        return zeep.Client(location, transport=transport, settings=zeep.Settings(strict=False))
    except requests.exceptions.HTTPError as error:
        raise NotConfigured(f"no WSDL is served there (HTTP {error.response.status_code})") from None
    # What is no XML at all, zeep meets with an AttributeError.
    except (zeep.exceptions.Error, etree.XMLSyntaxError, ValueError, AttributeError) as error:
        raise NotConfigured(f"that is no usable WSDL ({type(error).__name__})") from None


def _service(client: zeep.Client) -> Service:
    ports = [port for service in client.wsdl.services.values() for port in service.ports.values()]
    port = next((port for port in ports if type(port.binding).__name__ == "Soap11Binding"), None)
    bound = list(port.binding._operations.values()) if port else []
    documents = [
        operation for operation in bound if operation.style == "document" and _root(operation.input) is not None
    ]
    if port is None or not documents:
        raise NotConfigured("the WSDL has no operation of SOAP 1.1 with a document as its message")
    namespace: str = _root(documents[0].input).qname.namespace or ""
    operations = tuple(
        ServiceOperation(
            name=_root(operation.input).qname.localname,
            soap_action=operation.soapaction or "",
            request=tuple(_leaves(_root(operation.input), namespace)),
            result=tuple(_leaves(_root(operation.output), namespace)) if operation.output else (),
        )
        for operation in documents
    )
    address: str = port.binding_options.get("address") or ""
    return Service(namespace, urlsplit(address).path, operations)


def _root(message: Any) -> Any:
    """The one element in the body of a message; None for a message in the style of RPC."""
    body = message.body
    return body if hasattr(body, "qname") else None


def _leaves(root: Any, namespace: str) -> Iterator[Leaf]:
    if root is not None:
        yield from _below(root, (), namespace)


def _below(parent: Any, above: tuple[Any, ...], namespace: str) -> Iterator[Leaf]:
    for _, element in getattr(parent.type, "elements", ()):
        if getattr(element, "qname", None) is None or len(above) > _DEEPEST:
            continue
        chain = (*above, element)
        if getattr(element.type, "elements", ()):
            yield from _below(element, chain, namespace)
        else:
            yield Leaf(
                steps=tuple(one.qname.localname for one in chain),
                path="/".join(_step(one.qname, namespace) for one in chain),
                kind=_kind([bool(one.accepts_multiple) for one in chain]),
                type=getattr(element.type, "name", None) or "",
                required=not any(one.is_optional for one in chain),
            )


def _kind(repeats: list[bool]) -> Kind:
    if not any(repeats):
        return Kind.ONE
    if sum(repeats) > 1:
        return Kind.DEEPER
    return {1: Kind.LIST, 2: Kind.ROW}.get(len(repeats) - repeats.index(True), Kind.DEEPER)


def _step(qname: etree.QName, namespace: str) -> str:
    if qname.namespace == namespace:
        return str(qname.localname)
    return f"{{{qname.namespace or ''}}}{qname.localname}"
