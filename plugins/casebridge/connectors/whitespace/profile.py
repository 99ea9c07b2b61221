"""What is ASSUMED about Whitespace, and how a connection overrides it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from casebridge.core.errors import NotConfigured


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
    members: dict[str, tuple[str, ...]]


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
        raise NotConfigured(f"Whitespace: the profile in the connection's extra is not right: {wrong}") from None
