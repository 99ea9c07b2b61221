"""How the connector of a service provider is run against its simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.connectors.scenario import Example, Scenario

TEXT = {"tickets.updates": 1}
"""Whatever is told of a ticket leaves one text in it."""


def connection(url: str, info: Mapping[str, Any]) -> dict[str, Any]:
    return {"host": url, "password": info["credentials"]["token"]}


SCENARIO = Scenario(
    system="service_provider",
    simulator="service_provider",
    connection=connection,
    ids={"tickets": "number"},
    refusal=422,
    examples=(
        Example(action="submit", template="submit", case="TASK-1001", operation="create_ticket", makes={"tickets": 1}),
        Example(
            action="update", template="update", case="TASK-1001", operation="add_update", makes=TEXT, after="submit"
        ),
        Example(
            action="decline_solution",
            template="decline_solution",
            case="TASK-1001",
            operation="decline_solution",
            makes=TEXT,
            after="submit",
            meanwhile=("service_provider/solve", {"ticket": "{case}", "solution": "Done"}),
        ),
        Example(
            action="close", template="close", case="TASK-1001", operation="close_ticket", makes=TEXT, after="submit"
        ),
    ),
)
