"""The console over a real database, with and without a simulator behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from casebridge.console.app import create_console
from casebridge.core.errors import NotConfigured
from casebridge.installation import Installation
from casebridge.settings import read_environment
from tests.console.desk import Browser, PaperAirflow, identify_with
from tests.hub import Hub
from tests.simulators.client import Whitespace


@pytest.fixture
def hub(database_url: str, tmp_path: Path, whitespace: Whitespace) -> Iterator[Hub]:
    made = Hub(database_url, tmp_path / "mappings", whitespace.url)
    yield made
    made.database.close()


@pytest.fixture
def airflow() -> PaperAirflow:
    return PaperAirflow()


@pytest.fixture
def connections(whitespace: Whitespace) -> dict[str, dict[str, Any]]:
    """The connections that Airflow holds."""
    working = {"host": whitespace.url, "login": "WSAPI_DEMO", "password": "demo-password", "wsdl": "bundled"}
    return {"whitespace_default": working}


@pytest.fixture
def client(hub: Hub, airflow: PaperAirflow, connections: dict[str, dict[str, Any]]) -> Iterator[TestClient]:
    def values(name: str) -> dict[str, Any]:
        if name not in connections:
            raise NotConfigured(f'there is no Airflow connection "{name}"')
        return connections[name]

    settings = read_environment({"CASEBRIDGE_DATABASE_URL": hub.database.url, "CASEBRIDGE_MAPPINGS": str(hub.folder)})
    installation = Installation(settings, connection_values=values)
    with TestClient(create_console(installation, identify_with(airflow), sign_in="/auth")) as made:
        yield made


@pytest.fixture
def operator(client: TestClient) -> Browser:
    return Browser(client, "operator")


@pytest.fixture
def looker(client: TestClient) -> Browser:
    return Browser(client, "looker")
