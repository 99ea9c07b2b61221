"""How M3PP's connector is run against its simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.connectors.scenario import Example, Scenario


def connection(url: str, info: Mapping[str, Any]) -> dict[str, Any]:
    known = info["credentials"]
    return {"host": url, "login": known["username"], "password": known["password"]}


SCENARIO = Scenario(
    system="m3pp",
    simulator="m3pp",
    connection=connection,
    ids={"assets": "asset_key", "worksheets": "worksheet_reference"},
    refusal="INVALID_CODE",
    examples=(
        Example(
            action="create_asset",
            template="new_bin",
            case="CASE-1101",
            operation="CreateAsset",
            makes={"assets": 1},
        ),
        Example(
            action="create_worksheet",
            template="deliver_bin",
            case="CASE-1101",
            operation="CreateWorksheet",
            makes={"worksheets": 1},
        ),
        Example(
            action="update_asset_attribute_by_property",
            template="bins_delivered",
            case="CASE-1101",
            operation="UpdateAssetAttributeByProperty",
        ),
        Example(
            action="update_asset_attribute",
            template="listed_bins_delivered",
            case="CASE-1101",
            operation="UpdateAssetAttribute",
        ),
    ),
)
