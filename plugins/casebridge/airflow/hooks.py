"""Hooks: an Airflow connection becomes a connector.

There is one class for each connection type, because Airflow asks for that; all of them are made from the manifests,
so that a new connector needs no line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from casebridge.airflow.provider import hook_name
from casebridge.connectors import registry
from casebridge.core.errors import CasebridgeError
from casebridge.settings import read_environment

if TYPE_CHECKING:
    from casebridge.connectors.base import ConnectorBase, TargetSettings


class CasebridgeHook(BaseHook):
    """A target system behind an Airflow connection.

    Args:
        conn_id: The connection; the system's default one when None.
    """

    system = ""
    conn_name_attr = "conn_id"
    default_conn_name = ""
    conn_type = ""
    hook_name = ""

    def __init__(self, conn_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id or self.default_conn_name

    def settings(self) -> TargetSettings:
        """The settings in the connection, checked; nothing is called.

        Raises:
            NotConfigured: Something is missing or wrong.
        """
        return registry.settings(self.system, self._values(), where=self.conn_id)

    def get_conn(self) -> ConnectorBase[Any]:
        """The connector, ready to call its target.

        Raises:
            NotConfigured: Something is missing or wrong.
        """
        connector = registry.connector(self.system, self._values(), where=self.conn_id)
        connector.cache = read_environment().cache
        return connector

    def test_connection(self) -> tuple[bool, str]:
        """What the Test button shows: whether the settings work, credentials included, or the detailed reason."""
        try:
            return True, self.get_conn().check()
        except CasebridgeError as error:
            return False, str(error)

    def _values(self) -> dict[str, Any]:
        connection = self.get_connection(self.conn_id)
        return connection_values(
            host=connection.host,
            schema=connection.schema,
            port=connection.port,
            login=connection.login,
            password=connection.password,
            extra=connection.extra_dejson,
        )


def connection_values(
    *,
    host: str | None,
    schema: str | None,
    port: int | None,
    login: str | None,
    password: str | None,
    extra: dict[str, Any],
) -> dict[str, Any]:
    """The fields of an Airflow connection as a connector's settings name them.

    The host may be a whole address, or a host name beside a scheme and a port, as Airflow's URIs give it.
    """
    address = host or ""
    if address and "://" not in address:
        address = f"{schema or 'https'}://{address}"
        if port:
            address = f"{address}:{port}"
    return {"host": address, "login": login, "password": password, **extra}


def hook_class(system: str) -> type[CasebridgeHook]:
    """The hook class of a system.

    Raises:
        NotConfigured: There is no such connector.
    """
    manifest = registry.manifest(system)
    return type(
        hook_name(system),
        (CasebridgeHook,),
        {
            "__doc__": f"{manifest.title} behind an Airflow connection.",
            "__module__": __name__,
            "system": system,
            "conn_type": system,
            "hook_name": manifest.title,
            "default_conn_name": manifest.connection.default,
        },
    )


def __getattr__(name: str) -> type[CasebridgeHook]:
    for system in registry.manifests():
        if hook_name(system) == name:
            made = hook_class(system)
            globals()[name] = made
            return made
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
