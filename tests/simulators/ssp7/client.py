"""A client of the SSP7 simulator that sends, over real HTTP, exactly what it is told to."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import requests
from lxml import etree

PATH = "/Workflow/Webservice/WorkflowService.asmx"
NS = "http://tempuri.org/"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
HASH = "demo-hash-0f1e2d3c"
ACKNOWLEDGE = "ProcessInstanceTaskExternalAcknowledgement"
REASSIGN = "ProcessInstanceTaskExternalReassignment"
UPDATE = "ProcessInstanceTaskExternalUpdateMessage"


class Outcome:
    """An answer of the web service."""

    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        self.text = response.text
        self.headers = response.headers
        self.root = etree.fromstring(response.content) if "xml" in response.headers["content-type"] else None

    def one(self, name: str) -> str:
        (found,) = self.root.iter(f"{{*}}{name}", name)
        return found.text or ""

    @property
    def result(self) -> str:
        assert self.status == 200, self.text
        body = self.root[0] if self.root[0].tag.endswith("Body") else self.root[1]
        return body[0][0].text or ""

    @property
    def fault(self) -> tuple[str, str]:
        """Code and text of a SOAP 1.1 fault."""
        return self.one("faultcode").rpartition(":")[2], self.one("faultstring")


class Ssp7:
    """A client of the web service, and of the admin side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    # the vendor's side: a new connection for each call

    def post(self, body: str, path: str = PATH, **more: Any) -> Outcome:
        headers = {"Content-Type": "text/xml; charset=utf-8", **more.pop("headers", {})}
        more = {"allow_redirects": False, "timeout": 30, **more}
        return Outcome(requests.post(self.url + path, body.encode(), headers=headers, **more))

    def envelope(self, operation: str, parts: dict[str, str], ns: str = NS, soap: str = SOAP_11) -> str:
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items())
        body = f'<s:Body><{operation} xmlns="{ns}">{inner}</{operation}></s:Body>'
        return f'<s:Envelope xmlns:s="{soap}">{body}</s:Envelope>'

    def call(self, operation: str, parts: dict[str, str], ns: str = NS, **more: Any) -> Outcome:
        return self.post(self.envelope(operation, parts, ns), headers={"SOAPAction": f'"{ns}{operation}"'}, **more)

    def acknowledge(self, reference: str, task: str = "9001", key: str = HASH) -> Outcome:
        parts = {"p_strProcessInstanceTaskId": task, "p_strExternalReference": reference, "p_strHash": key}
        return self.call(ACKNOWLEDGE, parts)

    def update(self, text: str, task: str = "9001", **parts: str) -> Outcome:
        return self.call(UPDATE, {"p_strProcessInstanceTaskId": task, "p_strMessage": text, "p_strHash": HASH, **parts})

    def reassign(self, solution: str = "", status: str = "", task: str = "9001", group: str = "") -> Outcome:
        given = {"p_strSolution": solution, "p_strStatus": status, "p_strGroup": group}
        return self.call(REASSIGN, {"p_strProcessInstanceTaskId": task, "p_strHash": HASH, **given})

    # the admin side: one connection, kept alive

    def get(self, name: str) -> Any:
        answer = self.session.get(f"{self.url}/_sim/{name}", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def admin(self, call: str, /, **fields: Any) -> requests.Response:
        return self.session.post(f"{self.url}/_sim/{call}", json=fields, timeout=60)

    def set(self, call: str, /, **fields: Any) -> Any:
        answer = self.admin(call, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def act(self, action: str, /, **fields: Any) -> Any:
        return self.set(f"ssp7/{action}", **fields)

    def refused(self, action: str, /, **fields: Any) -> str:
        answer = self.admin(f"ssp7/{action}", **fields)
        assert answer.status_code == 400, answer.text
        return str(answer.json()["error"])

    def send_to(self, url: str, **more: Any) -> None:
        """Events go there, each tried once."""
        self.set("settings", web_service={"url": url, "format": "xml", **more}, deliveries={"attempts": 1})

    def task(self, number: str = "9001") -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.get("records")["tasks"] if one["id"] == number)
        return found

    @property
    def events(self) -> list[tuple[str, str, str, str]]:
        """App, type, direction and process of every event."""
        self.act("settle")
        log = self.get("records")["events"]
        return [(one["app"], one["request_type"], one["direction"], one["process"]) for one in log]
