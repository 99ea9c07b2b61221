"""A client of the WitiOp simulator: of its faces, and of the admin side."""

from __future__ import annotations

from typing import Any

import requests


class Witiop:
    """Sends, over real HTTP, exactly what it is told to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def read(self, path: str, **more: Any) -> requests.Response:
        """A vendor-side call with the credentials of the path's face."""
        known = self.get("credentials")
        if path.startswith("/chatwoot"):
            more.setdefault("headers", {"api_access_token": known["chatwoot_access_token"]})
        elif path.startswith("/twilio"):
            more.setdefault("auth", (known["twilio_account_sid"], known["twilio_auth_token"]))
        else:
            more.setdefault("headers", {"Authorization": f"Bearer {known['api_token']}"})
        return requests.get(path if path.startswith("http") else self.url + path, timeout=60, **more)

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
        return self.set(f"witiop/{action}", **fields)
