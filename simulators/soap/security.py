"""The WS-Security UsernameToken of a message."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.soap.envelope import Envelope, local_name, namespace
from simulators.soap.fault import WSSE_NS

_DIGEST = "#PasswordDigest"


@dataclass(frozen=True)
class UsernameToken:
    """Who a message says it is from. ``digest``: the password is not in clear text."""

    username: str
    password: str
    digest: bool


def read_username_token(envelope: Envelope) -> UsernameToken | None:
    """The token, or None where the message has none.

    A bare token is enough: no Type, Nonce, Created or Timestamp is asked for, and any is ignored.
    """
    for block in envelope.headers:
        if local_name(block) != "Security" or namespace(block) != WSSE_NS:
            continue
        for token in block:
            if local_name(token) != "UsernameToken":
                continue
            parts = {local_name(part): part for part in token}
            username, password = parts.get("Username"), parts.get("Password")
            return UsernameToken(
                username="" if username is None else username.text or "",
                password="" if password is None else password.text or "",
                digest=password is not None and password.get("Type", "").endswith(_DIGEST),
            )
    return None
