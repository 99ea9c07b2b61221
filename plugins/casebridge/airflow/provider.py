"""What Airflow's provider manager learns of casebridge: a connection type with a form per target and case source."""

from __future__ import annotations

from typing import Any

from casebridge.connectors import registry
from casebridge.sources import registry as sources
from casebridge.transport.settings import ConnectionSettings

_OWN_FIELDS = ("host", "login", "password")
_JSON_TYPES = {"boolean": "boolean", "number": "number", "integer": "integer"}


def get_provider_info() -> dict[str, Any]:
    """The description that the entry point `apache_airflow_provider` asks for."""
    return {
        "package-name": "casebridge",
        "name": "casebridge",
        "description": "Carries work from cases to the systems where it is done, and the answer back.",
        "connection-types": [
            *(
                _connection_type(system, manifest.title, registry.settings_class(system))
                for system, manifest in registry.manifests().items()
            ),
            *(
                _connection_type(name, spec.title, sources.settings_class(name))
                for name, spec in sources.connected().items()
            ),
        ],
    }


def _connection_type(name: str, title: str, settings: type[ConnectionSettings]) -> dict[str, Any]:
    schema = settings.model_json_schema()
    properties = schema["properties"]
    for key, field in settings.model_fields.items():  # pydantic leaves them out beside a reference to an enumeration
        properties[key] |= {"title": field.title or key, "description": field.description or ""}
    return {
        "connection-type": name,
        "hook-class-name": f"casebridge.airflow.hooks.{hook_name(name)}",
        "hook-name": title,
        "ui-field-behaviour": {
            "hidden-fields": ["port", "schema", *(key for key in _OWN_FIELDS if key not in properties)],
            "relabeling": {key: properties[key]["title"] for key in _OWN_FIELDS if key in properties},
            "placeholders": {
                key: properties[key]["description"]
                for key in _OWN_FIELDS
                if key in properties and properties[key].get("description")
            },
        },
        "conn-fields": {
            key: _form_field(declared, schema) for key, declared in properties.items() if key not in _OWN_FIELDS
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


def hook_name(name: str) -> str:
    """The name of the hook class of a system or a case source: `WhitespaceHook`."""
    return "".join(part.title() for part in name.split("_")) + "Hook"
