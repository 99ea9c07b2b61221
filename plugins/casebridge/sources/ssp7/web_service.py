"""WorkflowService.asmx: its methods are called as the server's own WSDL declares them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from casebridge.core.errors import (
    CasebridgeError,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Unreachable,
)
from casebridge.core.privacy import hide
from casebridge.sources.ssp7.profile import Profile
from casebridge.sources.ssp7.settings import Authentication, Ssp7Settings
from casebridge.transport.errors import check_status, told, unanswered
from casebridge.transport.soap import SoapClient

log = logging.getLogger(__name__)

TITLE = "SSP7"
Method = Literal["acknowledge", "update", "reassign"]
_CAN_BE_LEFT_OUT = frozenset({"author"})
_LONGEST_REASON = 200
_SENDER = ("Client", "Sender")


class WorkflowService:
    """The web service of one SSP7.

    Args:
        settings: Where it is, and the credentials.
        profile: What is ASSUMED.
        session: The way to the outside.
    """

    def __init__(self, settings: Ssp7Settings, profile: Profile, session: requests.Session) -> None:
        self._settings = settings
        self._profile = profile
        self._session = session

    def call(self, method: Method, values: Mapping[str, str]) -> None:
        """The web service has done what was asked.

        Args:
            method: Which of the three.
            values: What is sent, by its meaning: `task`, `text`; empty values are left out.

        Raises:
            NotConfigured: The WSDL has no part for a value.
            RefusedByTarget: It said no.
            Unreachable: It did not do it, and may do it later.
            InDoubtError: It may have done it.
        """
        name = getattr(self._profile.methods, method)
        message = self._message(name, values)
        try:
            reply = self._soap.call(name, message, writes=True)
        except CasebridgeError as error:
            raise hide(error, self._private(values)) from None
        result = next(iter(reply), None)
        text = result.text if result else ""
        if not re.fullmatch(getattr(self._profile.success, method), text):
            words = self._mentioned(text)
            if isinstance(words, Unreachable):
                raise words
            known = words or RefusedByTarget(f"{TITLE} refused: {_short(text) or 'no result'}", code="result")
            raise hide(known, self._private(values))

    def parts(self) -> dict[str, list[str]]:
        """The parts of each method, as the WSDL names them.

        Raises:
            NotConfigured: The WSDL cannot be had, or lacks a method.
        """
        return {name: self._soap.parts(name) for name in self._profile.methods.model_dump().values()}

    def unmapped(self) -> list[str]:
        """The values that each method needs and has no part for, each as `method: value`."""
        needed = {
            "acknowledge": ("task", "external_reference"),
            "update": ("task", "text"),
            "reassign": ("task", "solution", "status"),
        }
        missing = []
        for method, meanings in needed.items():
            name = getattr(self._profile.methods, method)
            hashed = ("hash",) if self._settings.message_hash.get_secret_value() else ()
            missing += [f"{name}: {one}" for one in (*meanings, *hashed) if not self._part(name, one)]
        return missing

    def admits(self) -> bool:
        """Whether the server lets this user in, and nobody without a login. It is asked for the WSDL: nothing changes.

        Raises:
            NotAuthorised: It does not let this user in.
            CasebridgeError: It gave no answer.
        """
        refused = self._wsdl_status(_anybody) == requests.codes.unauthorized
        return refused and self._wsdl_status(self._login()) == requests.codes.ok

    def _wsdl_status(self, login: AuthBase | Callable[..., requests.PreparedRequest] | None) -> int:
        with told(TITLE, writes=False):
            response = self._session.get(
                f"{self._settings.address}?WSDL", auth=login, timeout=self._settings.timeouts, allow_redirects=False
            )
        if login is not _anybody:
            check_status(response, TITLE, writes=False)
        return response.status_code

    def _message(self, name: str, values: Mapping[str, str]) -> dict[str, str | None]:
        given = {**values, "hash": self._settings.message_hash.get_secret_value()}
        message: dict[str, str | None] = dict.fromkeys(self._soap.parts(name))
        for meaning, value in given.items():
            if not value:
                continue
            part = self._part(name, meaning)
            if part:
                message[part] = value
            elif meaning in _CAN_BE_LEFT_OUT:
                log.info("%s has no part for the %s", name, meaning)
            else:
                raise NotConfigured(
                    f'{TITLE}: the method {name} has no part for "{meaning}"; its parts are '
                    f'{", ".join(self._soap.parts(name))}: name the right one in "parts" of the connection\'s profile'
                )
        return message

    def _part(self, name: str, meaning: str) -> str:
        there = self._soap.parts(name)
        return next((part for part in getattr(self._profile.parts, meaning) if part in there), "")

    def _private(self, values: Mapping[str, str]) -> list[str]:
        shown = ("task", "external_reference", "status")
        return [value for meaning, value in values.items() if meaning not in shown] + [
            self._settings.message_hash.get_secret_value()
        ]

    def _fault(self, code: str, text: str) -> CasebridgeError | None:
        """ASP.NET makes every exception a soap:Server, so only the text tells whether trying again can help."""
        if code.split(".", 1)[0] in _SENDER:
            return None
        return self._mentioned(text) or unanswered(
            f"{TITLE} reported a fault that nobody knows: {_short(text) or 'without a reason'}", writes=True
        )

    def _mentioned(self, text: str) -> CasebridgeError | None:
        lowered, faults = text.casefold(), self._profile.faults

        def has(words: tuple[str, ...]) -> bool:
            return any(word.casefold() in lowered for word in words)

        if has(faults.credentials):
            return NotAuthorised(f"{TITLE} does not accept the hash or the user of the connection")
        if has(faults.missing_task):
            return NotFound(f"{TITLE} has no such task: {_short(text)}")
        if has(faults.transient):
            return Unreachable(f"{TITLE} could not do it now: {_short(text)}")
        if has(faults.permanent):
            return RefusedByTarget(f"{TITLE} refused: {_short(text)}", code="Server")
        return None

    @cached_property
    def _soap(self) -> SoapClient:
        self._session.auth = self._login()
        wsdl: str | Path = self._settings.wsdl or f"{self._settings.address}?WSDL"
        if self._settings.wsdl and "://" not in self._settings.wsdl:
            wsdl = Path(self._settings.wsdl).expanduser()
        return SoapClient(
            system=TITLE,
            address=self._settings.address,
            wsdl=wsdl,
            fallback_wsdl=None,
            session=self._session,
            timeouts=self._settings.timeouts,
            username=self._settings.login,
            password="",
            operations=tuple(self._profile.methods.model_dump().values()),
            ws_security=False,
            tell_fault=self._fault,
        )

    def _login(self) -> AuthBase | None:
        password = self._settings.password.get_secret_value()
        match self._settings.authentication:
            case Authentication.BASIC:
                return HTTPBasicAuth(self._settings.login.encode(), password.encode())
            case Authentication.NTLM:
                from casebridge.sources.ssp7.ntlm import NtlmLogin

                login: AuthBase = NtlmLogin(self._settings.login, password)
                return login
        return None


def _anybody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leaves the request without a login, whatever the session has."""
    return request


def _short(text: str) -> str:
    """The reason in a fault: without ASP.NET's opening words, and without the stack trace behind it."""
    first = text.strip().split("\n", 1)[0].split("   at ", 1)[0]
    return first.rpartition("--->")[2].strip()[:_LONGEST_REASON]
