"""The service API of Jadu CXM over HTTP, and what its answers mean."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote

import requests

from casebridge.core.errors import (
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Unreachable,
)
from casebridge.sources.jadu_cxm.names import snake
from casebridge.sources.jadu_cxm.profile import Profile
from casebridge.sources.jadu_cxm.settings import JaduCxmSettings
from casebridge.transport.errors import check_status, told, unanswered

TITLE = "Jadu CXM"
_LONGEST_REASON = 200
_UNAUTHORISED = frozenset({401, 403})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")


class ServiceApi:
    """One service API of one council. The key goes into a header: addresses end up in logs.

    Args:
        settings: Where it is, and the credentials.
        profile: What is ASSUMED.
        session: The way to the outside. Nothing is retried here: Airflow does that.
    """

    def __init__(self, settings: JaduCxmSettings, profile: Profile, session: requests.Session) -> None:
        self._settings = settings
        self._profile = profile
        self._session = session
        self._token = ""
        self._token_until = 0.0

    def get(self, path: str, *, missing: str, **query: Any) -> dict[str, Any]:
        """The JSON object at a path.

        Args:
            path: Below the address of the service API.
            missing: The sentence for a 404.
            query: The parts of the query.

        Raises:
            NotFound: There is no such thing.
            CasebridgeError: As the answer means.
        """
        response = self._send("GET", path, params=query)
        self._check(response, missing=missing)
        return _object(response)

    def change(self, method: str, path: str, *, missing: str, show_reason: bool = False, **body: Any) -> None:
        """Changes something in a way that can be repeated: no clear answer means that it is tried again.

        An edit sets values and a transition is refused where it was made already, so neither can happen twice.

        Args:
            method: PATCH or POST.
            path: Below the address of the service API.
            missing: The sentence for a 404.
            show_reason: Whether CXM's own words may be told: only where no case value was sent.
            body: As `requests` takes it.

        Raises:
            RefusedByTarget: CXM said no; names the fields that it names.
            CasebridgeError: As the answer means.
        """
        self._check(self._send(method, path, **body), missing=missing, show_reason=show_reason)

    def add(self, path: str, *, missing: str, **body: Any) -> None:
        """Adds something, which would be there twice if it were repeated.

        Raises:
            InDoubtError: No clear answer: it may be there.
            CasebridgeError: As the answer means.
        """
        self._check(self._send("POST", path, writes=True, **body), missing=missing, writes=True)

    def sign_in(self) -> None:
        """Signs in as the user in the settings.

        Raises:
            NotAuthorised: User name or password are wrong.
            CasebridgeError: As the answer means.
        """
        credentials = {
            "username": self._settings.login,
            "password": self._settings.user_password.get_secret_value(),
        }
        with told(TITLE, writes=False):
            response = self._request("POST", "sign-in", {}, json=credentials)
        if response.status_code in _UNAUTHORISED:
            raise NotAuthorised(
                f"{TITLE} does not let the user sign in, or does not accept the API key (HTTP {response.status_code})"
            )
        self._check(response, missing=f"{TITLE} has no sign-in at this address; check base URL and service API")
        token = _object(response).get("token")
        if not isinstance(token, str) or not token:
            raise Unreachable(f"{TITLE} gave no token when signing in")
        self._token = token
        self._token_until = time.monotonic() + self._profile.token_minutes * 60

    def _send(self, method: str, path: str, *, writes: bool = False, **options: Any) -> requests.Response:
        if not self._settings.login:
            with told(TITLE, writes=writes):
                return self._request(method, path, {}, **options)
        known = bool(self._token) and time.monotonic() < self._token_until
        if not known:
            self.sign_in()
        with told(TITLE, writes=writes):
            response = self._request(method, path, {"X-API-TOKEN": self._token}, **options)
        if known and response.status_code in _UNAUTHORISED:
            # The token may have run out on their side. What was refused for it has changed nothing.
            self.sign_in()
            with told(TITLE, writes=writes):
                response = self._request(method, path, {"X-API-TOKEN": self._token}, **options)
        return response

    def _request(self, method: str, path: str, headers: Mapping[str, str], **options: Any) -> requests.Response:
        return self._session.request(
            method,
            f"{self._settings.address}/{path}",
            headers={
                "Accept": "application/json",
                "X-API-KEY": self._settings.password.get_secret_value(),
                **headers,
            },
            timeout=self._settings.timeouts,
            allow_redirects=False,  # the key is for this host alone
            **options,
        )

    def _check(
        self, response: requests.Response, *, missing: str, writes: bool = False, show_reason: bool = False
    ) -> None:
        status = response.status_code
        if response.ok and status < requests.codes.multiple_choices:
            if _is_page(response):
                raise NotConfigured(
                    f"{TITLE} answered with a web page instead of data; check base URL and service API",
                    may_have_happened=writes,
                )
            return
        if status == requests.codes.not_found and not _is_page(response):
            raise NotFound(missing)
        if status == requests.codes.server_error:
            raise unanswered(f"{TITLE} reported an error of its own (HTTP 500)", writes=writes)
        check_status(response, TITLE, writes=writes)
        self._refuse(response, show_reason=show_reason)

    def _refuse(self, response: requests.Response, *, show_reason: bool) -> NoReturn:
        """Raises the refusal with the names of fields. What CXM says about them may repeat what was sent."""
        body = _json(response)
        told_of = body if isinstance(body, dict) else {}
        wrong = next((told_of[name] for name in self._profile.refusal.fields if told_of.get(name)), None)
        names = sorted(_field_name(name) for name in wrong) if isinstance(wrong, dict) else []
        text = f"{TITLE} refused (HTTP {response.status_code})"
        if names:
            text += f": the case field{'s' if len(names) > 1 else ''} {', '.join(names)} cannot be written so"
        if show_reason:
            reason = next((told_of[name] for name in self._profile.refusal.message if told_of.get(name)), "")
            text += f": {' '.join(str(reason).split())[:_LONGEST_REASON]}" if reason else ""
        raise RefusedByTarget(text, code=str(response.status_code))


def segment(text: str) -> str:
    """A text as one part of a path.

    Raises:
        NotFound: No case, filter or transition can have such a name.
    """
    # A server may take an encoded slash for a slash, and a segment of dots for a step up.
    if not text.strip(".") or "/" in text or "\\" in text:
        raise NotFound(f'{TITLE} has nothing with the name "{text}"')
    return quote(text, safe="")


def _field_name(name: object) -> str:
    return snake(str(name)) if _NAME.fullmatch(str(name)) else "(unnamed)"


def _object(response: requests.Response) -> dict[str, Any]:
    body = _json(response)
    if not isinstance(body, dict):
        raise Unreachable(f"{TITLE} gave an answer that cannot be read")
    return body


def _json(response: requests.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _is_page(response: requests.Response) -> bool:
    kind = response.headers.get("Content-Type", "").lower()
    return "html" in kind or response.content.lstrip()[:1] == b"<"
