"""A form that builds a mapping template, and the YAML that it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from starlette.datastructures import FormData

from casebridge.core.manifest import ActionType, ReferenceUse
from casebridge.core.template import MappingTemplate, SourceKind

FEWEST_ROWS = 4
PARTS = ("field", "key", "source", "detail", "map", "default", "format")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True)
class FormRow:
    """One row of the form, as it was filled in.

    Attributes:
        field: The target's field, or for an incoming template the one that is read.
        key: Which one of a keyed field.
        source: Where the value comes from; for an incoming template, where it goes.
        detail: The name of the detail, or the text.
        map: The value map, a line each: `from = to`.
        default: The default.
        format: The date format.
    """

    field: str = ""
    key: str = ""
    source: str = ""
    detail: str = ""
    map: str = ""
    default: str = ""
    format: str = ""


@dataclass(frozen=True)
class TemplateForm:
    """The whole form."""

    name: str = ""
    type: str = ""
    reference: str = ""
    description: str = ""
    rows: tuple[FormRow, ...] = (FormRow(),) * FEWEST_ROWS

    @classmethod
    def of(cls, filled_in: FormData) -> TemplateForm:
        """The form, as it was filled in; rows with nothing in them are left out."""
        columns = [[str(one).strip() for one in filled_in.getlist(part)] for part in PARTS]
        rows = [FormRow(*cells) for cells in zip(*columns, strict=False) if any((cells[0], cells[3]))]
        head = {part: str(filled_in.get(part, "")).strip() for part in ("name", "type", "reference", "description")}
        return cls(**head, rows=tuple(rows))

    @classmethod
    def of_template(cls, template: MappingTemplate) -> TemplateForm:
        """The form of a template that is there."""
        rows = [
            FormRow(
                field=row.to,
                key=_key(row.key),
                source=str(row.source.kind),
                detail=row.source.name,
                map=_pairs(row.value_map),
                default=row.default or "",
                format=row.format or "",
            )
            for row in template.rows
        ]
        rows += [
            FormRow(
                field=row.take,
                key=_key(row.key),
                source=str(row.into.kind),
                detail=row.into.name,
                map=_pairs(row.value_map),
                default=row.default or "",
                format=row.format or "",
            )
            for row in template.incoming_rows
        ]
        return cls(template.name, template.action.name, template.reference, template.description, tuple(rows))

    def yaml(self, action: ActionType) -> str:
        """The template file."""
        head = {"name": self.name, "type": self.type}
        if action.reference is not ReferenceUse.NONE:
            head["reference"] = self.reference
        if self.description:
            head["description"] = self.description
        lines = ["# yaml-language-server: $schema=template.schema.json"]
        lines += [f"{name}: {_scalar(text)}" for name, text in head.items()]
        lines.append("rows:")
        lines += [f"  - {{{', '.join(_row(row, outgoing=action.outgoing))}}}" for row in self.rows]
        return "\n".join(lines) + "\n"


def _row(row: FormRow, *, outgoing: bool) -> list[str]:
    given = [("to" if outgoing else "from", row.field)]
    if row.key:
        given.append(("key", row.key))
    given.append((row.source or str(SourceKind.CASE_FIELD), row.detail))
    parts = [f"{name}: {_scalar(text)}" for name, text in given]
    if pairs := _map(row.map):
        parts.append("map: {" + ", ".join(f"{_scalar(old)}: {_scalar(new)}" for old, new in pairs) + "}")
    parts += [f"{name}: {_scalar(text)}" for name, text in (("default", row.default), ("format", row.format)) if text]
    return parts


def _map(text: str) -> list[tuple[str, str]]:
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    return [(old.strip(), new.strip()) for old, _, new in pairs]


def _pairs(value_map: Mapping[str, str]) -> str:
    return "\n".join(f"{old} = {new}" for old, new in value_map.items())


def _key(key: object) -> str:
    if key is None:
        return ""
    case_field = getattr(key, "case_field", None)
    return f"{{case.{case_field}}}" if case_field else str(getattr(key, "static", "") or "")


def _scalar(text: str) -> str:
    """The text as YAML writes it in one line: bare only where nobody could take it for something else."""
    if _BARE.fullmatch(text) and text.lower() not in _NO_TEXT:
        return text
    written: str = yaml.safe_dump(text, default_style='"', width=10**6, allow_unicode=True)
    return written.strip()
