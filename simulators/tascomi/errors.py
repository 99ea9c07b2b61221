"""Every refusal of the REST API in one table, and the exception that carries one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.fields import BadField, Fields


@dataclass(frozen=True)
class ErrorAnswer:
    """An HTTP status and a message; ``{detail}`` in the message is what was wrong with this request."""

    status: int
    message: str


#: FACT: the text of a failed authentication (the vendor's partner shows it) and its 401 (a public client reads it so).
#: Every other status and text, and the shape ``{"error": message}``, is ASSUMED; POST /_sim/settings replaces any.
ERRORS = {
    "authentication": ErrorAnswer(401, "Authentication failures, invalid public key or HMAC"),
    "no_rights": ErrorAnswer(403, "The API key has no right to {detail}"),  # ASSUMED
    "unknown_resource": ErrorAnswer(404, "There is no resource {detail}"),  # ASSUMED
    "wrong_method": ErrorAnswer(405, "{detail} is not possible here"),  # ASSUMED
    "bad_page": ErrorAnswer(400, "The page must be a whole number of at least 1"),  # ASSUMED
    "bad_body": ErrorAnswer(400, "The body must be application/x-www-form-urlencoded"),  # ASSUMED
    "validation": ErrorAnswer(400, "{detail}"),  # ASSUMED; the setting refused_writes has the other possibility
}


class Refusal(Exception):
    """The request is refused, and has changed nothing.

    Args:
        kind: A name of the table.
        detail: What was wrong with this request.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


class UnknownId(Exception):
    """A row to change is not there: answered with success and ``{"id": 0}`` (FACT)."""


def change_errors(errors: Mapping[str, ErrorAnswer], fields: Fields) -> dict[str, ErrorAnswer]:
    """The table with the named entries replaced, in status, in message or in both."""
    changed = dict(errors)
    for name in fields.names():
        if name not in errors:
            raise BadField(f'Field "errors.{name}" is not one of {", ".join(errors)}.')
        entry = fields.group(name)
        if entry is None:
            raise BadField(f'Field "errors.{name}" must be an object with status, message or both.')
        status = entry.integer("status", errors[name].status)
        if not 400 <= status <= 599:
            raise BadField(f'Field "errors.{name}.status" must be between 400 and 599, not {status}.')
        changed[name] = ErrorAnswer(status, entry.text("message", errors[name].message))
        entry.end()
    return changed
