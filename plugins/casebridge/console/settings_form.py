"""A form for the settings of a connection, made from their pydantic model. A secret goes in and never comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData

from casebridge.connectors import registry
from casebridge.core.errors import NotConfigured
from casebridge.sources import registry as sources
from casebridge.transport.settings import ConnectionSettings

STANDARD = ("host", "login", "password")
"""What Airflow's connections have a field for; everything else is in the extra."""


@dataclass(frozen=True)
class Input:
    """One setting in the form.

    Attributes:
        name: The setting's name.
        title: What people call it.
        help: What it means.
        kind: `text`, `secret`, `yes_no`, `number`, `choice` or `json`.
        value: What it is now, as text; "" for a secret.
        is_set: Whether a secret has a value.
        required: Whether it must be given.
        options: The choices.
    """

    name: str
    title: str
    help: str
    kind: str
    value: str
    is_set: bool
    required: bool
    options: tuple[str, ...] = ()


def model_of(name: str) -> type[ConnectionSettings]:
    """The settings of a target system or case source."""
    return sources.settings_class(name) if name in sources.connected() else registry.settings_class(name)


def inputs(name: str, values: Mapping[str, Any]) -> list[Input]:
    """The form, filled in with what the connection holds, without secrets."""
    fields = model_of(name).model_fields.items()
    return sorted((_input(field, info, values) for field, info in fields), key=_place)


def read(name: str, filled_in: FormData, before: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that were filled in; a secret that is left empty stays as it was.

    Raises:
        NotConfigured: The address changes and a secret was not given anew: it must not go to another address; or a
            value cannot be read.
    """
    values: dict[str, Any] = {}
    for field, info in model_of(name).model_fields.items():
        text = str(filled_in.get(field, "")).strip()
        kind = _kind(info)
        if kind == "secret":
            if not text and before.get(field):
                if str(filled_in.get("host", "")).strip().rstrip("/") != str(before.get("host", "")).rstrip("/"):
                    raise NotConfigured(
                        f'"{info.title or field}" must be given anew, since the address changes: '
                        "it is not sent to another one"
                    )
                text = str(before[field])
            values[field] = text
        elif kind == "yes_no":
            values[field] = bool(text)
        elif kind == "json":
            values[field] = _json(text, info.title or field)
        else:
            values[field] = text
    return values


def changed(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The titles of the settings that differ; never a value."""
    fields = model_of(name).model_fields
    return [
        info.title or field
        for field, info in fields.items()
        if _text(before.get(field, _default(info)), info) != _text(after.get(field, _default(info)), info)
    ]


def connection_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as the fields of an Airflow connection."""
    extra = {
        field: value for field, value in values.items() if field not in STANDARD and value not in ("", None, {}, [])
    }
    standard = {field: values.get(field) or None for field in STANDARD}
    return {**standard, "schema": None, "port": None, "extra": json.dumps(extra)}


def _place(one: Input) -> int:
    """The switch first, then what is needed, then the rest as it is declared."""
    return 0 if one.kind == "yes_no" else 1 if one.required else 2


def _input(field: str, info: FieldInfo, values: Mapping[str, Any]) -> Input:
    kind = _kind(info)
    value = values.get(field, _default(info))
    options: tuple[str, ...] = ()
    if kind == "choice" and isinstance(info.annotation, type) and issubclass(info.annotation, Enum):
        options = tuple(str(one.value) for one in info.annotation)
    return Input(
        name=field,
        title=info.title or field,
        help=info.description or "",
        kind=kind,
        value="" if kind == "secret" else _text(value, info),
        is_set=kind == "secret" and bool(values.get(field)),
        required=info.is_required(),
        options=options,
    )


def _kind(info: FieldInfo) -> str:
    annotation = info.annotation
    if annotation is SecretStr:
        return "secret"
    if annotation is bool:
        return "yes_no"
    if annotation in (int, float):
        return "number"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "choice"
    if get_origin(annotation) in (dict, list):
        return "json"
    return "text"


def _text(value: Any, info: FieldInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if _kind(info) == "json":
        return json.dumps(value, indent=2) if value else ""
    if _kind(info) == "yes_no":
        return "" if str(value).lower() in ("", "false", "no", "0") else "yes"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple | list):
        return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _default(info: FieldInfo) -> Any:
    return None if info.is_required() else info.get_default(call_default_factory=True)


def _json(text: str, title: str) -> Any:
    if not text:
        return {}
    try:
        return json.loads(text)
    except ValueError:
        raise NotConfigured(f'"{title}" must be JSON, such as {{"name": "value"}}') from None
