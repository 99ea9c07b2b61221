"""REST over HTTP: one request, and what its answer means. Nothing is retried here: Airflow does that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from casebridge.core.errors import NotConfigured, RefusedByTarget
from casebridge.transport.errors import check_status, told, unanswered

_LONGEST_REASON = 200


class RestClient:
    """One REST API at one address.

    Args:
        title: The system's title, for sentences.
        address: What every path is below, without a slash at its end.
        session: The way to the outside.
        timeouts: Seconds for connecting and for reading.
        reasons: The members of a refusal in which the target says why, the first that is there counts.
    """

    def __init__(
        self,
        title: str,
        address: str,
        session: requests.Session,
        timeouts: tuple[float, float],
        *,
        reasons: Sequence[str] = ("error", "message"),
    ) -> None:
        self.title = title
        self._address = address
        self._session = session
        self._timeouts = timeouts
        self._reasons = tuple(reasons)

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str], writes: bool = False, **options: Any
    ) -> requests.Response:
        """Sends one request and gives its answer, whatever its status.

        Args:
            method: GET, POST and so on.
            path: Below the address.
            headers: With the credentials; they go to this host alone, so redirects are not followed.
            writes: Whether the request changes something in the target.
            options: `params`, `data`, `json` as `requests` takes them.

        Raises:
            CasebridgeError: There was no answer.
        """
        with told(self.title, writes=writes):
            return self._session.request(
                method,
                f"{self._address}/{path}",
                headers={"Accept": "application/json", **headers},
                timeout=self._timeouts,
                allow_redirects=False,
                **options,
            )

    def check(self, response: requests.Response, *, writes: bool = False) -> None:
        """Raises what an answer means that is no success.

        Raises:
            NotConfigured: A web page came instead of data, or there is nothing at the address.
            RefusedByTarget: The target said no.
            CasebridgeError: As the status means.
        """
        status = response.status_code
        if response.ok and status < requests.codes.multiple_choices:
            if is_page(response):
                raise NotConfigured(
                    f"{self.title} answered with a web page instead of data; check the base URL",
                    may_have_happened=writes,
                )
            return
        if status == requests.codes.server_error:
            raise unanswered(f"{self.title} reported an error of its own (HTTP 500)", writes=writes)
        check_status(response, self.title, writes=writes)
        reason = self.reason(response)
        raise RefusedByTarget(f"{self.title} refused: {reason or 'no reason given'} (HTTP {status})", code=str(status))

    def body(self, response: requests.Response, *, writes: bool = False) -> Any:
        """The JSON value of a success; None when the body is empty.

        Raises:
            InDoubtError: The answer to a write cannot be read.
            Unreachable: The same of a read.
        """
        if not response.content.strip():
            return None
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            raise unanswered(f"{self.title} gave an answer that cannot be read", writes=writes) from None

    def reason(self, response: requests.Response) -> str:
        """What the target itself says about a refusal, on one line; "" when it says nothing."""
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError):
            return ""
        told_of = body if isinstance(body, dict) else {}
        words = next((told_of[name] for name in self._reasons if told_of.get(name)), "")
        return " ".join(str(words).split())[:_LONGEST_REASON]


def is_page(response: requests.Response) -> bool:
    """Whether an answer is a page for people, such as a login."""
    kind = response.headers.get("Content-Type", "").lower()
    return "html" in kind or response.content.lstrip()[:1] == b"<"
