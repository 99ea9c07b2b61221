"""How a provider's REST API looks, and how a connection describes another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from casebridge.transport import profile


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Call(_Part):
    """How an action is sent."""

    method: str = Field(pattern="^(POST|PUT|PATCH|DELETE|GET)$")
    path: str = Field(min_length=1)
    body: dict[str, str]
    fixed: dict[str, Any]


class SubmitCall(Call):
    """How a ticket is made."""

    number: str = Field(min_length=1)


class Reading(_Part):
    """How a ticket is read."""

    path: str
    root: str


class Search(_Part):
    """How tickets are searched by our reference."""

    path: str
    parameter: str = Field(min_length=1)
    items: str
    page: str
    total: str


class Ticket(_Part):
    """What of a ticket is known, by its place."""

    number: str = Field(min_length=1)
    reference: str
    status: str
    solution: str
    created_at: str
    updated_at: str


class Journal(_Part):
    """The texts of a ticket."""

    items: str
    id: str
    text: str
    created_at: str


class States(_Part):
    """Words of the status."""

    solved: tuple[str, ...]
    closed: tuple[str, ...]


class Mail(_Part):
    """What a message is made of."""

    tag: str = Field(pattern=r"\{label\}.*\{value\}")
    number: str = Field(pattern=r"\{number\}")
    reference: str = Field(pattern=r"\{number\}")
    declined: str
    closed: str


class Profile(_Part):
    """All that differs from one provider to another."""

    submit: SubmitCall
    update: Call
    decline_solution: Call
    close: Call
    read: Reading
    search: Search
    ticket: Ticket
    journal: Journal
    states: States
    reasons: tuple[str, ...]
    mail: Mail

    def call(self, action: str) -> Call:
        """How an action type is sent."""
        found: Call = getattr(self, action)
        return found


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    path = Path(__file__).with_name("profile.yaml")
    return profile.read_profile(Profile, path, overrides, title="Service provider")
