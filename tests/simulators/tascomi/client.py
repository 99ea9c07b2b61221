"""A client of the Tascomi simulator that sends, over real HTTP, exactly what it is told to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import requests

PUBLIC, PRIVATE = "demo-public-key", "demo-private-key"
#: The moment at which the tests' clock stands, and its minute in London.
NOW, MINUTE = "2026-07-01T11:34:07.118Z", "202607011234"
STAMP = "2026-07-01 12:34:07.118"
FORM = "application/x-www-form-urlencoded"
#: What a Service Request must have.
REQUIRED = {"core_function_id": "3", "complaint_code_id": "23", "investigating_officer_id": "7"}


def sign(minute: str = MINUTE, public: str = PUBLIC, private: str = PRIVATE) -> dict[str, str]:
    """The two headers, made from the protocol's own words and from none of the simulator's code."""
    token = hashlib.sha256((public + minute).encode()).hexdigest()
    mac = hmac.new(private.encode(), token.encode(), hashlib.sha256).hexdigest()
    return {"X-Public": public, "X-Hash": base64.b64encode(mac.encode()).decode()}


class Tascomi:
    """A client of the REST API, and of the admin side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    # the vendor's side

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """A request signed in the clock's minute, over a connection of its own; other headers replace the signature."""
        own = sign() if headers is None else headers
        return requests.request(method, f"{self.url}/rest/v1/{path}", headers=own, timeout=20, **more)

    def get(self, table: str, **filters: Any) -> requests.Response:
        return self.send("GET", table, params=filters)

    def rows(self, table: str, **filters: Any) -> list[dict[str, str | None]]:
        answer = self.get(table, **filters)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, str | None]] = answer.json()
        return found

    def put(self, table: str, /, **fields: str) -> requests.Response:
        return self.send("PUT", table, data=fields)

    def post(self, table: str, row_id: object, /, **fields: str) -> requests.Response:
        return self.send("POST", f"{table}/{row_id}", data=fields)

    def remove(self, table: str, row_id: object) -> requests.Response:
        return self.send("DELETE", f"{table}/{row_id}")

    # the admin side: one connection, kept alive

    def look(self, name: str) -> Any:
        answer = self.session.get(f"{self.url}/_sim/{name}", timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def admin(self, call: str, /, **fields: Any) -> requests.Response:
        return self.session.post(f"{self.url}/_sim/{call}", json=fields, timeout=30)

    def set(self, call: str, /, **fields: Any) -> Any:
        answer = self.admin(call, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def record(self, table: str, row_id: str) -> dict[str, str | None]:
        found: dict[str, str | None] = next(row for row in self.look("records")[table] if row["id"] == row_id)
        return found
