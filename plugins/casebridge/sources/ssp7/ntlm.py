"""Windows logins by NTLM: requests-ntlm, with its failures told as what they mean."""

from __future__ import annotations

from typing import Any

import requests
from requests_ntlm import HttpNtlmAuth
from spnego.exceptions import SpnegoError

from casebridge.core.errors import NotAuthorised


class NtlmLogin(HttpNtlmAuth):
    """Logs each connection in when the server asks for it.

    Args:
        username: With its domain, `DOMAIN\\user`.
        password: The password.
    """

    def retry_using_http_NTLM_auth(self, *arguments: Any) -> requests.Response:  # noqa: N802  (requests-ntlm calls it so)
        """The answer to the request, sent again with the login.

        Raises:
            NotAuthorised: The server refused before it had a challenge, or with one that makes no sense.
            ConnectionError: It answered the login with something else, so nobody knows what it did.
        """
        try:
            answer: requests.Response = super().retry_using_http_NTLM_auth(*arguments)
        except (PermissionError, SpnegoError):
            raise NotAuthorised("SSP7 does not accept the credentials of the connection (no NTLM challenge)") from None
        except KeyError:
            raise requests.exceptions.ConnectionError("the login got no challenge") from None
        return answer
