"""What is ASSUMED about Jadu CXM, and how a connection overrides it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from casebridge.core.errors import NotConfigured

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


@lru_cache(maxsize=1)
def _defaults() -> dict[str, Any]:
    path = Path(__file__).with_name("profile.yaml")
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides; parts that are not overridden keep their defaults.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    merged = dict(_defaults())
    for name, value in overrides.items():
        held = merged.get(name)
        merged[name] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    try:
        return Profile.model_validate(merged)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise NotConfigured(f"Jadu CXM: the profile in the connection's extra is not right: {wrong}") from None
