"""Hooks: an Airflow connection becomes a connector or a case source.

There is one class for each connection type, because Airflow asks for that; all of them are made from what the folders
of connectors and sources declare, so that a new one needs no line here.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from casebridge.airflow.mail import send_email
from casebridge.airflow.provider import hook_name
from casebridge.connectors import registry
from casebridge.core.errors import CasebridgeError, NotConfigured
from casebridge.settings import read_environment
from casebridge.sources import registry as sources

if TYPE_CHECKING:
    from casebridge.connectors.base import ConnectorBase, TargetSettings
    from casebridge.sources.base import ConnectedSource


class NoSuchConnection(NotConfigured):
    """Airflow has no connection of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f'there is no Airflow connection "{name}"; make one in Airflow under Admin, Connections, '
            "or with `casebridge connections save`"
        )


class ConnectionHook(BaseHook):
    """What is behind an Airflow connection of one of casebridge's types.

    Args:
        conn_id: The connection; the default one of its type when None.
    """

    conn_name_attr = "conn_id"
    default_conn_name = ""
    conn_type = ""
    hook_name = ""

    def __init__(self, conn_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id or self.default_conn_name

    @abstractmethod
    def get_conn(self) -> ConnectorBase[Any] | ConnectedSource[Any]:
        """What is behind the connection, ready to be called."""

    def test_connection(self) -> tuple[bool, str]:
        """What the Test button shows: whether the settings work, credentials included, or the detailed reason."""
        try:
            return True, self.get_conn().check()
        except CasebridgeError as error:
            return False, str(error)


class CasebridgeHook(ConnectionHook):
    """A target system behind an Airflow connection."""

    system = ""

    def settings(self) -> TargetSettings:
        """The settings in the connection, checked; nothing is called.

        Raises:
            NotConfigured: Something is missing or wrong.
        """
        return registry.settings(self.system, values_in_task(self.conn_id), where=self.conn_id)

    def get_conn(self) -> ConnectorBase[Any]:
        """The connector, ready to call its target.

        Raises:
            NotConfigured: Something is missing or wrong.
        """
        connector = registry.connector(self.system, values_in_task(self.conn_id), where=self.conn_id)
        connector.cache = read_environment().cache
        connector.send_email = send_email
        return connector


class SourceHook(ConnectionHook):
    """A case source behind an Airflow connection."""

    source = ""

    def get_conn(self) -> ConnectedSource[Any]:
        """The case source, ready to be read.

        Raises:
            NotConfigured: Something is missing or wrong.
        """
        return sources.source(self.source, values_in_task(self.conn_id), where=self.conn_id)


def values_in_task(name: str) -> dict[str, Any]:
    """The settings in a connection, inside of a task or a server of Airflow.

    Raises:
        NoSuchConnection: There is none of that name.
    """
    try:
        connection = BaseHook.get_connection(name)
    except AirflowNotFoundException:
        raise NoSuchConnection(name) from None
    return connection_values(connection)


def connection_values(connection: Any) -> dict[str, Any]:
    """The fields of an Airflow connection as the settings name them.

    The host may be a whole address, or a host name beside a scheme and a port, as Airflow's URIs give it.
    """
    address = connection.host or ""
    if address and "://" not in address:
        address = f"{connection.schema or 'https'}://{address}"
        if connection.port:
            address = f"{address}:{connection.port}"
    return {"host": address, "login": connection.login, "password": connection.password, **connection.extra_dejson}


def hook_class(system: str) -> type[CasebridgeHook]:
    """The hook class of a target system.

    Raises:
        NotConfigured: There is no such connector.
    """
    manifest = registry.manifest(system)
    members = _members(system, manifest.title, manifest.connection.default)
    return type(hook_name(system), (CasebridgeHook,), {**members, "system": system})


def source_hook_class(name: str) -> type[SourceHook]:
    """The hook class of a case source.

    Raises:
        NotConfigured: There is no such case source, or it needs no connection.
    """
    members = _members(name, sources.spec(name).title, sources.connection(name).default)
    return type(hook_name(name), (SourceHook,), {**members, "source": name})


def _members(name: str, title: str, default: str) -> dict[str, str]:
    return {
        "__doc__": f"{title} behind an Airflow connection.",
        "__module__": __name__,
        "conn_type": name,
        "hook_name": title,
        "default_conn_name": default,
    }


def __getattr__(name: str) -> type[ConnectionHook]:
    makers = {
        **dict.fromkeys(registry.manifests(), hook_class),
        **dict.fromkeys(sources.connected(), source_hook_class),
    }
    for one, make in makers.items():
        if hook_name(one) == name:
            made = make(one)
            globals()[name] = made
            return made
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
