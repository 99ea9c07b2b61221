"""A client of the Whitespace simulator that sends, over real HTTP, exactly the messages it is told to."""

from __future__ import annotations

from typing import Any

import requests
from lxml import etree

NS = "http://webservices.whitespacews.com/"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
FACES = {"asmx": "/PowerSuiteDomesticWebService.asmx", "wcf": "/WSAPIService.svc"}


class Outcome:
    """An answer: status, whole text, and the result's members by their local names."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.text
        self.root = etree.fromstring(response.content) if "xml" in response.headers["content-type"] else None

    def all(self, name: str) -> list[str]:
        """The texts of all elements of that local name."""
        return [element.text or "" for element in self.root.iter(f"{{*}}{name}", name)]

    def one(self, name: str) -> str:
        """The text of the only element of that local name."""
        (text,) = self.all(name)
        return text

    @property
    def code(self) -> int:
        return int(self.one("ErrorCode"))

    @property
    def worksheet_id(self) -> str:
        assert (self.status, self.code) == (200, 0), self.text
        return self.all("anyType")[0]

    @property
    def fault(self) -> str:
        """The code of a SOAP 1.1 fault."""
        return self.one("faultcode").rpartition(":")[2]


class Whitespace:
    """A client that sends what it is told to, and the admin side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    # the vendor's side: a new connection for each call, as most SOAP clients do

    def post(self, body: str | bytes, face: str = "wcf", **headers: str) -> Outcome:
        headers = {"Content-Type": "text/xml; charset=utf-8", **{k.replace("_", "-"): v for k, v in headers.items()}}
        data = body.encode() if isinstance(body, str) else body
        return Outcome(requests.post(self.url + FACES[face], data, headers=headers, timeout=30))

    def envelope(
        self,
        operation: str,
        inner: str = "",
        *,
        soap: str = SOAP_11,
        user: str = "WSAPI_DEMO",
        password: str = "demo-password",
        security: str | None = None,
        attributes: str = "",
    ) -> str:
        token = f"<UsernameToken><Username>{user}</Username><Password>{password}</Password></UsernameToken>"
        if security is None:
            security = f'<Security mustUnderstand="true" xmlns="{WSSE}">{token}</Security>'
        return (
            f'<soap:Envelope xmlns:soap="{soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
            f'xmlns:wsap="http://schemas.datacontract.org/2004/07/WSAPIAuth.Web.Inputs" {attributes}>'
            f"<soap:Header>{security}</soap:Header>"
            f'<soap:Body><{operation} xmlns="{NS}">{inner}</{operation}></soap:Body></soap:Envelope>'
        )

    def call(self, operation: str, inner: str = "", face: str = "wcf", **envelope: str) -> Outcome:
        return self.post(self.envelope(operation, inner, **envelope), face, SOAPAction=f'"{NS}{operation}"')

    def create(
        self,
        reference: str = "CASE-1",
        *,
        service: object = 289,
        place: str = "<Uprn>10001</Uprn>",
        more: str = "",
        face: str = "wcf",
    ) -> Outcome:
        inner = (
            f"<worksheetInput>{place}<ServiceId>{service}</ServiceId>"
            f"<WorksheetReference>{reference}</WorksheetReference>{more}</worksheetInput>"
        )
        return self.call("CreateWorksheet", inner, face)

    # the admin side: one connection, kept alive

    def get(self, name: str) -> Any:
        answer = self.session.get(f"{self.url}/_sim/{name}", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def admin(self, name: str, **fields: Any) -> requests.Response:
        return self.session.post(f"{self.url}/_sim/{name}", json=fields, timeout=60)

    def set(self, name: str, **fields: Any) -> Any:
        answer = self.admin(name, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def now(self, moment: str | None) -> None:
        self.set("clock", now=moment)

    @property
    def worksheets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("records")["worksheets"]
        return found

    @property
    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("requests")["requests"]
        return found
