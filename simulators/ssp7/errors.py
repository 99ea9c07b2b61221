"""Every refusal of the web service in one table, and the exception that carries one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.fields import BadField, Fields

#: FACT: ASP.NET turns every exception that nobody handles into a ``soap:Server`` fault that begins with these words.
UNHANDLED = "Server was unable to process request. ---> "


@dataclass(frozen=True)
class ErrorAnswer:
    """How a refusal is told: as a SOAP fault with that code, or as the result of a call that answers 200.

    ``{detail}`` in the text is what was wrong with this request.
    """

    style: str
    code: str
    text: str


#: Each of these is ASSUMED, and any can be replaced: POST /_sim/settings.
ERRORS = {
    "wrong_hash": ErrorAnswer("fault", "Server", UNHANDLED + "The hash is not valid."),
    "unknown_task": ErrorAnswer("fault", "Server", UNHANDLED + "Process instance task {detail} was not found."),
    "ambiguous_reference": ErrorAnswer("fault", "Server", UNHANDLED + "More than one task has reference {detail}."),
    "missing_value": ErrorAnswer("fault", "Server", UNHANDLED + "Value cannot be null. Parameter name: {detail}"),
    "task_closed": ErrorAnswer("fault", "Server", UNHANDLED + "Task {detail} is closed."),
    "unknown_status": ErrorAnswer("fault", "Server", UNHANDLED + "Status {detail} is not known."),
    "unknown_group": ErrorAnswer("fault", "Server", UNHANDLED + "Group {detail} was not found."),
    "other_reference": ErrorAnswer("fault", "Server", UNHANDLED + "Task {detail} has an external reference already."),
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


def change_errors(errors: Mapping[str, ErrorAnswer], fields: Fields | None) -> dict[str, ErrorAnswer]:
    """The table with the named entries replaced, each in whole or in part."""
    changed = dict(errors)
    for name in fields.names() if fields else ():
        entry = fields.group(name) if fields and name in errors else None
        if entry is None:
            raise BadField(f'Field "errors.{name}" must be an object, and named one of {", ".join(errors)}.')
        changed[name] = ErrorAnswer(
            entry.choice("style", ("fault", "result"), errors[name].style),
            entry.choice("code", ("Client", "Server"), errors[name].code),
            entry.text("text", errors[name].text),
        )
        entry.end()
    return changed
