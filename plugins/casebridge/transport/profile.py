"""Profiles: what is ASSUMED about a system stands in one YAML file beside its code, and a connection overrides it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from casebridge.core.errors import NotConfigured

P = TypeVar("P", bound=BaseModel)


def read_profile(model: type[P], path: Path, overrides: dict[str, Any], *, title: str) -> P:
    """The profile in a file with a connection's overrides; parts that are not overridden keep their defaults.

    Args:
        model: The shape of the profile.
        path: The file with the defaults.
        overrides: What the connection says; a part that is made of names is merged, any other replaced.
        title: The system's title, for the message.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    merged = dict(_defaults(path))
    for name, value in overrides.items():
        held = merged.get(name)
        merged[name] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise NotConfigured(f"{title}: the profile in the connection's extra is not right: {wrong}") from None


@lru_cache(maxsize=32)
def _defaults(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return loaded
