"""How Tascomi's connector is run against its simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.connectors.scenario import Example, Scenario


def connection(url: str, info: Mapping[str, Any]) -> dict[str, Any]:
    known = info["credentials"]
    return {"host": f"{url}/rest", "login": known["public_key"], "password": known["private_key"]}


SCENARIO = Scenario(
    system="tascomi",
    simulator="tascomi",
    connection=connection,
    ids={"complaints": "reference_number"},
    refusal=422,
    examples=(
        Example(
            action="create_service_request",
            template="noise_complaint",
            case="CASE-1203",  # whose person has two Contacts, so that each Service Request makes one
            operation="PUT contacts",
            makes={"complaints": 1, "contacts": 1},
        ),
        Example(
            action="update_service_request",
            template="noise_update",
            case="CASE-1203",
            operation="POST complaints",
            makes={"complaints": 0, "contacts": 0},
            after="create_service_request",
        ),
    ),
)
