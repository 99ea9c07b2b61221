"""Reading and writing the values of fields as JSON."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulators.salesforce.errors import Refusal
from simulators.salesforce.ids import normal_id
from simulators.salesforce.moments import read_moment, write_moment
from simulators.salesforce.schema import Field

_LARGEST_INTEGER = 2**31 - 1


def label(field: Field) -> str:
    """What users see of a field: LastName is Last Name."""
    if field.label:
        return field.label
    bare = field.name.removesuffix("__c").replace("_", " ")
    if field.kind == "reference" and bare.endswith("Id"):
        bare = bare[:-2] + " ID"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)


def read(field: Field, value: Any) -> Any:
    """What is stored for a value that a client has sent.

    Raises:
        Refusal: The field cannot have it.
    """
    if value is None or value == "":
        return False if field.kind == "boolean" else None
    if isinstance(value, list | dict):
        raise _not_readable(field, "START_ARRAY" if isinstance(value, list) else "START_OBJECT", "")
    if field.kind == "boolean":
        return _boolean(field, value)
    if field.kind in ("integer", "double"):
        return _number(field, value)
    if field.kind == "datetime":
        return _moment(field, value)
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return _reference(field, text) if field.kind == "reference" else _text(field, text)


def _not_readable(field: Field, found: str, value: str) -> Refusal:
    kind = {"double": "double", "integer": "integer"}.get(field.kind, field.kind)
    text = (
        f"Cannot deserialize instance of {kind} from {found} value {value} or request may be missing a required field"
    )
    return Refusal("JSON_PARSER_ERROR", f"{text} at [line:1, column:1]")


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _not_readable(field, "VALUE_STRING", str(value))


def _number(field: Field, value: Any) -> int | float:
    try:
        number = Decimal(str(value))
        readable = number.is_finite() and not isinstance(value, bool)
    except ArithmeticError:
        readable = False
    if not readable or (field.kind == "integer" and (number != int(number) or abs(number) > _LARGEST_INTEGER)):
        raise _not_readable(field, "VALUE_STRING", str(value))
    return int(number) if field.kind == "integer" else float(number)


def _moment(field: Field, value: Any) -> datetime:
    try:
        return read_moment(value).replace(microsecond=0)
    except (TypeError, ValueError):
        raise _not_readable(field, "VALUE_STRING", str(value)) from None


def _reference(field: Field, text: str) -> str:
    found = normal_id(text)
    if found is None:
        raise Refusal("MALFORMED_ID", f"{label(field)}: id value of incorrect type: {text}", [field.name])
    return found


def _text(field: Field, text: str) -> str:
    size = len(text.encode("utf-8", "surrogatepass")) if field.counts_bytes else len(text)
    if field.length and size > field.length:
        shown = text if len(text) <= 255 else text[:255]
        message = f"{label(field)}: data value too large: {shown} (max length={field.length})"
        raise Refusal("STRING_TOO_LONG", message, [field.name])
    if field.kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise Refusal("INVALID_EMAIL_ADDRESS", f"{label(field)}: invalid email address: {text}", [field.name])
    return text


def write(value: Any) -> Any:
    """The value as JSON has it."""
    return write_moment(value) if isinstance(value, datetime) else value
