"""Lint: what is wrong with the templates of an installation, before a case meets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casebridge.core.case import CaseType
from casebridge.core.catalogue import Catalogue
from casebridge.core.problem import Problem, Severity, did_you_mean
from casebridge.core.template import IncomingRow, MappingTemplate, OutgoingRow, Source, SourceKind
from casebridge.core.template_reader import inspect_template


@dataclass
class Finding:
    """What was found in one template file.

    Attributes:
        path: The file.
        template: The template, as far as it can be read.
        problems: What is wrong with it.
    """

    path: Path
    template: MappingTemplate | None
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return {
            "file": str(self.path),
            "system": self.path.parent.name,
            "template": self.path.stem,
            "problems": [problem.as_json() for problem in self.problems],
        }


def lint_catalogue(catalogue: Catalogue, case_types: Sequence[CaseType], *, only: Iterable[Path] = ()) -> list[Finding]:
    """Checks templates one by one and against each other.

    Args:
        catalogue: The templates of the installation.
        case_types: The case types; without any, names of case details are not checked.
        only: The files to tell about; all of the catalogue when empty.
    """
    findings = [lint_file(path, catalogue, case_types) for path in _files(catalogue, only)]
    _check_names(findings)
    _check_references(findings, catalogue)
    return findings


def lint_file(path: Path, catalogue: Catalogue, case_types: Sequence[CaseType]) -> Finding:
    """Checks one file by itself."""
    system = path.parent.name
    if system not in catalogue.systems:
        return Finding(
            path,
            None,
            [
                Problem(
                    "unknown_system",
                    f'the folder "{system}" is not the name of a system.',
                    did_you_mean(system, catalogue.systems),
                )
            ],
        )
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return Finding(path, None, [Problem("encoding", "this is not UTF-8 text.", "Save the file as UTF-8.")])
    except OSError:
        return Finding(path, None, [Problem("unreadable", "the file cannot be read.", "Check its name and rights.")])
    template, problems = inspect_template(text, template_id=path.stem, manifest=catalogue.manifest(system))
    if template is not None and case_types:
        problems += _unknown_details(template, case_types)
    return Finding(path, template, sorted(problems, key=lambda problem: (problem.line or 0, problem.row or 0)))


def _files(catalogue: Catalogue, only: Iterable[Path]) -> list[Path]:
    chosen = [path.resolve() for path in only]
    return chosen or [path for system in catalogue.systems for path in catalogue.files(system)]


def _unknown_details(template: MappingTemplate, case_types: Sequence[CaseType]) -> list[Problem]:
    known = _known_details(case_types)
    problems = []
    places: list[tuple[int, Source, int | None]] = [(row.number, row.source, row.line) for row in template.rows]
    places += [(row.number, row.into, row.line) for row in template.incoming_rows]
    for number, source, line in places:
        if source.kind is not SourceKind.TEXT and source.name not in known[source.kind]:
            problems.append(_unknown_detail(number, source, line, known))
    keyed_rows: list[OutgoingRow | IncomingRow] = [*template.rows, *template.incoming_rows]
    for row in keyed_rows:
        if row.key is not None and row.key.case_field and row.key.case_field not in known[SourceKind.CASE_FIELD]:
            source = Source(SourceKind.CASE_FIELD, row.key.case_field)
            problems.append(_unknown_detail(row.number, source, row.line, known))
    return problems


def _known_details(case_types: Sequence[CaseType]) -> Mapping[SourceKind, set[str]]:
    return {
        SourceKind.CASE_FIELD: {name for kind in case_types for name in kind.fields},
        SourceKind.CASE_DATE: {name for kind in case_types for name in kind.dates},
        SourceKind.PERSON: {name for kind in case_types for name in kind.person},
        SourceKind.ADDRESS: {name for kind in case_types for name in kind.address},
    }


def _unknown_detail(number: int, source: Source, line: int | None, known: Mapping[SourceKind, set[str]]) -> Problem:
    elsewhere = next((kind for kind, names in known.items() if source.name in names), None)
    way_out = (
        f"There is a {elsewhere} of that name: write `{elsewhere}: {source.name}`."
        if elsewhere
        else did_you_mean(source.name, known[source.kind])
    )
    return Problem(
        "unknown_detail",
        f'no case type has a {source.kind} "{source.name}".',
        way_out,
        row=number,
        line=line,
    )


def _check_names(findings: Sequence[Finding]) -> None:
    seen: dict[tuple[str, str], Path] = {}
    for finding in findings:
        if finding.template is None:
            continue
        key = (finding.template.system, finding.template.name.casefold())
        if key in seen:
            finding.problems.append(
                Problem(
                    "same_name",
                    f'{seen[key].name} has the name "{finding.template.name}" too.',
                    "Give one of them another name, so that the log tells them apart.",
                )
            )
        seen.setdefault(key, finding.path)


def _check_references(findings: Sequence[Finding], catalogue: Catalogue) -> None:
    stored = {
        (template.system, template.reference, template.action.record)
        for system in catalogue.systems
        for template in catalogue.valid(system)
        if template.action.outgoing
    }
    for finding in findings:
        template = finding.template
        if template is None or template.action.outgoing or not template.reference:
            continue
        if (template.system, template.reference, template.action.record) not in stored:
            finding.problems.append(
                Problem(
                    "reference_never_stored",
                    f'no outgoing template stores a {template.action.record} in the Reference "{template.reference}", '
                    "so this template is never applied.",
                    "Correct the Reference here or in the outgoing template.",
                    severity=Severity.WARNING,
                )
            )
