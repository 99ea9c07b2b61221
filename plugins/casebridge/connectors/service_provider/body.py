"""Places in JSON: what is written to them, and what is read from them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from casebridge.connectors.service_provider.profile import Call
from casebridge.core.errors import RejectedError
from casebridge.core.payload import Payload

KEYED = ("body", "body_number", "body_boolean")


def write_body(call: Call, payload: Payload) -> dict[str, Any]:
    """The JSON body of a call: what is fixed, then the fields in their places, then what keyed fields name.

    Raises:
        RejectedError: A path leads through something that is no object.
    """
    body: dict[str, Any] = copy.deepcopy(call.fixed)
    for name, value in payload.fields.items():
        if place := call.body.get(name):
            _put(body, place, value)
    for name in KEYED:
        for row in payload.keyed.get(name, []):
            _put(body, str(row["key"]), _number(row["value"]) if name == "body_number" else row["value"])
    return body


def at(whole: Any, place: str) -> Any:
    """What stands at a place, None where there is nothing; an empty place is the whole."""
    for word in place.split(".") if place else []:
        whole = whole.get(word) if isinstance(whole, Mapping) else None
    return whole


def text_at(whole: Any, place: str) -> str:
    """The text at a place, "" where there is none."""
    found = at(whole, place) if place else None
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def _put(body: dict[str, Any], place: str, value: Any) -> None:
    *parents, last = place.split(".")
    part = body
    for word in parents:
        part = part.setdefault(word, {})
        if not isinstance(part, dict):
            raise RejectedError(f'the path "{place}" in the body leads through something that is no object')
    part[last] = value


def _number(value: Any) -> Any:
    number = Decimal(str(value))
    return int(number) if number == number.to_integral_value() else float(number)
