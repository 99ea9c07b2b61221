"""Compares a Create Case template with the fields and picklists that the live org shows the API user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from casebridge.core.problem import Problem, Severity, did_you_mean
from casebridge.core.template import MappingTemplate, OutgoingRow, SourceKind

_PICKLISTS = {"origin": "Origin", "priority": "Priority", "status": "Status"}


def check_template(template: MappingTemplate, fields: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """What the org says against a template.

    Args:
        template: A mapping template of the type Create Case.
        fields: The fields of a Case by their API names, as a describe shows them.
    """
    for row in template.rows:
        if row.to == "case_field" and row.key is not None and row.key.static:
            name = row.key.static.strip()
            yield from _unknown(row, name, fields)
            yield from _no_value(row, name, fields)
        elif row.to in _PICKLISTS:
            yield from _no_value(row, _PICKLISTS[row.to], fields)


def _unknown(row: OutgoingRow, name: str, fields: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    if name not in fields:
        message = f'Cases have no field "{name}" for the API user.'
        way_out = did_you_mean(name, fields) or "Correct the name, or let the API user see the field."
        yield Problem("unknown_field", message, way_out, row=row.number, field="Case field", line=row.line)
    elif not fields[name].get("createable"):
        message = f'the field "{name}" cannot be written.'
        yield Problem("read_only", message, "Choose another field.", row=row.number, field="Case field", line=row.line)


def _no_value(row: OutgoingRow, name: str, fields: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """A text of the template that is none of a picklist's values; one that is not restricted takes it all the same."""
    field = fields.get(name, {})
    values = [str(one.get("value")) for one in field.get("picklistValues") or () if one.get("active", True)]
    if row.source.kind is not SourceKind.TEXT or not values or row.source.name in values:
        return
    yield Problem(
        "unknown_value",
        f'the picklist "{name}" has no value "{row.source.name}".',
        f"It offers: {', '.join(values)}.",
        row=row.number,
        field=name,
        line=row.line,
        severity=Severity.ERROR if field.get("restrictedPicklist") else Severity.WARNING,
    )
