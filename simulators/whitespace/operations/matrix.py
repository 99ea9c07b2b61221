"""The matrix: which services there are, and which items and properties are valid for each."""

from __future__ import annotations

from typing import Any

from simulators.whitespace import rows
from simulators.whitespace.errors import Refusal
from simulators.whitespace.inputs import Input
from simulators.whitespace.operations.reading import some
from simulators.whitespace.operations.registry import operation
from simulators.whitespace.powersuite import PowerSuite


@operation("GetServices")
def services(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """All services, or the one with that id; commercial ones only when asked for."""
    wanted, commercial = given.integer("ServiceId"), given.flag("IncludeCommercial")
    return {
        "Services": some(
            [
                {
                    "ServiceID": service.id,
                    "ServiceName": service.name,
                    "ServiceDescription": service.name,
                    "ServiceTypeName": "Worksheet" if service.worksheets else "Collection",
                    "IsCommercial": service.commercial,
                    "AuthorityID": suite.council.authority_id,
                    "AuthorityName": suite.council.authority_name,
                }
                for service in suite.council.services.values()
                if wanted in (None, 0, service.id) and (commercial or not service.commercial)
            ]
        )
    }


@operation("GetServiceItems")
def service_items(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The items of one service, or of all; or the one item with that id."""
    service_id, item_id = given.integer("ServiceId"), given.integer("ServiceItemId")
    return {
        "ServiceItems": some(
            [
                {
                    "ServiceItemID": item.id,
                    "ServiceItemName": item.name,
                    "ServiceItemDescription": item.description,
                    "ServiceID": service.id,
                    "ServiceName": service.name,
                    "Charge": item.charge,
                    "ChargeTypeID": 2 if item.charge else 1,
                    "ChargeTypeName": rows.CHARGE_TYPES[2 if item.charge else 1],
                }
                for service in suite.council.services.values()
                if service_id in (None, 0, service.id)
                for item in (suite.council.items[valid] for valid in service.items)
                if item_id in (None, 0, item.id)
            ]
        )
    }


@operation("GetWorksheetExtraInfoFields")
def property_definitions(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The definitions of the Service Properties of one service."""
    service = suite.council.services.get(given.needed_integer("ServiceId"))
    if service is None:
        raise Refusal("no_results")
    return {"ServiceProperties": some(rows.property_definitions(suite.council, service))}


@operation("GetWorksheetServiceItems")
def worksheet_items(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The items that a worksheet of one service can carry, at a site where one is named."""
    service = suite.council.services.get(given.needed_integer("ServiceId"))
    if given.text("Uprn").strip():
        suite.council.site_by_uprn(given.text("Uprn"))
    if service is None:
        raise Refusal("no_results")
    return {
        "ServiceItems": some(
            [
                {
                    "WorksheetServiceItemID": item.id,
                    "WorksheetServiceItemName": item.name,
                    "WorksheetServiceItemDescription": item.description,
                }
                for item in (suite.council.items[valid] for valid in service.items)
            ]
        )
    }


@operation("GetWorksheetChargeMatrix")
def charges(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """What one item costs. The members of a row are ASSUMED."""
    item = suite.council.items.get(given.needed_integer("ServiceItemId"))
    if item is None:
        raise Refusal("no_results")
    charge_type = 2 if item.charge else 1
    return {
        "ServiceItemCharges": [
            {
                "ServiceItemID": item.id,
                "ServiceItemName": item.name,
                "QuantityFrom": 1,
                "QuantityTo": 99,
                "Charge": item.charge,
                "ChargeTypeID": charge_type,
                "ChargeTypeName": rows.CHARGE_TYPES[charge_type],
            }
        ]
    }
