"""The answers that every route has, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

REFUSED_AS_JSON: dict[str, Any] = {
    "application/json": {
        "schema": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    }
}

_HEALTH_SCHEMA = {
    "type": "object",
    "properties": {"database": {"enum": ["ok", "away"]}, "pending": {"type": "integer", "minimum": 0}},
    "required": ["database"],
}
HEALTH: dict[str, Any] = {
    "200": {"description": "It can.", "content": {"application/json": {"schema": _HEALTH_SCHEMA}}},
    "503": {"description": "It cannot.", "content": {"application/json": {"schema": _HEALTH_SCHEMA}}},
}

_WHY = {
    "400": "It makes no sense, or its time is too far from now.",
    "401": "The signature or the secret is wrong.",
    "408": "The body did not come in time.",
    "413": "The body is too long.",
    "415": "The body is of another type.",
    "429": "Too many requests: come again after Retry-After.",
    "500": "The secret of this system is not configured.",
    "503": "It could not be stored: come again after Retry-After.",
}


def refusals(content: dict[str, Any]) -> dict[str, Any]:
    """The refusals, each with this content."""
    return {status: {"description": why, "content": content} for status, why in _WHY.items()}
