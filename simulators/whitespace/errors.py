"""Every result code in one table, and the refusal that carries one."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.fields import BadField, Fields


@dataclass(frozen=True)
class ResultCode:
    """A code and its text; ``{detail}`` in the text is what was wrong with this request."""

    code: int
    description: str


#: 0 and 6 are FACT (public client code); every other pair is ASSUMED, and any can be replaced: POST /_sim/settings.
RESULT_CODES = {
    "success": ResultCode(0, "Success"),
    "no_results": ResultCode(6, "No results returned"),
    "invalid_input": ResultCode(1, "Invalid or missing input: {detail}"),  # ASSUMED
    "not_in_matrix": ResultCode(2, "{detail}"),  # ASSUMED: "Service not found" and its like
    "duplicate": ResultCode(3, "Duplicate worksheet: {detail}"),  # ASSUMED
    "no_slots": ResultCode(4, "No slots available"),  # ASSUMED
    "not_open": ResultCode(5, "Worksheet is not open: {detail}"),  # ASSUMED
}


class Refusal(Exception):
    """A business error: answered as a normal result whose SuccessFlag is false.

    Args:
        kind: A name of the table.
        detail: What was wrong with this request.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


def invalid(name: str) -> Refusal:
    """An input is missing or not what it must be."""
    return Refusal("invalid_input", name)


def not_in_matrix(text: str) -> Refusal:
    """An id is not one of this installation's, or not valid for the service."""
    return Refusal("not_in_matrix", text)


def change_codes(codes: dict[str, ResultCode], fields: Fields) -> dict[str, ResultCode]:
    """The table with the named entries replaced, in code, in text or in both."""
    changed = dict(codes)
    for name in fields.names():
        if name not in codes:
            raise BadField(f'Field "error_codes.{name}" is not one of {", ".join(codes)}.')
        entry = fields.group(name)
        if entry is None:
            raise BadField(f'Field "error_codes.{name}" must be an object with code, description or both.')
        changed[name] = ResultCode(
            entry.integer("code", codes[name].code), entry.text("description", codes[name].description)
        )
        entry.end()
    return changed
