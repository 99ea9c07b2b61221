"""Airflow connections outside a task: for the command line on a machine that runs Airflow."""

from __future__ import annotations

from typing import Any

from casebridge.airflow.hooks import connection_values
from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.errors import NotConfigured
from casebridge.settings import read_environment


def connector_of(system: str, connection: str = "") -> ConnectorBase[Any]:
    """The connector behind a connection; the system's default one when none is named.

    Raises:
        NotConfigured: There is no such connection, or a setting is missing or wrong.
    """
    # The public `BaseHook.get_connection` sees Airflow's database inside of tasks and servers only.
    from airflow.exceptions import AirflowNotFoundException
    from airflow.models.connection import Connection

    name = connection or registry.manifest(system).connection.default
    try:
        found = Connection.get_connection_from_secrets(name)
    except AirflowNotFoundException:
        raise NotConfigured(
            f'there is no Airflow connection "{name}"; make one in Airflow under Admin, Connections, '
            f"or with `casebridge connections save {system}`"
        ) from None
    values = connection_values(
        host=found.host,
        schema=found.schema,
        port=found.port,
        login=found.login,
        password=found.password,
        extra=found.extra_dejson,
    )
    connector = registry.connector(system, values, where=name)
    connector.cache = read_environment().cache
    return connector
