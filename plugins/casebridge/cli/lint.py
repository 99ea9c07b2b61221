"""`casebridge lint` and `casebridge preview`: look at templates before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from casebridge.cli.screen import SCREEN, AsJson, show_json, show_problems, show_table
from casebridge.core.lint import Finding, lint_catalogue, lint_rules
from casebridge.core.manifest import ActionType
from casebridge.core.payload import Payload
from casebridge.core.template import MappingTemplate
from casebridge.installation import SOURCES, Installation


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("lint")(lint)
    app.command("preview")(preview)


def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Template files; all templates of the installation if left out.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Also ask the target systems: services, items, compulsory properties.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check mapping templates, and the rules, and say everything that is wrong, each with its line and the way out."""
    installation = Installation()
    case_types = installation.case_types()
    findings = lint_catalogue(installation.catalogue, case_types, only=paths or ())
    if not paths:
        findings += lint_rules(installation.settings.rules, installation.catalogue, SOURCES)
    if live:
        for finding in findings:
            finding.problems.extend(_live(finding.template))
    if as_json:
        show_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            show_problems(finding.problems, where=str(finding.path))
        wrong = sum(1 for finding in findings if finding.problems)
        SCREEN.print(f"{len(findings)} files checked, {len(findings) - wrong} without a remark.")
    failing = [p for finding in findings for p in finding.problems if p.stops or strict]
    raise typer.Exit(1 if failing else 0)


def _live(template: MappingTemplate | None) -> list[Any]:
    if template is None:
        return []
    from casebridge.airflow.connections import connector_of

    return list(connector_of(template.system).check_template(template))


def preview(
    template: Annotated[str, typer.Argument(help="Name of a mapping template, or system/name.")],
    case: Annotated[str, typer.Argument(help="Case reference number.")],
    source: Annotated[str, typer.Option(help="Case source.")] = "local",
    timezone: Annotated[str, typer.Option(help="The target's time zone.")] = "Europe/London",
    as_json: AsJson = False,
) -> None:
    """Show what would be sent for a case. Nothing is sent. It prints values of the case: mind who is looking."""
    from casebridge.steps.preview import preview as evaluate

    installation = Installation(connection_values=_connection_values)
    found = installation.find_template(template)
    seen = evaluate(found, case, source=installation.source(source), timezone=timezone)
    if as_json:
        show_json(
            {
                "template": found.id,
                "system": found.system,
                "case": case,
                "would_be_sent": seen.would_be_sent,
                "fields": seen.payload.fields,
                "keyed": seen.payload.keyed,
                "problems": [problem.as_json() for problem in seen.problems],
            }
        )
    else:
        title = f"{found.action.title} for case {case}, template {found.id} (nothing is sent)"
        show_table(title, ("Field", "Value"), _lines(found.action, seen.payload), empty="No row has a value.")
        show_problems(seen.problems)
        SCREEN.print("This would be sent." if seen.would_be_sent else "This would be refused.")
    raise typer.Exit(0 if seen.would_be_sent else 1)


def _connection_values(name: str) -> dict[str, Any]:
    from casebridge.airflow.connections import values_outside  # imports Airflow, which takes seconds

    return values_outside(name)


def _lines(action: ActionType, payload: Payload) -> list[tuple[str, str]]:
    lines = [(action.fields[name].title, str(value)) for name, value in payload.fields.items()]
    lines += [
        (f"{action.fields[name].title} {row['key']}", str(row["value"]))
        for name, rows in payload.keyed.items()
        for row in rows
    ]
    return lines


__all__ = ["Finding", "register"]
