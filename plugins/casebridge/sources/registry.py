"""The case sources that are there: a folder with a `source.yaml` is one.

What it declares is read without importing the source: DAG files are parsed in every task process.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from casebridge.core.errors import NotConfigured
from casebridge.core.manifest import ConnectionSpec
from casebridge.core.problem import did_you_mean
from casebridge.transport.settings import ConnectionSettings, read_settings

if TYPE_CHECKING:
    import requests

    from casebridge.sources.base import ConnectedSource

_FOLDER = Path(__file__).parent


class SourceSpec(BaseModel):
    """What a `source.yaml` declares.

    Attributes:
        name: The word for the source in code, YAML and rules; the name of its folder.
        title: What people call it.
        description: A sentence or two.
        connection: The Airflow connection and its settings class; None where cases are in casebridge's own database.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    description: str
    connection: ConnectionSpec | None = None


@lru_cache(maxsize=1)
def specs() -> dict[str, SourceSpec]:
    """All case sources by name; those that need no connection come first."""
    found = [_read(path) for path in _FOLDER.glob("*/source.yaml")]
    return {one.name: one for one in sorted(found, key=lambda one: (one.connection is not None, one.name))}


def spec(name: str) -> SourceSpec:
    """One case source.

    Raises:
        NotConfigured: There is none of that name.
    """
    try:
        return specs()[name]
    except KeyError:
        raise NotConfigured(f'there is no case source "{name}". {did_you_mean(name, specs())}') from None


def connected() -> dict[str, SourceSpec]:
    """The case sources that need a connection, by name."""
    return {name: one for name, one in specs().items() if one.connection is not None}


def connection(name: str) -> ConnectionSpec:
    """The connection that a case source needs.

    Raises:
        NotConfigured: There is no such source, or it needs none.
    """
    declared = spec(name).connection
    if declared is None:
        raise NotConfigured(f'the case source "{name}" needs no connection')
    return declared


def settings_class(name: str) -> type[ConnectionSettings]:
    """The class that a case source's connection is read into."""
    module, _, class_name = connection(name).settings.partition(":")
    found: type[ConnectionSettings] = getattr(import_module(f"casebridge.sources.{name}.{module}"), class_name)
    return found


def settings(name: str, values: dict[str, Any], *, where: str) -> ConnectionSettings:
    """The settings of a case source, checked; nothing is called.

    Raises:
        NotConfigured: Something is missing or wrong.
    """
    return read_settings(settings_class(name), values, where=where)


def source(
    name: str, values: dict[str, Any], *, where: str, session: requests.Session | None = None
) -> ConnectedSource[Any]:
    """A case source behind a connection, ready to call.

    Args:
        name: Name of the case source.
        values: The settings as the connection holds them.
        where: Name of the connection, for messages.
        session: The way to the outside; a new one when None.

    Raises:
        NotConfigured: There is no such case source, or a setting is missing or wrong.
    """
    checked = settings(name, values, where=where)
    module = import_module(f"casebridge.sources.{name}.source")
    made: ConnectedSource[Any] = module.connect(checked, session)
    return made


def _read(path: Path) -> SourceSpec:
    try:
        return SourceSpec.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValidationError) as error:
        raise NotConfigured(f"{path.parent.name}/{path.name} does not describe a case source: {error}") from error
