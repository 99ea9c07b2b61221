"""Persons, addresses, and the people who have signed in."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from simulators.jadu_cxm.cases import plain

#: The fields of a case that a linked person gives their values to, if the case has none of its own (ASSUMED).
PERSON_FIELDS = {
    "sys-first-name": "first_name",
    "sys-last-name": "last_name",
    "sys-email": "email",
    "sys-telephone": "telephone",
}


@dataclass(frozen=True)
class Person:
    """A person whom CXM knows."""

    reference: str
    first_name: str
    last_name: str
    email: str | None = None
    telephone: str | None = None

    def shown(self) -> dict[str, Any]:
        """As the admin side and a linked case show it."""
        return asdict(self)


@dataclass(frozen=True)
class Address:
    """An address that CXM knows, found by its UPRN."""

    uprn: str
    usrn: str
    line1: str
    town: str
    postcode: str

    def shown(self) -> dict[str, Any]:
        """As the admin side and a linked case show it."""
        return asdict(self)


@dataclass(frozen=True)
class SignIn:
    """One sign-in of a user, who is known by its token afterwards."""

    id: int
    user: str
    token: str
    created_at: datetime


class SignIns:
    """Who has signed in."""

    def __init__(self) -> None:
        self._by_token: dict[str, SignIn] = {}

    def add(self, user: str, now: datetime) -> SignIn:
        """The user has signed in."""
        made = SignIn(len(self._by_token) + 1, user, secrets.token_hex(20), now)
        self._by_token[made.token] = made
        return made

    def user(self, token: str, now: datetime, lifetime_s: float) -> str | None:
        """Whose token that is; None where it is nobody's, or too old."""
        found = self._by_token.get(token)
        if found is None or now - found.created_at >= timedelta(seconds=lifetime_s):
            return None
        return found.user

    def shown(self) -> list[dict[str, Any]]:
        """As the admin side shows them: without their tokens."""
        return [
            {"id": one.id, "user": one.user, "created_at": plain(one.created_at)} for one in self._by_token.values()
        ]

    def clear(self) -> None:
        """Nobody has signed in."""
        self._by_token.clear()
