"""Every refusal of the service API in one table, and the exception that carries one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.fields import BadField, Fields


@dataclass(frozen=True)
class ErrorAnswer:
    """An HTTP status and a message; ``{detail}`` in the message is what was wrong with this request."""

    status: int
    message: str


#: FACT: an error is no 2xx and carries JSON with ``message``; 404 for an unknown reference, no 2xx for an unknown
#: user. Every other status, and every text, is ASSUMED, and any can be replaced: POST /_sim/settings.
ERRORS = {
    "unknown_api": ErrorAnswer(404, "There is no service API {detail}."),  # ASSUMED
    "missing_key": ErrorAnswer(401, "An API key is required."),  # ASSUMED
    "wrong_key": ErrorAnswer(401, "The API key is not valid."),  # ASSUMED
    "missing_token": ErrorAnswer(401, "Sign in first."),  # ASSUMED
    "wrong_token": ErrorAnswer(401, "The token is not valid."),  # ASSUMED
    "wrong_sign_in": ErrorAnswer(401, "The username or password is not valid."),  # ASSUMED
    "unknown_call": ErrorAnswer(404, "Not found."),  # ASSUMED
    "wrong_method": ErrorAnswer(405, "Method not allowed."),  # ASSUMED
    "unknown_case": ErrorAnswer(404, "Case {detail} not found."),
    "unknown_case_type": ErrorAnswer(404, "Case type {detail} not found."),  # ASSUMED
    "unknown_filter": ErrorAnswer(404, "Filter {detail} not found."),  # ASSUMED
    "unknown_user": ErrorAnswer(404, "User not found."),
    "unknown_transition": ErrorAnswer(404, "Transition {detail} not found."),  # ASSUMED
    "not_allowed": ErrorAnswer(422, "Transition {detail}."),  # ASSUMED
    "bad_body": ErrorAnswer(400, "{detail}"),  # ASSUMED
    "bad_page": ErrorAnswer(400, "The page must be a whole number of at least 1."),  # ASSUMED
    "validation": ErrorAnswer(422, "Validation failed."),  # ASSUMED: with "errors", a list of texts by field
}


class Refusal(Exception):
    """The request is refused, and has changed nothing.

    Args:
        kind: A name of the table.
        detail: What was wrong with this request.
        errors: What is wrong with each field, where that is why.
    """

    def __init__(self, kind: str, detail: str = "", errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(f"{kind}: {detail or dict(errors or {})}")
        self.kind = kind
        self.detail = detail
        self.errors = errors


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
