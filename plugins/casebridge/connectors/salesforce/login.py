"""Logging in, by simple-salesforce, made safe: a timeout, no redirect, every failure told as one of ours."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from casebridge.connectors.salesforce.errors import TITLE, Fault, meaning
from casebridge.connectors.salesforce.profile import Profile
from casebridge.connectors.salesforce.settings import Auth, SalesforceSettings
from casebridge.core.errors import CasebridgeError, NotAuthorised, NotConfigured, RefusedByTarget, Unreachable
from casebridge.transport.errors import check_status, told

LAST_SOAP_VERSION = "64.0"
"""SOAP login() is absent in later versions (Salesforce help 005132110)."""

_HINTS = {
    "INVALID_OPERATION": "SOAP login is off in this org; use client_credentials or jwt",
    "unsupported_grant_type": "this flow is off in this org; use client_credentials or jwt",
    "invalid_grant": (
        "a wrong password or token, an inactive user, an untrusted network, or a flow that the org blocks; "
        "Salesforce does not say which"
    ),
    "invalid_client": "the Consumer Secret is wrong",
    "invalid_client_id": "the Consumer Key is wrong",
    "INVALID_LOGIN": "a wrong user name, password or security token, or a locked user",
}
_UNAVAILABLE = frozenset({301, 302, 303, 307, 308, 404, 405, 408, 410, 425, 429})


class Login:
    """Opens sessions.

    Args:
        settings: The connection.
        profile: With the codes by what they mean.
        session: The way to the outside.
    """

    def __init__(self, settings: SalesforceSettings, profile: Profile, session: requests.Session) -> None:
        self._settings = settings
        self._profile = profile
        self._door = _Door(settings, session)

    def open(self) -> tuple[str, str]:
        """A new session: its id, and the address of the instance.

        Raises:
            NotAuthorised: The credentials, or this way to log in, are not accepted.
            NotConfigured: The private key cannot be read, or there is no Salesforce at the domain.
            TransientError: No answer.
        """
        asked = self._asked()
        try:
            token, instance = SalesforceLogin(session=cast(requests.Session, self._door), **asked)
        except SalesforceAuthenticationFailed as error:
            raise self._denied(error) from None
        except CasebridgeError:
            raise
        except (ExpatError, KeyError, AttributeError, TypeError):
            raise Unreachable(f"{TITLE} gave an answer to the login that cannot be read") from None
        except (ValueError, OSError) as error:
            if self._settings.flow is not Auth.JWT:
                raise
            raise NotConfigured(f"the private key of the connection cannot be used ({type(error).__name__})") from None
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in {"jwt", "cryptography"}:
                raise
            raise NotConfigured(f"the private key of the connection cannot be used ({type(error).__name__})") from None
        return token, self._settings.host or f"https://{instance}"

    def _asked(self) -> dict[str, Any]:
        """What simple-salesforce chooses the flow by: anything else that is given, even empty, selects another one."""
        one = self._settings
        password, token = one.password.get_secret_value(), one.security_token.get_secret_value()
        asked: dict[str, Any] = {"domain": one.domain, "sf_version": one.version, "proxies": one.proxies or None}
        app = {"consumer_key": one.consumer_key, "consumer_secret": one.consumer_secret.get_secret_value()}
        match one.flow:
            case Auth.CLIENT_CREDENTIALS:
                return asked | app
            case Auth.JWT:
                key = one.private_key.get_secret_value().replace("\\n", "\n")
                held = {"privatekey": key} if key else {"privatekey_file": one.private_key_file_path.get_secret_value()}
                return asked | held | {"username": one.login, "consumer_key": one.consumer_key}
            case Auth.PASSWORD:
                return asked | app | {"username": one.login, "password": password + token}
        version = min(one.version, LAST_SOAP_VERSION, key=float)
        soap = asked | {"username": one.login, "password": password, "sf_version": version, "client_id": one.client_id}
        if one.organization_id and not token:
            return soap | {"organizationId": one.organization_id}
        return soap | {"security_token": token}

    def _denied(self, error: SalesforceAuthenticationFailed) -> CasebridgeError:
        code = str(error.code or "").rpartition(":")[2] or "without a code"
        if code == "200":
            return NotConfigured(f"{TITLE} answered the login with a page instead of data; check the Domain")
        meant = meaning([Fault(code, str(error.message or ""), {})], self._profile, writes=False)
        if not isinstance(meant, RefusedByTarget):
            return meant
        hint = _HINTS.get(code)
        return NotAuthorised(
            f"{TITLE} refused the login by {self._settings.flow} ({code}){f': {hint}' if hint else ''}"
        )


class _Door:
    """What simple-salesforce takes for a session: it sets no timeout, follows redirects and knows one address."""

    def __init__(self, settings: SalesforceSettings, session: requests.Session) -> None:
        self._settings = settings
        self._session = session

    def post(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        """Sends a login.

        Raises:
            CasebridgeError: There was no answer, or one that is none of the login's own.
        """
        if self._settings.host:
            url = self._settings.host + urlsplit(url).path
        with told(TITLE, writes=False):
            answer = self._session.post(url, data, timeout=self._settings.timeouts, allow_redirects=False, **options)
        if answer.status_code in _UNAVAILABLE or answer.status_code > requests.codes.server_error:
            check_status(answer, TITLE, writes=False)
        return answer
