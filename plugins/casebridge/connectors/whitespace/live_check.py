"""Compares a Create Worksheet template with the Services, Items and Properties that the live Whitespace offers."""

from __future__ import annotations

from collections.abc import Iterable

from casebridge.core.problem import Problem, Severity
from casebridge.core.template import MappingTemplate, OutgoingRow, SourceKind


def static_service(template: MappingTemplate) -> str | None:
    """The Service Id that a template names, or None when it takes it from the case."""
    for row in template.rows:
        if row.to == "service_id" and row.source.kind is SourceKind.TEXT:
            return row.source.name.strip()
    return None


def service_taken_from_case(template: MappingTemplate) -> Problem:
    """What to say when nothing can be checked because the Service is known per case only."""
    return Problem(
        "service_per_case",
        "the Service is taken from the case, so its items and properties cannot be checked beforehand.",
        "Use `casebridge preview` with a case of each kind.",
        field="Service Id",
        severity=Severity.WARNING,
    )


def unknown_service(service: str, known: dict[str, str]) -> Problem:
    """What to say when Whitespace has no such Service."""
    offered = ", ".join(f"{number} ({name})" for number, name in sorted(known.items())[:20])
    return Problem(
        "unknown_service",
        f'Whitespace has no Service "{service}".',
        f"It offers: {offered}." if offered else "It offers none to this user.",
        field="Service Id",
    )


def unknown_keys(
    rows: Iterable[OutgoingRow], field: str, title: str, key: str, offered: dict[str, str]
) -> list[Problem]:
    """A problem for each row whose static key the Service does not have."""
    return [
        Problem(
            f"unknown_{field}",
            f'the Service has no {key} "{row.key.static}".',
            f"It has: {', '.join(f'{number} ({name})' for number, name in sorted(offered.items())) or 'none'}.",
            row=row.number,
            field=title,
            line=row.line,
        )
        for row in rows
        if row.to == field and row.key is not None and row.key.static is not None and row.key.static not in offered
    ]


def missing_properties(rows: Iterable[OutgoingRow], compulsory: dict[str, str]) -> list[Problem]:
    """A problem for each Service Property that the Service demands and no row gives."""
    given = {row.key.static for row in rows if row.to == "service_property" and row.key is not None}
    if any(row.to == "service_property" and row.key is not None and row.key.case_field for row in rows):
        return []  # a key from the case may be any of them
    return [
        Problem(
            "compulsory_property",
            f"the Service demands Service Property {number} ({name}), and no row gives it.",
            f'Add a row: `- {{to: service_property, key: "{number}", ...}}`.',
            field="Service Property",
        )
        for number, name in sorted(compulsory.items())
        if number not in given
    ]
