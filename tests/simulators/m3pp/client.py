"""A client of the M3PP simulator that sends, over real HTTP, exactly the messages it is told to."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import requests
from lxml import etree

NS = "http://m3pp.casebridge.example/assumed/"
PATH = "/M3PP/M3PPWebService.asmx"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
LOGIN = ("M3PP_DEMO", "demo-password")

WORKSHEET = {
    "SubjectUPRN": "10001",
    "DepartmentCode": "ENV",
    "ApplicationCode": "WASTE",
    "TaskGroupCode": "BINS",
    "TaskCode": "DELIV",
    "DateTimeReceived": "2026-07-01T09:30:00",
}
ASSET = {"AssetTypeCode": "BIN", "SectionCode": "WEST", "UPRN": "10001"}


class Outcome:
    """An answer: status, whole text, and elements by their local names."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.text
        self.root = etree.fromstring(response.content) if "xml" in response.headers["content-type"] else None

    def all(self, name: str) -> list[str]:
        """The texts of all elements of that local name."""
        return [element.text or "" for element in self.root.iter(f"{{*}}{name}", name)]

    def result(self, name: str) -> str:
        """The text of a member of the OpResult."""
        (element,) = self.root.iterfind(f".//{{{NS}}}OpResult/{{{NS}}}{name}")
        return element.text or ""

    def rows(self, name: str) -> list[tuple[str, ...]]:
        """The texts of each row of that name, member by member."""
        return [tuple(part.text or "" for part in row) for row in self.root.iter(f"{{{NS}}}{name}")]

    @property
    def refusal(self) -> tuple[str, str]:
        """The code and the sentence of a business error."""
        assert (self.status, self.result("Success")) == (200, "false"), self.text
        return self.result("ErrorCode"), self.result("ErrorMessage")

    @property
    def succeeded(self) -> bool:
        return (self.status, self.result("Success"), self.result("ErrorCode")) == (200, "true", "")

    @property
    def fault(self) -> tuple[str, str]:
        """The code of a fault without its prefix, and its sentence."""
        assert self.status == 500, self.text
        return self.all("faultcode")[0].rpartition(":")[2], self.all("faultstring")[0]


class M3pp:
    """A client that sends what it is told to, and the admin side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    # the vendor's side: a new connection for each call, as most SOAP clients do

    def post(
        self, body: str | bytes, login: tuple[str, str] | None = LOGIN, path: str = PATH, **headers: str
    ) -> Outcome:
        headers = {"Content-Type": "text/xml; charset=utf-8", **{k.replace("_", "-"): v for k, v in headers.items()}}
        data = body.encode() if isinstance(body, str) else body
        return Outcome(requests.post(self.url + path, data, headers=headers, auth=login, timeout=30))

    def call(
        self,
        operation: str,
        *,
        login: tuple[str, str] | None = LOGIN,
        header: str = "",
        **members: str | list[Any] | None,
    ) -> Outcome:
        message = envelope(f'<{operation} xmlns="{NS}">{_inner(members)}</{operation}>', header)
        return self.post(message, login, SOAPAction=f'"{NS}{operation}"')

    def worksheet(self, reference: str = "CASE-1", field: str = "ExternalReference", **members: Any) -> Outcome:
        fields = [{"Name": field, "Value": reference}]
        return self.call("CreateWorksheet", **{**WORKSHEET, "Fields": fields, **members})

    def asset(self, **members: Any) -> Outcome:
        return self.call("CreateAsset", **{**ASSET, **members})

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

    @property
    def worksheets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("records")["worksheets"]
        return found

    @property
    def assets(self) -> dict[str, dict[str, Any]]:
        return {asset["asset_key"]: asset for asset in self.get("records")["assets"]}

    @property
    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("requests")["requests"]
        return found


def envelope(body: str, header: str = "") -> str:
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Header>{header}</soap:Header>'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )


def token(username: str = LOGIN[0], password: str = LOGIN[1], password_type: str = "") -> str:
    kind = f' Type="{password_type}"' if password_type else ""
    return (
        f'<Security xmlns="{WSSE}"><UsernameToken><Username>{username}</Username>'
        f"<Password{kind}>{password}</Password></UsernameToken></Security>"
    )


def _inner(members: dict[str, str | list[Any] | None]) -> str:
    """Members in the given order; None is left out; a list is an array named in the plural of its rows."""
    parts = []
    for name, value in members.items():
        if isinstance(value, list):
            row = name.removesuffix("s")
            rows = [_inner(one) if isinstance(one, dict) else escape(one) for one in value]
            parts.append(f"<{name}>{''.join(f'<{row}>{one}</{row}>' for one in rows)}</{name}>")
        elif value is not None:
            parts.append(f"<{name}>{escape(value)}</{name}>")
    return "".join(parts)
