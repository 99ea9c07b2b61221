"""SOAP: requests are built by zeep from a WSDL, replies are read by local name.

The two faces of one .NET service name and namespace the same things differently, and leave out what a WSDL promises;
so a reply is read leniently, and a request is built strictly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from lxml import etree
from requests.auth import HTTPBasicAuth

from casebridge.core.errors import (
    CasebridgeError,
    NotAuthorised,
    NotConfigured,
    RefusedByTarget,
    RejectedError,
)
from casebridge.transport.errors import check_status, told, unanswered
from casebridge.transport.wsdl import trim

if TYPE_CHECKING:
    import zeep

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_AUTHENTICATION_FAULTS = ("FailedAuthentication", "InvalidSecurity", "InvalidSecurityToken", "FailedCheck")
_SENDER_FAULTS = ("Client", "Sender", "VersionMismatch", "MustUnderstand")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TellFault = Callable[[str, str], CasebridgeError | None]
"""Says what a fault means by its code and text."""
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@dataclass(frozen=True)
class Element:
    """An XML element that is read by local names only."""

    node: etree._Element

    @property
    def name(self) -> str:
        """The local name."""
        return etree.QName(self.node).localname

    @property
    def text(self) -> str:
        """The text, stripped; "" for an empty or nil element."""
        return (self.node.text or "").strip()

    def __iter__(self) -> Iterator[Element]:
        """The child elements."""
        return (Element(child) for child in self.node if isinstance(child.tag, str))

    def child(self, name: str) -> Element | None:
        """The first child of that name."""
        return next((child for child in self if child.name == name), None)

    def value(self, *names: str) -> str:
        """The text of the first child that has one of the names and is not empty; "" if there is none."""
        children = {child.name: child.text for child in self}
        return next((children[name] for name in names if children.get(name)), "")

    def descendants(self, name: str) -> list[Element]:
        """All elements of that name below this one."""
        return [Element(node) for node in self.node.iter(f"{{*}}{name}") if node is not self.node]


@dataclass(frozen=True)
class FaultCodes:
    """A service's own codes, in `faultcode` or anywhere in `detail`, by what a fault with one of them means.

    Attributes:
        authentication: It does not accept our credentials.
        refusal: It understood the request and said no.
    """

    authentication: frozenset[str] = frozenset()
    refusal: frozenset[str] = frozenset()


class SoapEndpoint:
    """Sends envelopes to one address and reads what comes back.

    Args:
        system: The system's title, for messages.
        address: Where the service is called.
        session: The way to the outside.
        timeouts: Seconds for connecting and for reading.
        username: For the credentials.
        password: For the credentials.
        basic: Whether the credentials go as HTTP Basic; otherwise as a WS-Security UsernameToken.
        fault_codes: What the service's own codes mean.
        tell_fault: What a fault means by its code and text, None where that says no more than usual.
    """

    def __init__(
        self,
        *,
        system: str,
        address: str,
        session: requests.Session,
        timeouts: tuple[float, float],
        username: str,
        password: str,
        basic: bool = False,
        fault_codes: FaultCodes | None = None,
        tell_fault: TellFault | None = None,
    ) -> None:
        self._system = system
        self._address = address
        self._session = session
        self._timeouts = timeouts
        self._username = username
        self._password = password
        self._basic = basic
        self._fault_codes = fault_codes or FaultCodes()
        self._tell_fault = tell_fault

    def post(self, content: etree._Element, action: str, *, writes: bool) -> Element:
        """Calls an operation of SOAP 1.1 once and returns the element inside the SOAP body of the reply.

        Args:
            content: The element for the SOAP body.
            action: The SOAPAction.
            writes: Whether it changes something in the target.

        Raises:
            CasebridgeError: As `transport/errors.py` and the SOAP fault say.
        """
        envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
        if not self._basic:
            etree.SubElement(envelope, f"{{{ENVELOPE}}}Header").append(self._security())
        etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(content)
        return self._exchange(envelope, action, writes=writes)

    def _exchange(self, envelope: etree._Element, action: str, *, writes: bool) -> Element:
        body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        basic = HTTPBasicAuth(self._username.encode(), self._password.encode()) if self._basic else None
        with told(self._system, writes=writes):
            response = self._session.post(
                self._address, data=body, headers=headers, auth=basic, timeout=self._timeouts, allow_redirects=False
            )
        return self._read(response, writes=writes)

    def _read(self, response: requests.Response, *, writes: bool) -> Element:
        check_status(response, self._system, writes=writes)
        content = response.content
        try:
            root = Element(etree.fromstring(content, _PARSER))
        except etree.XMLSyntaxError:
            root = None
        if root is None or root.name != "Envelope":
            if _is_web_page(content):
                raise NotConfigured(
                    f"{self._system} answered with a web page instead of SOAP: a login page or a proxy stands in "
                    "between; check base URL and path",
                    may_have_happened=writes,
                )
            raise unanswered(f"{self._system} answered with something that is not SOAP", writes=writes)
        body = root.child("Body")
        content_element = next(iter(body), None) if body else None
        if content_element is None:
            raise unanswered(f"{self._system} answered with an empty SOAP message", writes=writes)
        if content_element.name == "Fault":
            raise self._fault(content_element, writes=writes)
        if response.status_code >= requests.codes.bad_request:
            raise unanswered(f"{self._system} failed (HTTP {response.status_code})", writes=writes)
        return content_element

    def _fault(self, fault: Element, *, writes: bool) -> CasebridgeError:
        code, text = fault.value("faultcode"), fault.value("faultstring")
        if not code:  # SOAP 1.2
            values = [element.text for element in fault.descendants("Value")]
            code = values[-1] if values else ""
            text = next((element.text for element in fault.descendants("Text")), "")
        code = code.rsplit(":", 1)[-1]
        if self._tell_fault is not None and (known := self._tell_fault(code, text)) is not None:
            return known
        detail = fault.child("detail")
        codes = {code, *((node.text or "").strip() for node in detail.node.iter())} if detail else {code}
        if code in _AUTHENTICATION_FAULTS or codes & self._fault_codes.authentication:
            return NotAuthorised(f"{self._system} does not accept the user name and password of the connection")
        if refusal := next(iter(codes & self._fault_codes.refusal), ""):
            return RefusedByTarget(f"{self._system} refused: {text or 'no reason given'} ({refusal})", code=refusal)
        if code.split(".", 1)[0] in _SENDER_FAULTS:
            return RefusedByTarget(f"{self._system} refused the request: {text or code}", code=code)
        return unanswered(f"{self._system} reported a fault: {text or code or 'without a reason'}", writes=writes)

    def _security(self) -> etree._Element:
        """The header as production clients send it: clear text, no Type, no timestamp (protocols: A2)."""
        header = etree.Element(f"{{{WSSE}}}Security", nsmap={None: WSSE}, mustUnderstand="true")  # type: ignore[dict-item]
        token = etree.SubElement(header, f"{{{WSSE}}}UsernameToken")
        etree.SubElement(token, f"{{{WSSE}}}Username").text = self._username
        etree.SubElement(token, f"{{{WSSE}}}Password").text = self._password
        return header


class SoapClient(SoapEndpoint):
    """Calls the operations of one SOAP service, as its WSDL declares them.

    Args:
        system: The system's title, for messages.
        address: Where the service is called; the address inside the WSDL is ignored, it is often an internal one.
        wsdl: Address of the target's own WSDL, or a file.
        fallback_wsdl: A file for a target that serves none.
        session: The way to the outside.
        timeouts: Seconds for connecting and for reading.
        username: For the WS-Security header.
        password: For the WS-Security header.
        operations: The names of the operations that are called; the rest of the WSDL is not read.
        cache: Folder in which WSDLs are kept for a day; None keeps none.
        ws_security: Whether the credentials go into a WS-Security header.
        tell_fault: What a fault means by its code and text, None where that says no more than usual.
    """

    def __init__(
        self,
        *,
        system: str,
        address: str,
        wsdl: str | Path,
        fallback_wsdl: Path | None,
        session: requests.Session,
        timeouts: tuple[float, float],
        username: str,
        password: str,
        operations: Sequence[str],
        cache: Path | None = None,
        ws_security: bool = True,
        tell_fault: TellFault | None = None,
    ) -> None:
        super().__init__(
            system=system,
            address=address,
            session=session,
            timeouts=timeouts,
            username=username,
            password=password,
            tell_fault=tell_fault,
        )
        self._ws_security = ws_security
        self._wsdl = wsdl
        self._fallback_wsdl = fallback_wsdl
        self._operations = tuple(operations)
        self._cache = cache

    def call(self, operation: str, message: dict[str, Any], *, writes: bool) -> Element:
        """Calls an operation once and returns the element inside the SOAP body of the reply.

        Args:
            operation: Its name in the WSDL.
            message: The parts of its input, by element name.
            writes: Whether it changes something in the target.

        Raises:
            CasebridgeError: As `transport/errors.py` and the SOAP fault say.
        """
        envelope, action = self._build(operation, message)
        return self._exchange(envelope, action, writes=writes)

    def parts(self, operation: str) -> list[str]:
        """The parts of an operation's input, as the WSDL names them.

        Raises:
            NotConfigured: The WSDL has no such operation.
        """
        try:
            body = self._service._binding._operations[operation].input.body
        except KeyError:
            raise NotConfigured(f'{self._system}: the WSDL has no operation "{operation}"') from None
        return [name for name, _ in body.type.elements]

    def _build(self, operation: str, message: dict[str, Any]) -> tuple[etree._Element, str]:
        try:
            binding_operation = self._service._binding._operations[operation]
            envelope = self._client.create_message(
                self._service,
                operation,
                _soapheaders=[self._security()] if self._ws_security else None,
                **_for_xml(message),
            )
        except CasebridgeError:
            raise
        except KeyError:
            raise NotConfigured(
                f'{self._system}: the WSDL has no operation "{operation}"; check base URL, path and face'
            ) from None
        except Exception as error:
            # zeep says what does not fit by repeating the value, so only the kind of error may be told.
            raise RejectedError(
                f"{self._system}: the request for {operation} does not fit the WSDL ({type(error).__name__}"
                f"{_place(error)}); check base URL, path and face"
            ) from None
        return envelope, binding_operation.soapaction

    @cached_property
    def _client(self) -> zeep.Client:
        if isinstance(self._wsdl, Path):
            return self._load(str(self._wsdl))
        try:
            with told(self._system, writes=False):
                return self._load(self._wsdl)
        except NotConfigured:
            if self._fallback_wsdl is None:
                raise
            return self._load(str(self._fallback_wsdl))

    @cached_property
    def _service(self) -> Any:
        client = self._client
        bindings = [name for name, binding in client.wsdl.bindings.items() if type(binding).__name__ == "Soap11Binding"]
        if not bindings:
            raise NotConfigured(f"{self._system}: the WSDL offers no SOAP 1.1 binding; check path and face")
        return client.create_service(bindings[0], self._address)

    def _load(self, location: str) -> zeep.Client:
        import zeep
        from zeep.cache import SqliteCache

        cache = None
        if self._cache is not None:
            self._cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            cache = SqliteCache(path=str(self._cache / "wsdl.sqlite"), timeout=86_400)
        transport = _trimming_transport(self._system, self._operations, self._session, sum(self._timeouts), cache)
        try:
            return zeep.Client(location, transport=transport, settings=zeep.Settings(strict=False))
        except requests.exceptions.HTTPError as error:
            check_status(error.response, self._system, writes=False)
            raise NotConfigured(f"{self._system} serves no WSDL (HTTP {error.response.status_code})") from None
        except (zeep.exceptions.Error, etree.XMLSyntaxError, ValueError) as error:
            raise NotConfigured(f"{self._system} serves no usable WSDL ({type(error).__name__})") from None


def _trimming_transport(
    system: str, operations: tuple[str, ...], session: requests.Session, timeout: float, cache: Any
) -> zeep.Transport:
    """A transport that hands zeep only the part of a WSDL that is needed, and keeps that part."""
    import zeep

    class TrimmingTransport(zeep.Transport):
        def load(self, url: str) -> bytes:
            key = f"{url}#{','.join(operations)}"
            kept: bytes | None = cache.get(key) if cache is not None else None
            if kept is None:
                loaded = super().load(url)  # type: ignore[no-untyped-call]
                if _is_web_page(loaded):
                    raise NotConfigured(
                        f"{system} answered with a web page instead of its WSDL: a login page or a proxy stands in "
                        "between; check base URL, path and credentials"
                    )
                kept = trim(loaded, operations)
                if cache is not None:
                    cache.add(key, kept)
            return kept

    return TrimmingTransport(session=session, timeout=timeout)  # type: ignore[no-untyped-call]


def _for_xml(value: Any) -> Any:
    """The message without characters that XML cannot carry, such as the vertical tab of a word processor."""
    if isinstance(value, str):
        return _NOT_IN_XML.sub("", value)
    if isinstance(value, dict):
        return {name: _for_xml(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_for_xml(part) for part in value]
    return value


def _is_web_page(content: bytes) -> bool:
    start = content[:512].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or b"<html" in start


def _place(error: Exception) -> str:
    path = getattr(error, "path", None)
    return f" at {'/'.join(str(part) for part in path)}" if path else ""
