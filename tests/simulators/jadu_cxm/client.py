"""A client of the Jadu CXM simulator that sends, over real HTTP, exactly what it is told to."""

from __future__ import annotations

from typing import Any

import requests

KEY = "demo-api-key"
API = "/api/service-api/council"


class Cxm:
    """A client of the service API, and of the admin side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    # the vendor's side

    def send(self, method: str, path: str, *, key: str | None = KEY, **more: Any) -> requests.Response:
        """A request with the key in the header, over a connection of its own."""
        headers = {**({"X-API-KEY": key} if key is not None else {}), **more.pop("headers", {})}
        return requests.request(method, f"{self.url}{API}/{path}", headers=headers, timeout=20, **more)

    def read(self, reference: str = "MBN001001") -> dict[str, Any]:
        answer = self.send("GET", f"case/{reference}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def edit(self, fields: dict[str, Any], reference: str = "MBN001001") -> requests.Response:
        return self.send("PATCH", f"case/{reference}/edit", json=fields)

    def create(self, fields: dict[str, Any], kind: str = "missed-bin") -> requests.Response:
        return self.send("POST", f"{kind}/case/create", json=fields)

    def transition(self, name: str, reference: str = "MBN001001") -> requests.Response:
        return self.send("POST", f"case/{reference}/transition/{name}")

    def page(self, name: str = "recently-updated", **query: Any) -> dict[str, Any]:
        answer = self.send("GET", f"filters/{name}/summaries", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    # the admin side: one connection, kept alive

    def get(self, name: str) -> Any:
        answer = self.session.get(f"{self.url}/_sim/{name}", timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def admin(self, call: str, /, **fields: Any) -> requests.Response:
        return self.session.post(f"{self.url}/_sim/{call}", json=fields, timeout=30)

    def set(self, call: str, /, **fields: Any) -> Any:
        answer = self.admin(call, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def act(self, action: str, /, **fields: Any) -> Any:
        return self.set(f"jadu_cxm/{action}", **fields)

    def record(self, reference: str = "MBN001001") -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.get("records")["cases"] if one["reference"] == reference)
        return found

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        """Every webhook delivery, once none is under way."""
        self.act("settle")
        found: list[dict[str, Any]] = self.get("records")["deliveries"]
        return found
