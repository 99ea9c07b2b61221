"""What is ASSUMED about Jadu CXM, and how a connection overrides it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from casebridge.transport import profile

Names = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Members(_Part):
    """Members of a case beside those that are facts."""

    type: Names
    person: Names
    address: Names
    created: Names
    updated: Names
    value: Names


class Formats(_Part):
    """How values are written."""

    date: str = Field(min_length=1)
    datetime: str = Field(min_length=1)
    empty: str | None


class RefusalMembers(_Part):
    """Members of a refusal."""

    message: Names
    fields: Names


class Note(_Part):
    """The call that adds a note."""

    path: str = Field(pattern=r"\{reference\}")
    member: str = Field(min_length=1)


class Profile(_Part):
    """Names and formats that no public source confirms."""

    members: Members
    person: dict[str, Names]
    full_name: Names
    address: dict[str, Names]
    written_as: dict[str, str]
    formats: Formats
    refusal: RefusalMembers
    note: Note
    token_minutes: float = Field(gt=0)
    unused_reference: str = Field(min_length=1)


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    return profile.read_profile(Profile, Path(__file__).with_name("profile.yaml"), overrides, title="Jadu CXM")
