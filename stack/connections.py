"""What Airflow needs before casebridge's DAGs can run: a pool for each system, and connections to the simulators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from casebridge.airflow.pools import pools
from casebridge.cli.airflow_client import AirflowRefusal
from casebridge.connectors import registry
from casebridge.sources import registry as sources
from stack.airflow_api import AirflowApi
from stack.ports import LOOPBACK

AIRFLOW_CONNECTION = "casebridge_airflow"

FIELDS = {
    "username": "login",
    "user": "login",
    "password": "password",
    "public_key": "login",
    "private_key": "password",
    "token": "password",
}
"""Where Airflow's connections have a field for what simulators accept; everything else is an extra setting."""


SOURCE_FIELDS = {
    "api_key": "password",
    "api_token": "password",
    "hash": "password",
    "username": "login",
    "password": "user_password",
}
"""The same for case sources, whose key is the password of the connection: the user's own password is an extra."""


def make_pools(airflow: AirflowApi) -> None:
    """Make the pools that are missing: a task in a pool that does not exist waits forever."""
    existing = {pool["name"] for pool in airflow.pages("/pools", "pools")}
    for name, pool in pools().items():
        if name not in existing:
            airflow.request("POST", "/pools", json={"name": name, **pool})


def connect(airflow: AirflowApi, simulators: Mapping[str, str]) -> list[str]:
    """Point the connection of each connector and each case source at the simulator of the same name.

    A connection that leads to another machine is somebody's own work and stays as it is. One that leads to this machine
    leads to a simulator of an earlier start, which had another port.

    Args:
        airflow: has the connections.
        simulators: the address of each running simulator, by name.

    Returns:
        The names of the connections that lead to simulators now.
    """
    connected = []
    for system, manifest in registry.manifests().items():
        connection = manifest.connection.default
        if system in simulators and _may_be_set(airflow, connection):
            airflow.set_connection(connection, system, **fields(simulators[system]))
            connected.append(connection)
    for source in sources.connected():
        connection = sources.connection(source).default
        if source in simulators and _may_be_set(airflow, connection):
            airflow.set_connection(connection, source, **source_fields(source, simulators[source]))
            connected.append(connection)
    return connected


def connect_inbox(airflow: AirflowApi, user: str, password: str) -> None:
    """Give the DAG that handles the inbox the connection with which it starts actions on this very Airflow."""
    airflow.set_connection(AIRFLOW_CONNECTION, "http", host=airflow.url, login=user, password=password)


def fields(url: str) -> dict[str, Any]:
    """Return the fields of a connection to the simulator at this address, with the credentials that it accepts."""
    info = requests.get(f"{url}/_sim/info", timeout=30).json()
    # What a simulator signs its own messages with is no setting of a connection.
    known = registry.settings_class(info["name"]).model_fields
    credentials = {name: value for name, value in info["credentials"].items() if name in FIELDS or name in known}
    named = {FIELDS[name]: value for name, value in credentials.items() if name in FIELDS}
    extra = {name: value for name, value in credentials.items() if name not in FIELDS}
    return {"host": url, **named, **({"extra": json.dumps(extra)} if extra else {})}


def source_fields(source: str, url: str) -> dict[str, Any]:
    """Return the fields of a case source's connection to the simulator at this address.

    Beside the credentials: the name of its service API, the first of its saved filters, and the field that shows the
    Reference of the templates that come with casebridge. What is no setting of this source is left out.
    """
    info: dict[str, Any] = requests.get(f"{url}/_sim/info", timeout=30).json()
    samples = {name: ids[0] for name, ids in info["samples"].items() if ids}
    given: dict[str, Any] = {SOURCE_FIELDS.get(name, name): value for name, value in info["credentials"].items()}
    given["api_name"] = info["endpoints"].get("service_api", "").rpartition("/")[2]
    given["changes_filter"] = samples.get("filter", "")
    given["reference_fields"] = {"worksheet": samples["reference_field"]} if "reference_field" in samples else {}
    known = sources.settings_class(source).model_fields
    named: dict[str, Any] = {name: given.pop(name) for name in ("login", "password") if name in given}
    extra = {name: value for name, value in given.items() if name in known and value}
    return {"host": url, **named, "extra": json.dumps(extra)}


def _may_be_set(airflow: AirflowApi, connection: str) -> bool:
    try:
        host = airflow.request("GET", f"/connections/{connection}")["host"] or ""
    except AirflowRefusal as refusal:
        if refusal.status != 404:
            raise
        return True
    return str(host).startswith(f"http://{LOOPBACK}:")
