"""Settings are tried before they are saved: what does not connect is not saved."""

from __future__ import annotations

from typing import Any

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.errors import CasebridgeError, NotConfigured
from casebridge.core.problem import did_you_mean
from casebridge.sources import registry as sources
from casebridge.sources.base import ConnectedSource

NOT_TRIED = "It is disabled; the settings were not tried"


def default_connection(name: str) -> str:
    """The name of the Airflow connection of a target system or case source, unless another is chosen.

    Raises:
        NotConfigured: There is none of that name, or it needs no connection.
    """
    if name in sources.connected():
        return sources.connection(name).default
    known = registry.manifests()
    if name not in known:
        raise NotConfigured(
            f'there is no connector or case source "{name}" with a connection. '
            f"{did_you_mean(name, [*known, *sources.connected()])}"
        )
    return known[name].connection.default


def behind(name: str, values: dict[str, Any], *, where: str) -> ConnectorBase[Any] | ConnectedSource[Any]:
    """The target system or case source behind these settings, ready to be called.

    Raises:
        NotConfigured: A setting is missing or wrong.
    """
    if name in sources.connected():
        return sources.source(name, values, where=where)
    return registry.connector(name, values, where=where)


def prove(name: str, values: dict[str, Any], *, where: str) -> str:
    """Calls what is behind these settings, credentials included, and says what was found; a disabled one is not called.

    Raises:
        NotConfigured: A setting is missing or wrong.
        CasebridgeError: It does not work; the text says why, and that nothing was saved.
    """
    made = behind(name, values, where=where)
    if not made.enabled:
        return NOT_TRIED
    try:
        return made.check()
    except CasebridgeError as error:
        error.args = (f"nothing was saved, because the connection failed: {error}",)
        raise
