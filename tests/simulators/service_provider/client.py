"""A client of the service provider's simulator that sends, over real HTTP, exactly what it is told to."""

from __future__ import annotations

from typing import Any

import requests

TOKEN = "demo-token-7c9e"
API = "/api/v1/"


class Provider:
    """A client of the API, and of the admin side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    # the vendor's side

    def send(self, method: str, path: str, *, token: str | None = TOKEN, **more: Any) -> requests.Response:
        """A request with the token, over a connection of its own."""
        headers = {**({"Authorization": f"Bearer {token}"} if token is not None else {}), **more.pop("headers", {})}
        return requests.request(method, f"{self.url}{API}{path}", headers=headers, timeout=20, **more)

    def create(self, reference: str = "TSK-1", **more: Any) -> requests.Response:
        return self.send("POST", "tickets", json={"reference": reference, "title": "Printer", **more})

    def new(self, reference: str = "TSK-1", **more: Any) -> str:
        """The number of a new ticket."""
        answer = self.create(reference, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ticket"]["number"])

    def read(self, number: str) -> dict[str, Any]:
        answer = self.send("GET", f"tickets/{number}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["ticket"]
        return found

    def search(self, **query: Any) -> dict[str, Any]:
        answer = self.send("GET", "tickets", params=query)
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
        return self.set(f"service_provider/{action}", **fields)
