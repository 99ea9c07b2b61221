"""A JSON Schema of a system's mapping templates: an editor completes and checks a template with it."""

from __future__ import annotations

from typing import Any

from casebridge.core.manifest import ActionType, Manifest, MatchRule, ReferenceUse
from casebridge.core.template import SourceKind

_TEXT = {"type": ["string", "number", "boolean"]}
_DESCRIPTIONS = {
    SourceKind.CASE_FIELD: "Name of the case field.",
    SourceKind.CASE_DATE: "Name of the case date.",
    SourceKind.PERSON: "Name of a detail of the linked person.",
    SourceKind.ADDRESS: "Name of a detail of the linked address.",
    SourceKind.TEXT: "A text that is the same for every case.",
}


def template_schema(manifest: Manifest) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a system's templates."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Mapping template for {manifest.title}",
        "description": "Generated from the manifest by `casebridge schema`.",
        "type": "object",
        "required": ["name", "type", "rows"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "description": "What people call the template."},
            "description": {"type": "string", "description": "What it is for."},
            "type": {
                "description": "What the template does.",
                "oneOf": [
                    {"const": name, "title": action.title, "description": action.description}
                    for name, action in manifest.actions.items()
                ],
            },
            "reference": {
                "type": "string",
                "pattern": "^[a-z][a-z0-9_]{0,63}$",
                "description": "The Reference that the record's id is stored in.",
            },
            **_matching(manifest),
            "rows": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        },
        "additionalProperties": False,
        "allOf": [_when(action) for action in manifest.actions.values()],
    }


def _matching(manifest: Manifest) -> dict[str, Any]:
    names = {name: match for action in manifest.actions.values() for name, match in action.matches.items()}
    if not names:
        return {}
    return {
        "matching": {
            "type": "object",
            "description": "Whether records beside the main one are searched for or made.",
            "properties": {name: {"title": match.title, "enum": list(MatchRule)} for name, match in names.items()},
            "additionalProperties": False,
        }
    }


def _when(action: ActionType) -> dict[str, Any]:
    word = "to" if action.outgoing else "from"
    kinds = list(SourceKind) if action.outgoing else [SourceKind.CASE_FIELD, SourceKind.CASE_DATE]
    keyed = [name for name, field in action.fields.items() if field.key]
    row = {
        "type": "object",
        "required": [word],
        "properties": {
            word: {
                "oneOf": [
                    {
                        "const": name,
                        "title": field.title,
                        "description": " ".join(
                            part for part in ("Mandatory." if field.mandatory else "", field.description) if part
                        ),
                    }
                    for name, field in action.fields.items()
                ]
            },
            "key": {**_TEXT, "description": "Which one of a keyed field, or {case.field_name}."},
            "map": {"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
            "default": {**_TEXT, "description": "The value when there is none."},
            "format": {"type": "string", "description": "How a date is written, such as DD/MM/YYYY HH:mm."},
            **{str(kind): {**_TEXT, "description": _DESCRIPTIONS[kind]} for kind in kinds},
        },
        "additionalProperties": False,
        "oneOf": [{"required": [str(kind)]} for kind in kinds],
        "allOf": [
            {
                "if": {"properties": {word: {"enum": keyed}}, "required": [word]},
                "then": {"required": ["key"]},
                "else": {"not": {"required": ["key"]}},
            }
        ],
    }
    mandatory = [
        {"contains": {"properties": {"to": {"const": name}}, "required": ["to"]}}
        for name, field in action.fields.items()
        if field.mandatory and field.otherwise is None and action.outgoing
    ]
    then: dict[str, Any] = {"properties": {"rows": {"items": row, **({"allOf": mandatory} if mandatory else {})}}}
    if action.reference is ReferenceUse.NONE:
        then["properties"]["reference"] = False
    else:
        then["required"] = ["reference"]
    return {"if": {"properties": {"type": {"const": action.name}}, "required": ["type"]}, "then": then}
