"""Logging in by OAuth: /services/oauth2/token, and what belongs to it.

Sources: the vendor's pages on the username-password, client-credentials and JWT-bearer flows; the texts of
``invalid_client`` and of JWT refusals are ASSUMED.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jwt

from simulators.exchange import Answer, VendorRequest
from simulators.salesforce.errors import Refusal
from simulators.salesforce.store import Record

if TYPE_CHECKING:
    from simulators.salesforce.simulator import SalesforceSimulator

ROOT = "/services/oauth2/"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CLOCK_TOLERANCE_S = 180


class Denied(Exception):
    """A log-in is denied: the OAuth error, its description and the HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status

    def answer(self) -> Answer:
        """As the token endpoint gives it."""
        body = {"error": self.error, "error_description": self.description}
        return _json(self.status, body, self.error)


def _json(status: int, body: Any, code: str | None = None) -> Answer:
    headers = {"Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private"}
    return Answer(status, json.dumps(body).encode(), "application/json;charset=UTF-8", code, headers)


def token(simulator: SalesforceSimulator, request: VendorRequest) -> Answer:
    """The answer to a request for an access token."""
    try:
        if request.method != "POST":
            raise Denied("invalid_request", "must use HTTP POST")
        form = _form(request)
        flow = form.get("grant_type", "")
        check = {"password": _password, "client_credentials": _client_credentials, JWT_BEARER: _jwt_bearer}.get(flow)
        if check is None:
            raise Denied("unsupported_grant_type", "grant type not supported")
        user = check(simulator, request, form)
    except Denied as denied:
        return denied.answer()
    return _granted(simulator, request, user, flow)


def _form(request: VendorRequest) -> dict[str, str]:
    """The parameters in the body, and those in the query, of which the body's count."""
    body = request.body.decode("utf-8", "replace")
    return dict(parse_qsl(request.query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True))


def _granted(simulator: SalesforceSimulator, request: VendorRequest, user: Record, flow: str) -> Answer:
    session = simulator.sessions.open(user["Id"], flow.rpartition(":")[2])
    issued = str(int(simulator.clock.now().timestamp() * 1000))
    identity = f"{request.base_url}/id/{simulator.org.organization}/{user['Id']}"
    secret = simulator.credentials["consumer_secret"].encode()
    signature = base64.b64encode(hmac.digest(secret, (identity + issued).encode(), sha256)).decode()
    granted = {
        "access_token": session.token,
        "instance_url": request.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
        "signature": signature,
    }
    # FACT: a JWT-bearer answer has a scope and no issued_at or signature.
    if flow == JWT_BEARER:
        granted = {name: granted[name] for name in ("access_token", "instance_url", "id", "token_type")}
        granted["scope"] = "api"
    return _json(200, granted)


def _same(given: str, accepted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), accepted.encode())


def _check_client(simulator: SalesforceSimulator, key: str, secret: str) -> None:
    if not _same(key, simulator.credentials["consumer_key"]):
        raise Denied("invalid_client_id", "client identifier invalid")
    if not _same(secret, simulator.credentials["consumer_secret"]):
        raise Denied("invalid_client", "invalid client credentials")


def password_fits(simulator: SalesforceSimulator, username: str, given: str) -> Record | None:
    """The active user with that password, which ends with the security token."""
    accepted = simulator.credentials
    user = simulator.org.user_of(username)
    fits = _same(given, accepted["password"] + accepted["security_token"])
    return user if fits and user and user["IsActive"] and username.lower() == accepted["username"].lower() else None


def _password(simulator: SalesforceSimulator, request: VendorRequest, form: Mapping[str, str]) -> Record:
    missing = next((name for name in ("client_id", "username", "password") if not form.get(name)), None)
    if missing:
        raise Denied("invalid_request", f"missing required parameter: {missing}")
    _check_client(simulator, form["client_id"], form.get("client_secret", ""))
    user = password_fits(simulator, form["username"], form["password"])
    if user is None or not simulator.org.settings.password_flow:
        raise Denied("invalid_grant", "authentication failure")
    return user


