"""The documentation that a manifest gives: the text beside a DAG and the page of a connector."""

from __future__ import annotations

from collections.abc import Sequence

from casebridge.core.manifest import ActionType, Manifest, ReferenceUse, TargetField
from casebridge.core.template import MappingTemplate

_REFERENCE = {
    ReferenceUse.STORES: "The id of the new record is stored in the template's Reference.",
    ReferenceUse.USES: "It works on the record that the template's Reference holds.",
    ReferenceUse.NONE: "It needs no Reference.",
}


def describe_action(manifest: Manifest, kind: ActionType, templates: Sequence[MappingTemplate] = ()) -> str:
    """An action type in Markdown."""
    parts = [f"### {manifest.title}: {kind.title}", kind.description]
    if kind.outgoing:
        parts.append(_REFERENCE[kind.reference])
    parts += [
        f"**{match.title}** (`matching: {name}`, unless the template says otherwise `{match.rule}`): searched for by "
        f'"{kind.fields[match.by].title}".'
        for name, match in kind.matches.items()
    ]
    if templates:
        listed = "\n".join(f"* `{t.id}`: {t.name}{f'. {t.description}' if t.description else ''}" for t in templates)
        parts.append(f"**Templates**\n\n{listed}")
    parts.append(_fields_table(kind))
    if kind.outgoing:
        parts.append(
            f"**When a run is red**: a refusal says at which row and what to do; correct it and clear the first task. "
            f"Connection and other intermittent errors were retried {manifest.retries} times. "
            f"`needs a person` means that nobody can tell whether the record exists: look in {manifest.title} and "
            "decide with `casebridge resolve`. Clearing any task is safe at any time."
        )
    parts += [f"> {sentence}" for sentence in manifest.limitations]
    return "\n\n".join(part for part in parts if part)


def describe_connector(manifest: Manifest, settings: Sequence[tuple[str, str, str]]) -> str:
    """A connector's page in Markdown.

    Args:
        manifest: The manifest.
        settings: Name, title and description of each setting.
    """
    rows = "\n".join(f"| `{name}` | {title} | {_cell(text)} |" for name, title, text in settings)
    parts = [
        f"# {manifest.title}",
        "<!-- Generated from the manifest by `casebridge docs`. -->",
        manifest.description,
        f"Tested against: {manifest.tested_against}. Connection: `{manifest.connection.default}`. Connection and "
        f"other intermittent errors are retried {manifest.retries} times, a refusal never.",
        f"## Settings\n\n| Name | Title | Meaning |\n|---|---|---|\n{rows}",
        *(describe_action(manifest.model_copy(update={"limitations": ()}), kind) for kind in manifest.actions.values()),
        "## Limitations\n\n" + "\n".join(f"* {sentence}" for sentence in manifest.limitations),
    ]
    return "\n\n".join(parts) + "\n"


def _fields_table(kind: ActionType) -> str:
    word = "to" if kind.outgoing else "from"
    rows = "\n".join(_field_row(name, field) for name, field in kind.fields.items())
    return f"| `{word}` | Field | Type | |\n|---|---|---|---|\n{rows}"


def _field_row(name: str, field: TargetField) -> str:
    notes = ["**mandatory**"] if field.mandatory else []
    if field.key:
        notes.append(f"`key` is the {field.key}; any number of rows")
    if field.description:
        notes.append(field.description)
    return f"| `{name}` | {field.title} | {field.type} | {_cell('. '.join(notes))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
