"""What Airflow's provider manager learns of casebridge: a connection type with a form for each system."""

from __future__ import annotations

from typing import Any

from casebridge.connectors import registry

_OWN_FIELDS = ("host", "login", "password")
_JSON_TYPES = {"boolean": "boolean", "number": "number", "integer": "integer"}


def get_provider_info() -> dict[str, Any]:
    """The description that the entry point `apache_airflow_provider` asks for."""
    return {
        "package-name": "casebridge",
        "name": "casebridge",
        "description": "Carries work from cases to the systems where it is done, and the answer back.",
        "connection-types": [_connection_type(system) for system in registry.manifests()],
    }


def _connection_type(system: str) -> dict[str, Any]:
    manifest = registry.manifest(system)
    settings = registry.settings_class(system)
    schema = settings.model_json_schema()
    properties = schema["properties"]
    for name, field in settings.model_fields.items():  # pydantic leaves them out beside a reference to an enumeration
        properties[name] |= {"title": field.title or name, "description": field.description or ""}
    return {
        "connection-type": system,
        "hook-class-name": f"casebridge.airflow.hooks.{hook_name(system)}",
        "hook-name": manifest.title,
        "ui-field-behaviour": {
            "hidden-fields": ["port", "schema", *(name for name in _OWN_FIELDS if name not in properties)],
            "relabeling": {name: properties[name]["title"] for name in _OWN_FIELDS if name in properties},
            "placeholders": {
                name: properties[name]["description"]
                for name in _OWN_FIELDS
                if name in properties and properties[name].get("description")
            },
        },
        "conn-fields": {
            name: _form_field(declared, schema) for name, declared in properties.items() if name not in _OWN_FIELDS
        },
    }


def _form_field(declared: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    referenced = schema.get("$defs", {}).get(declared.get("$ref", "").rsplit("/", 1)[-1], {})
    json_type = _JSON_TYPES.get(declared.get("type", ""), "string")
    field: dict[str, Any] = {"type": json_type if declared.get("type") == "boolean" else [json_type, "null"]}
    if declared.get("type") == "object":
        field = {"type": ["object", "null"]}
    if choices := referenced.get("enum"):
        field["enum"] = choices
    if declared.get("format") == "password":
        field["format"] = "password"
    default = declared.get("default")
    if default not in (None, "", [], {}):
        field["default"] = default
    return {"label": declared["title"], "description": declared.get("description", ""), "schema": field}


def hook_name(system: str) -> str:
    """The name of a system's hook class: `WhitespaceHook`."""
    return "".join(part.title() for part in system.split("_")) + "Hook"
