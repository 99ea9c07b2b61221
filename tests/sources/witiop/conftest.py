"""A running desk, and connections to its three faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from casebridge.sources import registry
from casebridge.sources.base import ConnectedSource
from casebridge.store.database import Database
from casebridge.store.told_cases import ToldCases
from tests.simulators.witiop.client import Witiop

Faces = Callable[..., ConnectedSource[Any]]


@pytest.fixture
def desk(simulator: Callable[[str], str]) -> Iterator[Witiop]:
    """The WitiOp simulator with its sample data and no faults."""
    client = Witiop(simulator("witiop"))
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Casebridge's own database."""
    made = Database(database_url)
    yield made
    made.close()


@pytest.fixture
def face(desk: Witiop, database: Database) -> Faces:
    """The case source behind a face of the desk, by its name."""
    known = desk.get("credentials")
    values: dict[str, dict[str, Any]] = {
        "witiop": {"host": desk.url, "password": known["api_token"]},
        "chatwoot": {"host": f"{desk.url}/chatwoot", "password": known["chatwoot_access_token"]},
        "twilio": {
            "host": f"{desk.url}/twilio",
            "media_host": f"{desk.url}/twilio",
            "login": known["twilio_account_sid"],
            "password": known["twilio_auth_token"],
        },
    }

    def make(name: str, **settings: Any) -> ConnectedSource[Any]:
        source = registry.source(name, {**values[name], **settings}, where=f"{name}_default")
        source.session.trust_env = False
        source.shelf = ToldCases(database, name)
        return source

    return make
