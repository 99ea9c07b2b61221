"""Logging in by SOAP: login, getUserInfo and logout of the partner API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lxml import etree

from simulators.exchange import Answer, VendorRequest
from simulators.salesforce.errors import Refusal
from simulators.salesforce.oauth import password_fits
from simulators.salesforce.store import Record

if TYPE_CHECKING:
    from simulators.salesforce.simulator import SalesforceSimulator

ROOT = "/services/Soap/"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_PATH = re.compile(r"/services/Soap/([uc])/(\d+)\.0(?:/[0-9A-Za-z]*)?/?")
_LAST_WITH_LOGIN = 64
_OLDEST = 31


class SoapCall:
    """One SOAP request, read."""

    def __init__(self, request: VendorRequest) -> None:
        self.path = _PATH.fullmatch(request.path)
        self.namespace = (
            "urn:partner.soap.sforce.com" if not self.path or self.path[1] == "u" else "urn:enterprise.soap.sforce.com"
        )
        self.body: etree._Element | None = None
        self.session: str | None = None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(request.body, parser)
        except etree.XMLSyntaxError:
            return
        body = root.find(f"{{{_SOAP}}}Body")
        if body is not None:
            self.body = next(iter(body.iterchildren("*")), None)
        sessions = root.xpath("//*[local-name() = 'sessionId']/text()")
        self.session = str(sessions[0]).strip() if isinstance(sessions, list) and sessions else None

    @property
    def operation(self) -> str | None:
        """login, getUserInfo or logout; None where it is something else."""
        name = etree.QName(self.body).localname if self.body is not None else None
        return name if name in ("login", "getUserInfo", "logout") else None

    def text(self, name: str) -> str:
        """The text of a member of the body, or nothing."""
        return "" if self.body is None else self.body.findtext(f"{{*}}{name}") or ""

    def fault(self, code: str, message: str) -> Answer:
        """The vendor's fault."""
        kind = "LoginFault" if self.operation == "login" else "UnexpectedErrorFault"
        fault_ns = self.namespace.replace("urn:", "urn:fault.", 1)
        inner = (
            f"<soapenv:Fault><faultcode>sf:{escape(code)}</faultcode><faultstring>{escape(code)}: {escape(message)}"
            f'</faultstring><detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{escape(code)}</sf:exceptionCode>'
            f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:{kind}></detail></soapenv:Fault>"
        )
        return _envelope(500, inner, f'xmlns:sf="{fault_ns}"', code)


def _envelope(status: int, inner: str, names: str, code: str | None = None) -> Answer:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_SOAP}" {names} '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>'
    )
    return Answer(status, text.encode(), "text/xml; charset=utf-8", code)


def answer(simulator: SalesforceSimulator, request: VendorRequest, call: SoapCall) -> Answer:
    """What a SOAP request is answered."""
    if call.path is None or not _OLDEST <= int(call.path[2]) <= simulator.org.settings.latest_version:
        return call.fault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    if call.operation is None:
        return call.fault("INVALID_OPERATION", "No operation available for request")
    if call.operation == "login":
        return _login(simulator, request, call)
    try:
        session = simulator.sessions.use(call.session)
    except Refusal as refusal:
        return call.fault(refusal.code, "Invalid Session ID found in SessionHeader: Illegal Session")
    user = simulator.org.store.get("User", session.user) or {}
    names = f'xmlns="{call.namespace}"'
    if call.operation == "logout":
        simulator.sessions.revoke(session.token)
        return _envelope(200, "<logoutResponse/>", names)
    return _envelope(
        200, f"<getUserInfoResponse><result>{_user_info(simulator, user)}</result></getUserInfoResponse>", names
    )


def _login(simulator: SalesforceSimulator, request: VendorRequest, call: SoapCall) -> Answer:
    version = int(call.path[2]) if call.path else 0
    if version > _LAST_WITH_LOGIN:
        return call.fault("INVALID_OPERATION", "SOAP API login() is not available in this API version")  # text ASSUMED
    if not simulator.org.settings.soap_login:
        return call.fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")
    user = password_fits(simulator, call.text("username"), call.text("password"))
    if user is None:
        return call.fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
    session = simulator.sessions.open(user["Id"], "soap")
    org = simulator.org.organization[:15]
    server = f"{request.base_url}/services/Soap/{'u' if 'partner' in call.namespace else 'c'}/{version}.0/{org}"
    result = (
        f"<metadataServerUrl>{escape(request.base_url)}/services/Soap/m/{version}.0/{org}</metadataServerUrl>"
        "<passwordExpired>false</passwordExpired><sandbox>false</sandbox>"
        f"<serverUrl>{escape(server)}</serverUrl><sessionId>{escape(session.token)}</sessionId>"
        f"<userId>{user['Id']}</userId><userInfo>{_user_info(simulator, user)}</userInfo>"
    )
    return _envelope(200, f"<loginResponse><result>{result}</result></loginResponse>", f'xmlns="{call.namespace}"')


def _user_info(simulator: SalesforceSimulator, user: Record) -> str:
    organization = simulator.org.store.get("Organization", simulator.org.organization) or {}
    lifetime = int(simulator.org.settings.session_lifetime_s)
    members = {
        "accessibilityMode": "false",
        "organizationId": simulator.org.organization,
        "organizationMultiCurrency": "false",
        "organizationName": organization["Name"],
        "profileId": user["ProfileId"] or "",
        "sessionSecondsValid": str(lifetime),
        "userEmail": user["Email"],
        "userFullName": user["Name"],
        "userId": user["Id"],
        "userLanguage": user["LanguageLocaleKey"],
        "userLocale": user["LocaleSidKey"],
        "userName": user["Username"],
        "userTimeZone": user["TimeZoneSidKey"],
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in members.items())
