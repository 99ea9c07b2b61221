"""Airflow connections outside a task: for the command line on a machine that runs Airflow."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.errors import NotConfigured
from casebridge.settings import read_environment


def connector_of(system: str, connection: str = "") -> ConnectorBase[Any]:
    """The connector behind a connection; the system's default one when none is named.

    Raises:
        NotConfigured: There is no such connection, or a setting is missing or wrong.
    """
    name = connection or registry.manifest(system).connection.default
    connector = registry.connector(system, _values(name, system), where=name)
    connector.cache = read_environment().cache
    return connector


def _values(name: str, system: str) -> dict[str, Any]:
    # Airflow logs to the standard output, where a script expects JSON.
    with contextlib.redirect_stdout(sys.stderr):
        # The public `BaseHook.get_connection` sees Airflow's database inside of tasks and servers only.
        from airflow.models.connection import Connection
        from airflow.sdk.exceptions import AirflowNotFoundException

        from casebridge.airflow.hooks import connection_values

        try:
            found = Connection.get_connection_from_secrets(name)
        except AirflowNotFoundException:
            raise NotConfigured(
                f'there is no Airflow connection "{name}"; make one in Airflow under Admin, Connections, '
                f"or with `casebridge connections save {system}`"
            ) from None
        return connection_values(
            host=found.host,
            schema=found.schema,
            port=found.port,
            login=found.login,
            password=found.password,
            extra=found.extra_dejson,
        )
