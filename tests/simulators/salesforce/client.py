"""A client of the Salesforce simulator that sends, over real HTTP, exactly what it is told to."""

from __future__ import annotations

from typing import Any

import requests

DATA = "/services/data/v66.0"


class Salesforce:
    """A client of the REST API, logged in as the API user, and of the admin side."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = ""

    # the vendor's side

    def grant(self, **form: str) -> requests.Response:
        """What the token endpoint answers."""
        return requests.post(f"{self.url}/services/oauth2/token", data=form, timeout=20)

    def password_form(self) -> dict[str, str]:
        known = self.get("credentials")
        return {
            "grant_type": "password",
            "client_id": known["consumer_key"],
            "client_secret": known["consumer_secret"],
            "username": known["username"],
            "password": known["password"] + known["security_token"],
        }

    def log_in(self) -> None:
        answer = self.grant(**self.password_form())
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    def send(self, method: str, path: str, *, version: str = "v66.0", **more: Any) -> requests.Response:
        """A request with the session, over a connection of its own; the path follows the version."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        address = path if path.startswith("/services") else f"/services/data/{version}/{path}"
        return requests.request(method, self.url + address, headers=headers, timeout=60, **more)

    def query(self, soql: str, **more: Any) -> requests.Response:
        return self.send("GET", "query", params={"q": soql}, **more)

    def rows(self, soql: str) -> list[dict[str, Any]]:
        answer = self.query(soql)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["records"]
        return found

    def names(self, condition: str) -> list[str]:
        """The names of the contacts for which a condition holds."""
        return [row["Name"] for row in self.rows(f"SELECT Name FROM Contact WHERE {condition}")]

    def create(self, entity: str, headers: dict[str, str] | None = None, /, **fields: Any) -> requests.Response:
        return self.send("POST", f"sobjects/{entity}", json=fields, headers=headers or {})

    def made(self, entity: str, **fields: Any) -> str:
        answer = self.create(entity, **fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def composite(self, *requests_: dict[str, Any], all_or_none: bool = True, **more: Any) -> list[dict[str, Any]]:
        body = {"allOrNone": all_or_none, "compositeRequest": list(requests_)}
        answer = self.send("POST", "composite", json=body, **more)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["compositeResponse"]
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

    def held(self, entity: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("records")[entity]
        return found


def code(answer: requests.Response) -> tuple[int, str]:
    """The status of a refusal and its error code."""
    (error,) = answer.json()
    return answer.status_code, error["errorCode"]
