"""What stands in the JSON of a webhook."""

from __future__ import annotations

import json
from typing import Any

from casebridge.web.refusal import Refusal
from casebridge.web.wording import UNFIT_IN_TEXT, checked


def parse_object(body: bytes) -> dict[str, Any]:
    """The object in a body.

    Raises:
        Refusal: It holds none.
    """
    try:
        payload = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON") from None
    if not isinstance(payload, dict):
        raise Refusal(400, "the body is not a JSON object")
    return payload


def find_long_text(payload: dict[str, Any], path: str, name: str) -> str:
    """The text at a path, with its lines and however long; "" where there is none.

    Raises:
        Refusal: What stands there is no text.
    """
    value: Any = payload
    for word in path.split(".") if path else [""]:
        value = value.get(word) if isinstance(value, dict) else None
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refusal(400, f"{name} is not a text")
    return UNFIT_IN_TEXT.sub("\N{REPLACEMENT CHARACTER}", value)


def find_text(payload: dict[str, Any], path: str, name: str) -> str:
    """The short text at a path, words joined by dots; "" where there is none.

    Raises:
        Refusal: What stands there is no text, or no short one.
    """
    value: Any = payload
    for word in path.split(".") if path else [""]:
        value = value.get(word) if isinstance(value, dict) else None
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refusal(400, f"{name} is not a text")
    return checked(name, str(value))
