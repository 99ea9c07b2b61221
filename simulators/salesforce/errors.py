"""Refusals of the REST API, and the HTTP status that each error code rides on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: FACT: 401, 404, 410 and 403 for REQUEST_LIMIT_EXCEEDED. Other statuses are ASSUMED; any may be changed: setting
#: ``http_status``. A code that is not named has 400.
HTTP_STATUS: Mapping[str, int] = {
    "INVALID_SESSION_ID": 401,
    "INVALID_AUTH_HEADER": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "API_DISABLED_FOR_ORG": 403,
    "API_CURRENTLY_DISABLED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "STORAGE_LIMIT_EXCEEDED": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "UNSUPPORTED_API_VERSION": 410,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "REQUEST_ENTITY_TOO_LARGE": 413,
    "UNKNOWN_EXCEPTION": 500,
    "APEX_ERROR": 500,
    "SERVER_UNAVAILABLE": 503,
    "API_TEMPORARILY_UNAVAILABLE": 503,
}


class Refusal(Exception):
    """A request or a record is refused, and has changed nothing.

    Args:
        code: The vendor's error code.
        message: What the vendor says.
        fields: The fields that are to blame.
        more: Further members of the error, such as the matches of a duplicate rule.
    """

    def __init__(
        self, code: str, message: str, fields: Sequence[str] = (), more: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.more = dict(more or {})

    def as_error(self) -> dict[str, Any]:
        """As the REST API lists it."""
        fields = {"fields": self.fields} if self.fields else {}
        return {**self.more, "message": self.message, "errorCode": self.code, **fields}

    def as_dml_error(self) -> dict[str, Any]:
        """As a create, an update or an upsert of one record tells it: with fields, also where there are none."""
        return {**self.more, "message": self.message, "errorCode": self.code, "fields": self.fields}

    def as_save_error(self) -> dict[str, Any]:
        """As a collection tells it for one of its records."""
        return {**self.more, "statusCode": self.code, "message": self.message, "fields": self.fields}


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    """The vendor's answer to an address that it does not know."""
    return Refusal("NOT_FOUND", message)


def no_such_column(name: str, entity: str) -> Refusal:
    """The vendor's answer to a field that a record of that object cannot have."""
    return Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {entity}", ())
