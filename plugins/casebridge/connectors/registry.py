"""The connectors that are there: a folder with a `connector.yaml` is one.

A manifest is read without importing its connector: DAG files are parsed in every task process, and zeep takes long.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebridge.connectors.base import ConnectorBase, TargetSettings
from casebridge.core.errors import NotConfigured
from casebridge.core.manifest import Manifest, read_manifest
from casebridge.core.problem import did_you_mean
from casebridge.transport.settings import read_settings

if TYPE_CHECKING:
    import requests

_FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def manifests() -> dict[str, Manifest]:
    """The manifests of all connectors by name."""
    found = [read_manifest(path) for path in sorted(_FOLDER.glob("*/connector.yaml"))]
    return {manifest.name: manifest for manifest in found}


@lru_cache(maxsize=32)
def manifest(system: str) -> Manifest:
    """The manifest of one system, without reading the others.

    Raises:
        NotConfigured: There is no such connector.
    """
    path = _FOLDER / system / "connector.yaml"
    if not system.isidentifier() or not path.is_file():
        raise NotConfigured(f'there is no connector "{system}". {did_you_mean(system, manifests())}')
    return read_manifest(path)


def settings_class(system: str) -> type[TargetSettings]:
    """The class that a system's connection is read into."""
    module, _, name = manifest(system).connection.settings.partition(":")
    found: type[TargetSettings] = getattr(import_module(f"casebridge.connectors.{system}.{module}"), name)
    return found


def settings(system: str, values: dict[str, Any], *, where: str) -> TargetSettings:
    """The settings of a system, checked; nothing is called.

    Raises:
        NotConfigured: Something is missing or wrong.
    """
    return read_settings(settings_class(system), values, where=where)


def connector(
    system: str, values: dict[str, Any], *, where: str, session: requests.Session | None = None
) -> ConnectorBase[Any]:
    """A connector, ready to call its target.

    Args:
        system: Name of the system.
        values: The settings as the connection holds them.
        where: Name of the connection, for messages.
        session: The way to the outside; a new one when None.

    Raises:
        NotConfigured: There is no such connector, or a setting is missing or wrong.
    """
    module = import_module(f"casebridge.connectors.{system}.connector")
    made: ConnectorBase[Any] = module.connect(manifest(system), settings(system, values, where=where), session)
    return made
