"""What a failure on the way to a target means, as data: exception or status -> error class and sentence.

The question behind every row: can the request have taken effect? A write that may have is in doubt; anything else may
simply be tried again. For a read nothing is ever in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import pendulum
import requests
import urllib3

from casebridge.core.errors import (
    CasebridgeError,
    InDoubtError,
    NotAuthorised,
    NotConfigured,
    Throttled,
    Unreachable,
)

NOT_SENT = (
    (requests.exceptions.ConnectTimeout, "no connection within the connect timeout"),
    (requests.exceptions.ProxyError, "the proxy does not let us through"),
)
"""Certainly nothing arrived."""

WRONG_ADDRESS = (
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    requests.exceptions.TooManyRedirects,
)
"""The settings cannot be right."""

NO_ANSWER = (
    (requests.exceptions.ReadTimeout, "no answer within the read timeout"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    (requests.exceptions.ContentDecodingError, "the answer cannot be decoded"),
    (requests.exceptions.SSLError, "the secure connection broke off"),
    (requests.exceptions.ConnectionError, "the connection broke off"),
    (requests.exceptions.RequestException, "the request failed"),
)
"""The request may have arrived. The order matters: the first that fits counts."""

_UNAUTHORISED = frozenset({401, 403})
_MISPLACED = frozenset({301, 302, 303, 307, 308, 404, 405, 410})
_TOO_MANY = 429
_RETRYABLE = frozenset({408, 425})


@contextmanager
def told(system: str, *, writes: bool) -> Iterator[None]:
    """Turns what `requests` raises into what happens next.

    Args:
        system: The system's title, for the sentence.
        writes: Whether the request changes something in the target.
    """
    try:
        yield
    except requests.exceptions.RequestException as error:
        raise translate(error, system, writes=writes) from None


def translate(error: requests.exceptions.RequestException, system: str, *, writes: bool) -> CasebridgeError:
    """The error of the family that says what to do about an error of `requests`."""
    for kind, sentence in NOT_SENT:
        if isinstance(error, kind):
            return Unreachable(f"{system} cannot be reached: {sentence}")
    if isinstance(error, WRONG_ADDRESS):
        return NotConfigured(f"{system}: the address in the connection cannot be called ({type(error).__name__})")
    if reason := _never_connected(error):
        return Unreachable(f"{system} cannot be reached: {reason}")
    sentence = next(sentence for kind, sentence in NO_ANSWER if isinstance(error, kind))
    return unanswered(f"{system} gave no answer: {sentence}", writes=writes)


def unanswered(sentence: str, *, writes: bool, retry_after: float | None = None) -> CasebridgeError:
    """No clear answer: in doubt for a write, unreachable for a read."""
    if writes:
        return InDoubtError(f"{sentence}; it may have been carried out", retry_after=retry_after)
    return Unreachable(sentence, retry_after=retry_after)


def check_status(response: requests.Response, system: str, *, writes: bool) -> None:
    """Raises what an HTTP status means, unless the body has to tell (2xx, 400, 500 and other client errors).

    Raises:
        NotAuthorised: 401, 403.
        NotConfigured: A redirect, or no such address.
        Throttled: 429, with the pause that the target asks for.
        InDoubtError: A write that a gateway or an overloaded server did not answer clearly.
        Unreachable: The same for a read.
    """
    status = response.status_code
    if status in _UNAUTHORISED:
        raise NotAuthorised(f"{system} does not accept the credentials of the connection (HTTP {status})")
    if status in _MISPLACED:
        if response.is_redirect:
            raise NotConfigured(
                f"{system} sends us elsewhere (HTTP {status}), such as to a login page; "
                "check base URL, path and credentials"
            )
        raise NotConfigured(f"{system} has nothing to call at this address (HTTP {status}); check base URL and path")
    if status == _TOO_MANY:
        raise Throttled(f"{system} asks for a pause (HTTP 429)", retry_after=retry_after(response))
    if status in _RETRYABLE or status > requests.codes.server_error:
        raise unanswered(f"{system} is not available (HTTP {status})", writes=writes, retry_after=retry_after(response))


def retry_after(response: requests.Response) -> float | None:
    """The pause that a `Retry-After` header asks for, in seconds; None when it asks for none."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - pendulum.now("UTC")).total_seconds()) if text else None
    except (ValueError, TypeError):
        return None


def _never_connected(error: requests.exceptions.RequestException) -> str | None:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "its host name is not known"
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return "connection refused"
    if "CERTIFICATE_VERIFY_FAILED" in str(reason):
        return "its certificate is not trusted"
    return None
