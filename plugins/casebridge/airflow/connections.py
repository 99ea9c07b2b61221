"""Airflow connections outside a task: for the command line on a machine that runs Airflow."""

from __future__ import annotations

from typing import Any

from casebridge.airflow.hooks import hook_class
from casebridge.connectors.base import ConnectorBase


def connector_of(system: str, connection: str = "") -> ConnectorBase[Any]:
    """The connector behind a connection; the system's default one when none is named.

    Raises:
        NotConfigured: There is no such connection, or a setting is missing or wrong.
    """
    return hook_class(system)(connection or None).get_conn()
