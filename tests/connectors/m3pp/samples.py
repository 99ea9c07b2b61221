"""Payloads that fit the sample data of the simulator, and a connector for them."""

from __future__ import annotations

from typing import Any

import requests

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.payload import Payload

MANIFEST = registry.manifest("m3pp")
CREATE_ASSET = MANIFEST.action("create_asset")
CREATE_WORKSHEET = MANIFEST.action("create_worksheet")
UPDATE_BY_PROPERTY = MANIFEST.action("update_asset_attribute_by_property")
UPDATE_LISTED = MANIFEST.action("update_asset_attribute")

ASSET = Payload(
    fields={"asset_type": "BIN", "section": "WEST", "uprn": "10001"},
    keyed={
        "attribute": [
            {"key": "COND", "value": "Good"},
            {"key": "SIZE", "value": "240"},
            {"key": "SERIAL", "value": "Nº 7 & <8>"},
        ]
    },
    public=("BIN", "WEST"),
)
WORKSHEET = Payload(
    fields={
        "subject_uprn": "10001",
        "department_code": "ENV",
        "application_code": "WASTE",
        "task_group_code": "BINS",
        "task_code": "DELIV",
        "date_time_received": "2026-07-01T09:30:00",
        "external_reference": "CASE-1",
    },
    keyed={
        "worksheet_field": [
            {"key": "Notes", "value": "Front & side <gate>\nsecond line ünï"},
            {"key": "Priority", "value": "High"},
        ]
    },
)
BY_PROPERTY = Payload(fields={"uprn": "10001", "asset_type": "BIN", "attribute_code": "COND", "value": "Poor"})


def listed(keys: str, value: str = "Poor") -> Payload:
    """The update of an Attribute of listed Assets."""
    fields = {"asset_keys": keys, "attribute_code": "COND", "value": value}
    return Payload(fields=dict(fields), public=(keys, *keys.split(","), "COND"))


def connector(
    url: str = "https://m3.example", session: requests.Session | None = None, **settings: Any
) -> ConnectorBase[Any]:
    """A connector with the credentials of the simulator."""
    values = {"host": url, "login": "M3PP_DEMO", "password": "demo-password", **settings}
    return registry.connector("m3pp", values, where="m3pp_default", session=session)
