"""Forms that another site could not have made: each carries a token for its user, which only this site can write."""

from __future__ import annotations

import hashlib
import hmac
import time

from fastapi import HTTPException, Request

FIELD = "token"
GOOD_FOR_S = 12 * 3600
_SAME_SITE = ("same-origin", "none")


class Seal:
    """Writes and checks tokens.

    Args:
        secret: Known to the servers of this site and nobody else.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"casebridge console\0" + secret.encode()).digest()

    def write(self, user: str) -> str:
        """A token for the forms of a user."""
        at = str(int(time.time()))
        return f"{at}.{self._mark(user, at)}"

    def check(self, request: Request, user: str, token: str) -> None:
        """Refuses a form that this site did not make for this user.

        Raises:
            HTTPException: 403.
        """
        if request.headers.get("sec-fetch-site", "none") not in _SAME_SITE:
            raise HTTPException(403, "This form was sent from another site.")
        at, _, mark = token.partition(".")
        good = at.isascii() and at.isdigit() and hmac.compare_digest(mark.encode(), self._mark(user, at).encode())
        if not good or not 0 <= time.time() - int(at) < GOOD_FOR_S:
            raise HTTPException(403, "This form is too old, or was not made for you. Open its page again.")

    def _mark(self, user: str, at: str) -> str:
        return hmac.new(self._key, f"{at}\0{user}".encode(), hashlib.sha256).hexdigest()
