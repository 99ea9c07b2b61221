"""Every refusal of the API in one table, and the exception that carries one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.fields import BadField, Fields


@dataclass(frozen=True)
class ErrorAnswer:
    """An HTTP status and a message; ``{detail}`` in the message is what was wrong with this request."""

    status: int
    message: str


#: No vendor stands behind these: all ASSUMED, and any can be replaced: POST /_sim/settings.
ERRORS = {
    "missing_token": ErrorAnswer(401, "A token is required."),
    "wrong_token": ErrorAnswer(401, "The token is not valid."),
    "unknown_call": ErrorAnswer(404, "Not found."),
    "wrong_method": ErrorAnswer(405, "Method not allowed."),
    "unknown_ticket": ErrorAnswer(404, "Ticket {detail} not found."),
    "bad_media_type": ErrorAnswer(415, "The body must be application/json."),
    "bad_body": ErrorAnswer(400, "{detail}"),
    "bad_query": ErrorAnswer(400, "{detail}"),
    "validation": ErrorAnswer(422, "Validation failed."),
    "wrong_state": ErrorAnswer(409, "{detail}"),
    "reference_taken": ErrorAnswer(409, "The reference is that of ticket {detail}."),
    "key_reused": ErrorAnswer(422, "The idempotency key was used with another body."),
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


def change_errors(errors: Mapping[str, ErrorAnswer], fields: Fields | None) -> dict[str, ErrorAnswer]:
    """The table with the named entries replaced, in status, in message or in both."""
    changed = dict(errors)
    for name in fields.names() if fields else ():
        entry = fields.group(name) if fields and name in errors else None
        if entry is None:
            raise BadField(f'Field "errors.{name}" must be an object, and named one of {", ".join(errors)}.')
        status = entry.integer("status", errors[name].status, minimum=400)
        if status > 599:
            raise BadField(f'Field "errors.{name}.status" must be between 400 and 599, not {status}.')
        changed[name] = ErrorAnswer(status, entry.text("message", errors[name].message))
        entry.end()
    return changed
