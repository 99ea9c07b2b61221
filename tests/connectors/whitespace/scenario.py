"""How Whitespace's connector is run against its simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.connectors.scenario import Example, Scenario


def connection(url: str, info: Mapping[str, Any]) -> dict[str, Any]:
    known = info["credentials"]
    return {"host": url, "login": known["username"], "password": known["password"], "wsdl": "bundled"}


SCENARIO = Scenario(
    system="whitespace",
    simulator="whitespace",
    connection=connection,
    ids={"worksheets": "worksheet_id"},
    unguarded={"duplicate_rule": {"window_s": 0}},
    examples=(
        Example(
            action="create_worksheet",
            template="missed_bin",
            case="CASE-1001",
            operation="CreateWorksheet",
            makes={"worksheets": 1},
        ),
    ),
)
