"""Lint: what is wrong with the templates of an installation, before a case meets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casebridge.core.case import CaseType
from casebridge.core.catalogue import ENDINGS, Catalogue
from casebridge.core.problem import Problem, Severity, did_you_mean
from casebridge.core.rule import check_templates, inspect_rules
from casebridge.core.template import IncomingRow, MappingTemplate, OutgoingRow, Source, SourceKind
from casebridge.core.template_reader import inspect_template

_SPOKEN = {
    SourceKind.CASE_FIELD: "case field",
    SourceKind.CASE_DATE: "case date",
    SourceKind.PERSON: "linked person's detail",
    SourceKind.ADDRESS: "linked address's detail",
}
_WRITTEN = (SourceKind.CASE_FIELD, SourceKind.CASE_DATE)


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
        only: The files to tell about, or folders of files; all of the catalogue when empty.
    """
    findings = [lint_file(path, catalogue, case_types) for path in _files(catalogue, only)]
    everything = _readable(catalogue)
    _check_names(findings, everything)
    _check_references(findings, everything)
    return findings


def lint_rules(path: Path, catalogue: Catalogue, sources: Iterable[str]) -> list[Finding]:
    """Checks the rules file, and that the templates and case sources it names are there; nothing when there is none."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        return [Finding(path, None, [Problem("unreadable", "the file cannot be read.", "Save it as UTF-8.")])]
    rules, problems = inspect_rules(text)
    homes: dict[str, list[str]] = {}
    for system in catalogue.systems:
        for template in catalogue.valid(system):
            if template.action.outgoing:
                homes.setdefault(template.id, []).append(system)
    known = set(sources)
    problems += check_templates(rules, homes)
    problems += [
        Problem(
            "rule_source",
            f'rule "{rule.name}" asks for the case source "{rule.when.source}", which is not there.',
            did_you_mean(rule.when.source, known),
        )
        for rule in rules
        if rule.when.source not in known
    ]
    return [Finding(path, None, problems)]


def lint_file(path: Path, catalogue: Catalogue, case_types: Sequence[CaseType]) -> Finding:
    """Checks one file by itself."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return Finding(path, None, [Problem("encoding", "this is not UTF-8 text.", "Save the file as UTF-8.")])
    except OSError:
        return Finding(path, None, [Problem("unreadable", "the file cannot be read.", "Check its name and rights.")])
    system = path.parent.name
    if system not in catalogue.systems:
        return Finding(
            path,
            None,
            [
                Problem(
                    "unknown_system",
                    f'the folder "{system}" is not the name of a system, so this template is never used.',
                    did_you_mean(system, catalogue.systems),
                )
            ],
        )
    template, problems = inspect_template(text, template_id=path.stem, manifest=catalogue.manifest(system))
    if template is not None and case_types:
        problems += _unknown_details(template, case_types)
    return Finding(path, template, sorted(problems, key=lambda problem: (problem.line or 0, problem.row or 0)))


def _files(catalogue: Catalogue, only: Iterable[Path]) -> list[Path]:
    chosen: list[Path] = []
    for path in only:
        whole = path.resolve()
        found = sorted(p for p in whole.rglob("*") if p.suffix in ENDINGS) if whole.is_dir() else [whole]
        chosen += [one for one in found if one not in chosen]
    return chosen or [path for system in catalogue.systems for path in catalogue.files(system)] + catalogue.strays()


def _unknown_details(template: MappingTemplate, case_types: Sequence[CaseType]) -> list[Problem]:
    known = _known_details(case_types)
    problems = []
    places: list[tuple[int, Source, int | None]] = [(row.number, row.source, row.line) for row in template.rows]
    places += [(row.number, row.into, row.line) for row in template.incoming_rows]
    usable = known if template.action.outgoing else {kind: known[kind] for kind in _WRITTEN}
    for number, source, line in places:
        if source.kind is not SourceKind.TEXT and source.name not in known[source.kind]:
            problems.append(_unknown_detail(number, source, line, usable))
    keyed_rows: list[OutgoingRow | IncomingRow] = [*template.rows, *template.incoming_rows]
    for row in keyed_rows:
        if row.key is not None and row.key.case_field and row.key.case_field not in known[SourceKind.CASE_FIELD]:
            source = Source(SourceKind.CASE_FIELD, row.key.case_field)
            fields_only = {SourceKind.CASE_FIELD: known[SourceKind.CASE_FIELD]}
            problems.append(_unknown_detail(row.number, source, row.line, fields_only))
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
        f"There is a {_SPOKEN[elsewhere]} of that name: write `{elsewhere}: {source.name}`."
        if elsewhere
        else did_you_mean(source.name, known[source.kind])
    )
    return Problem(
        "unknown_detail",
        f'no case type has a {_SPOKEN[source.kind]} "{source.name}".',
        way_out,
        row=number,
        line=line,
    )


def _readable(catalogue: Catalogue) -> list[tuple[Path, MappingTemplate | None]]:
    """Every file of the catalogue with its template as far as it can be read."""
    read = []
    for system in catalogue.systems:
        for path in catalogue.files(system):
            text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
            template, _ = inspect_template(text, template_id=path.stem, manifest=catalogue.manifest(system))
            read.append((path.resolve(), template))
    return read


def _check_names(findings: Sequence[Finding], everything: Sequence[tuple[Path, MappingTemplate | None]]) -> None:
    """Compares with the whole catalogue, whichever files are told about; the later of two files gets the remark."""
    names: dict[tuple[str, str], list[Path]] = {}
    files: dict[tuple[str, str], list[Path]] = {}
    for path, template in everything:
        files.setdefault((path.parent.name, path.stem), []).append(path)
        if template is not None:
            names.setdefault((template.system, template.name.casefold()), []).append(path)
    for finding in findings:
        path = finding.path.resolve()
        system = path.parent.name
        if other := _earlier(path, files.get((system, path.stem), ())):
            finding.problems.append(
                Problem(
                    "same_file_name",
                    f"{other.name} is a template of the same file name, and only one of them is used.",
                    "Delete one of the two, or give it another file name.",
                )
            )
        elif finding.template is not None and (
            other := _earlier(path, names.get((system, finding.template.name.casefold()), ()))
        ):
            finding.problems.append(
                Problem(
                    "same_name",
                    f'{other.name} has the name "{finding.template.name}" too.',
                    "Give one of them another name, so that the log tells them apart.",
                )
            )


def _earlier(path: Path, others: Iterable[Path]) -> Path | None:
    return min((other for other in others if other.parent == path.parent and other < path), default=None)


def _check_references(findings: Sequence[Finding], everything: Sequence[tuple[Path, MappingTemplate | None]]) -> None:
    stored = {
        (template.system, template.reference, template.action.record)
        for _, template in everything
        if template is not None and template.action.outgoing
    }
    for finding in findings:
        template = finding.template
        if template is None or template.action.outgoing or not template.reference:
            continue
        record = template.action.record
        if (template.system, template.reference, record) not in stored:
            known = {name for system, name, kind in stored if (system, kind) == (template.system, record)}
            finding.problems.append(
                Problem(
                    "reference_never_stored",
                    f'no outgoing template stores a {record} in the Reference "{template.reference}", '
                    "so this template is never applied.",
                    f"{did_you_mean(template.reference, known)} Correct it here or in the outgoing template.",
                    severity=Severity.WARNING,
                )
            )
