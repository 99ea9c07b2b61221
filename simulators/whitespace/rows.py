"""Rows as the vendor shows them, by their names on the wire.

What a row does not name is filled as .NET does: see soap/schema.py.
"""

from __future__ import annotations

from typing import Any

from simulators.whitespace.council import Council, Service, Site, Street
from simulators.whitespace.worksheets import STATUS_IDS, Worksheet

_WORKFLOW_FILE = {"WorkflowFileID": 1, "WorkflowFileName": "StandardWorksheet.xaml"}
_PROPERTY_TYPES = {"Text": 1, "Number": 2, "Date": 3, "List": 4}
CHARGE_TYPES = {1: "Free", 2: "Fixed Charge"}


def worksheet(council: Council, sheet: Worksheet) -> dict[str, Any]:
    """A ``Worksheet``."""
    return {
        "WorksheetID": sheet.id,
        "WorksheetTypeID": 1,
        "WorksheetRef": sheet.reference,
        "WorksheetSubject": sheet.subject,
        "WorksheetStatusID": STATUS_IDS[sheet.status],
        "WorksheetStatusName": sheet.status,
        "WorksheetCreatedBy": sheet.created_by,
        "WorksheetCreatedDate": sheet.created,
        "WorksheetAdHocRoundInstanceID": sheet.ad_hoc_round_instance_id,
        "WorksheetGuid": sheet.guid,
        "WorksheetLastEventName": sheet.history[-1].name,
        "AuthorityID": council.authority_id,
        "AuthorityName": council.authority_name,
        "WorkflowInstanceID": sheet.id,
        "InstanceGuid": sheet.guid,
        "InstanceCurrentState": sheet.state,
        **_WORKFLOW_FILE,
        **sheet.members,
    }


def history(sheet: Worksheet) -> list[dict[str, Any]]:
    """The ``WorkflowHistory`` rows."""
    return [
        {
            "WorkflowHistoryID": event.id,
            "WorkflowGUID": sheet.guid,
            "WorksheetID": sheet.id,
            "WorkflowTypeID": 1,
            "WorkflowID": 1,
            "WorkflowEventName": event.name,
            "WorkflowEventFriendlyName": event.friendly,
            "WorkflowEventDate": event.date,
            "WorkflowRaisedBy": event.by,
            "WorkflowStateName": event.state,
        }
        for event in sheet.history
    ]


def notes(sheet: Worksheet) -> list[dict[str, Any]]:
    """The ``WorksheetNote`` rows."""
    return [
        {
            "WorksheetNoteDate": note.date,
            "SecurityID": 1,
            "WorksheetNoteText": note.text,
            "SecurityName": note.by,
            "WorksheetNoteID": note.id,
        }
        for note in sheet.notes
    ]


def service_items(council: Council, sheet: Worksheet) -> list[dict[str, Any]]:
    """The ``WorksheetServiceItem`` rows."""
    rows = []
    for row in sheet.items:
        item = council.items[row.service_item_id]
        charge_type = 2 if item.charge else 1
        rows.append(
            {
                "WorksheetServiceItemID": row.id,
                "WorksheetServiceID": sheet.id,
                "ServiceItemID": item.id,
                "ServiceItemName": item.name,
                "ServiceItemDescription": item.description,
                "ServiceChargeTypeID": charge_type,
                "ServiceChargeTypeName": CHARGE_TYPES[charge_type],
                "WorksheetServiceItemQuantity": row.quantity,
                "WorksheetServiceItemCharge": item.charge * row.quantity,
            }
        )
    return rows


def service_properties(council: Council, sheet: Worksheet) -> list[dict[str, Any]]:
    """The ``WorksheetServiceProperty`` rows: those that have been given a value, by the caller or by the crew."""
    rows = []
    for order, row in enumerate(sheet.properties, start=1):
        definition = council.properties[row.service_property_id]
        rows.append(
            {
                "WorksheetServiceID": sheet.id,
                "ServicePropertyID": definition.id,
                "ServicePropertyName": definition.name,
                "ServicePropertyValue": row.value,
                "ServicePropertyTypeID": _PROPERTY_TYPES[definition.type],
                "ServicePropertyTypeName": definition.type,
                "ServicePropertyOrder": order,
                "ForMobile": definition.for_mobile,
                "ForPowerSuite": True,
            }
        )
    return rows


def property_definitions(council: Council, service: Service) -> list[dict[str, Any]]:
    """The ``ServiceProperty`` rows: what a worksheet of the service can carry."""
    rows = []
    for order, property_id in enumerate(service.properties, start=1):
        definition = council.properties[property_id]
        rows.append(
            {
                "ServicePropertyID": definition.id,
                "ServicePropertyName": definition.name,
                "ServicePropertyDescription": definition.name,
                "ServicePropertyTypeID": _PROPERTY_TYPES[definition.type],
                "ServicePropertyTypeName": definition.type,
                "ForMobile": definition.for_mobile,
                "ForPowersuite": True,
                "IsCreateCompulsory": definition.id in service.compulsory,
                "ServicePropertyOrder": order,
                "AuthorityID": council.authority_id,
                "AuthorityName": council.authority_name,
            }
        )
    return rows


def short_address(site: Site, street: Street) -> str:
    """The address in one line; the part before the first comma is the name, and is often empty."""
    return ", ".join([site.name, *([site.number] if site.number else []), street.name, street.postcode])


def address(council: Council, site: Site) -> dict[str, Any]:
    """The members that a ``Site`` and an ``Address`` share."""
    street = council.streets[site.street]
    return {
        "SiteName": site.name,
        "SiteShortAddress": short_address(site, street),
        "SiteAddressName": site.name,
        "SiteAddressNumber": site.number,
        "SiteAddress1": street.name,
        "SiteTown": street.town,
        "SiteCountry": "England",
        "SitePostCode": street.postcode,
        "SiteLatitude": site.latitude,
        "SiteLongitude": site.longitude,
        "SiteNorthing": site.northing,
        "SiteEasting": site.easting,
    }
