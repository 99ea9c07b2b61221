"""What is ASSUMED about an org: read from profile.yaml and from what a connection overrides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from casebridge.transport import profile

PATH = Path(__file__).with_name("profile.yaml")
API_NAME = r"^[A-Za-z][A-Za-z0-9_]*$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Codes(_Part):
    """Error codes by what they mean."""

    busy: frozenset[str]
    unclear: frozenset[str]
    quota: frozenset[str]
    session: frozenset[str]
    duplicate: frozenset[str]
    missing: frozenset[str]
    no_field: frozenset[str]
    echo: frozenset[str]


class Profile(_Part):
    """Names, lengths and codes that an org may have otherwise."""

    case_external_id: str = Field(pattern=rf"{API_NAME}|^$")
    contact_external_id: str = Field(pattern=rf"{API_NAME}|^$")
    phone_fields: tuple[str, ...] = Field(min_length=1)
    new_phone_field: str = Field(pattern=API_NAME)
    first_name_length: int = Field(gt=0)
    last_name_length: int = Field(gt=0)
    comment_bytes: int = Field(ge=100)
    message_time: str
    duplicate_members: tuple[str, ...]
    codes: Codes
    setup: dict[str, str]


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    return profile.read_profile(Profile, PATH, overrides, title="Salesforce")
