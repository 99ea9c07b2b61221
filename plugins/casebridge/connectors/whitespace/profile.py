"""What is ASSUMED about Whitespace, and how a connection overrides it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from casebridge.transport import profile


class ErrorCodes(BaseModel):
    """Error codes of Whitespace by what they mean to us."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    no_results: tuple[int, ...]
    duplicate: tuple[int, ...]
    retry: tuple[int, ...]


class Profile(BaseModel):
    """Names and codes that no public source confirms."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error_codes: ErrorCodes
    duplicate_words: tuple[str, ...]
    closed_statuses: tuple[str, ...]
    members: dict[str, tuple[str, ...]]


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    return profile.read_profile(Profile, Path(__file__).with_name("profile.yaml"), overrides, title="Whitespace")
