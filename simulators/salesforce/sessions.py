"""Sessions: opened by a log-in, alive while they are used, refused when they are revoked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulators.salesforce.errors import Refusal
from simulators.salesforce.org import Org
from simulators.shown import plain


@dataclass
class Session:
    """One log-in. ``token`` is a secret."""

    token: str
    user: str
    flow: str
    opened: datetime
    used: datetime
    revoked: bool = False


class Sessions:
    """All log-ins since the last reset."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._sessions: dict[str, Session] = {}

    def open(self, user: str, flow: str) -> Session:
        """A new session of a user (an id), by a flow."""
        now = self._org.clock.now()
        session = Session(f"{self._org.organization[:15]}!{secrets.token_urlsafe(48)}", user, flow, now, now)
        self._sessions[session.token] = session
        return session

    def use(self, token: str | None) -> Session:
        """The session with that token, which lives on.

        Raises:
            Refusal: INVALID_SESSION_ID.
        """
        session = self._sessions.get(token or "")
        now = self._org.clock.now()
        lifetime = timedelta(seconds=self._org.settings.session_lifetime_s)
        user = self._org.store.get("User", session.user) if session else None
        alive = session is not None and not session.revoked and now - session.used <= lifetime and user is not None
        if session is None or user is None or not alive or not user["IsActive"] or self._org.settings.refuse_sessions:
            raise Refusal("INVALID_SESSION_ID", "Session expired or invalid")
        session.used = now
        return session

    def revoke(self, token: str | None = None) -> int:
        """That session is over; without a token, all are. How many there were."""
        chosen = [one for one in self._sessions.values() if not one.revoked and token in (None, one.token)]
        for session in chosen:
            session.revoked = True
        return len(chosen)

    def clear(self) -> None:
        """Nobody has logged in."""
        self._sessions.clear()

    def shown(self) -> list[dict[str, Any]]:
        """What the admin side shows: no token."""
        return [
            plain({name: value for name, value in vars(session).items() if name != "token"})
            for session in self._sessions.values()
        ]
