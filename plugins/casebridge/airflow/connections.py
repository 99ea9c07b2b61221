"""Airflow connections outside a task: for the command line on a machine that runs Airflow."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.settings import read_environment
from casebridge.sources import registry as sources

if TYPE_CHECKING:
    from casebridge.sources.base import ConnectedSource


def connector_of(system: str, connection: str = "") -> ConnectorBase[Any]:
    """The connector behind a connection; the system's default one when none is named.

    Raises:
        NotConfigured: There is no such connection, or a setting is missing or wrong.
    """
    name = connection or registry.manifest(system).connection.default
    connector = registry.connector(system, values_outside(name), where=name)
    connector.cache = read_environment().cache
    return connector


def source_of(source: str, connection: str = "") -> ConnectedSource[Any]:
    """The case source behind a connection; its default one when none is named.

    Raises:
        NotConfigured: There is no such connection, or a setting is missing or wrong.
    """
    name = connection or sources.connection(source).default
    return sources.source(source, values_outside(name), where=name)


def values_outside(name: str) -> dict[str, Any]:
    """The settings in a connection, outside of Airflow's own processes.

    Raises:
        NoSuchConnection: There is none of that name.
    """
    # Airflow logs to the standard output, where a script expects JSON.
    with contextlib.redirect_stdout(sys.stderr):
        # The public `BaseHook.get_connection` sees Airflow's database inside of tasks and servers only.
        from airflow.models.connection import Connection
        from airflow.sdk.exceptions import AirflowNotFoundException

        from casebridge.airflow.hooks import NoSuchConnection, connection_values

        try:
            found = Connection.get_connection_from_secrets(name)
        except AirflowNotFoundException:
            raise NoSuchConnection(name) from None
        return connection_values(found)