def _client_credentials(simulator: SalesforceSimulator, request: VendorRequest, form: Mapping[str, str]) -> Record:
    """FACT: key and secret come by HTTP Basic or in the form; the app's own user is logged in."""
    key, secret = _basic(request.headers.get("authorization", ""))
    _check_client(simulator, key or form.get("client_id", ""), secret or form.get("client_secret", ""))
    user = simulator.org.user_of(simulator.credentials["username"])
    if user is None or not user["IsActive"]:
        raise Denied("invalid_grant", "no client credentials user enabled")
    return user


def _basic(header: str) -> tuple[str, str]:
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        key, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return key, secret


def _jwt_bearer(simulator: SalesforceSimulator, request: VendorRequest, form: Mapping[str, str]) -> Record:
    """FACT: RS256; iss is the consumer key, sub the username, aud the log-in address, exp not yet over."""
    assertion = form.get("assertion")
    if not assertion:
        raise Denied("invalid_request", "missing required parameter: assertion")
    unchecked: Any = {
        "verify_exp": False,
        "verify_aud": False,
        "verify_iat": False,
        "verify_nbf": False,
        "verify_sub": False,
    }
    try:
        claims = jwt.decode(assertion, simulator.credentials["jwt_public_key"], ["RS256"], options=unchecked)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Denied("invalid_grant", "invalid assertion") from None
    if not _same(str(claims.get("iss")), simulator.credentials["consumer_key"]):
        raise Denied("invalid_client_id", "client identifier invalid")
    if not _is_audience(claims.get("aud"), request):
        raise Denied("invalid_grant", "audience is invalid")
    try:
        left = int(claims["exp"]) - simulator.clock.now().timestamp()  # simple-salesforce sends it as text
    except (KeyError, TypeError, ValueError):
        raise Denied("invalid_grant", "invalid assertion") from None
    if left < -_CLOCK_TOLERANCE_S or left > 600:
        raise Denied("invalid_grant", "expired authorization code" if left < 0 else "assertion expires too late")
    user = simulator.org.user_of(str(claims.get("sub")))
    if user is None or not user["IsActive"]:
        raise Denied("invalid_grant", "user hasn't approved this consumer")
    return user


def _is_audience(audience: Any, request: VendorRequest) -> bool:
    """FACT: the log-in address of production, of sandboxes or the org's own; here also this simulator's."""
    return any(
        isinstance(one, str) and (one.rstrip("/") == request.base_url or _is_vendor_host(one))
        for one in (audience if isinstance(audience, list) else [audience])
    )


def _is_vendor_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and (parts.hostname or "").endswith(".salesforce.com")


def revoke(simulator: SalesforceSimulator, request: VendorRequest) -> Answer:
    """The session of that token is over."""
    if simulator.sessions.revoke(_form(request).get("token", "")):
        return Answer(200, b"", "text/html;charset=UTF-8")
    return Denied("unsupported_token_type", "this token type is not supported").answer()


def identity(simulator: SalesforceSimulator, request: VendorRequest) -> Answer:
    """Who is logged in: /services/oauth2/userinfo, or the address that a log-in calls ``id``."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        session = simulator.sessions.use(unquote(given.strip()) if kind.lower() in ("bearer", "oauth") else None)
    except Refusal:
        return Answer(403, b"Bad_OAuth_Token", "text/html;charset=UTF-8", "Bad_OAuth_Token")
    user = simulator.org.store.get("User", session.user) or {}
    org = simulator.org.organization
    rest = f"{request.base_url}/services/data/v{{version}}/"
    return _json(
        200,
        {
            "id": f"{request.base_url}/id/{org}/{user['Id']}",
            "sub": f"{request.base_url}/id/{org}/{user['Id']}",
            "user_id": user["Id"],
            "organization_id": org,
            "username": user["Username"],
            "preferred_username": user["Username"],
            "display_name": user["Name"],
            "name": user["Name"],
            "nick_name": user["Alias"],
            "email": user["Email"],
            "email_verified": True,
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "urls": {
                "rest": rest,
                "sobjects": rest + "sobjects/",
                "query": rest + "query/",
                "search": rest + "search/",
                "partner": f"{request.base_url}/services/Soap/u/{{version}}/{org[:15]}",
            },
        },
    )
