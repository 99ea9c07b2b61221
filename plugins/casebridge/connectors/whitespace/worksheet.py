"""A Worksheet as GetFullWorksheetDetails gives it, read into a Record."""

from __future__ import annotations

from collections.abc import Mapping

from casebridge.connectors.whitespace.fields import WORKSHEET
from casebridge.core.record import Record
from casebridge.transport.soap import Element

NO_DATE = "0001-01-01"


def read_worksheet(details: Element, members: Mapping[str, tuple[str, ...]], url: str) -> Record:
    """The Record in a `FullWSDetails` element.

    Args:
        details: The element that holds Worksheet, histories, notes, items and properties.
        members: The ASSUMED wire names by our names.
        url: Address of the Worksheet's page, or "".
    """
    worksheet = details.child("Worksheet") or details
    fields: dict[str, str] = {
        name: worksheet.value(*wire_names) for name, wire_names in {**members, **WORKSHEET}.items()
    }
    fields |= _notes(details) | _history(details)
    items = details.descendants("WorksheetServiceItem")
    fields["items"] = "\n".join(_item_line(item) for item in items)
    keyed = {
        "service_property": {
            row.value("ServicePropertyID", "ServicePropertyId"): row.value("ServicePropertyValue")
            for row in details.descendants("WorksheetServiceProperty")
        },
        "service_item_quantity": _by_item(items, "WorksheetServiceItemQuantity"),
        "service_item_charge": _by_item(items, "WorksheetServiceItemCharge"),
        "service_item_name": _by_item(items, "ServiceItemName"),
    }
    return Record(kind="worksheet", id=fields["worksheet_id"], fields=fields, keyed=keyed, url=url)


def _notes(details: Element) -> dict[str, str]:
    notes = sorted(
        (row.value("WorksheetNoteDate"), row.value("WorksheetNoteText"))
        for row in details.descendants("WorksheetNote")
        if row.value("WorksheetNoteText")
    )
    return {
        "notes": "\n".join(f"{_minute(date)} {text}".strip() for date, text in notes),
        "latest_note": notes[-1][1] if notes else "",
    }


def _history(details: Element) -> dict[str, str]:
    events = sorted(
        (row.value("WorkflowEventDate"), row.value("WorkflowEventFriendlyName", "WorkflowEventName"))
        for row in details.descendants("WorkflowHistory")
    )
    newest_date, newest = events[-1] if events else ("", "")
    read = {
        "history": "\n".join(f"{_minute(date)} {name}".strip() for date, name in events),
        "last_event_date": newest_date,
    }
    return read | ({"last_event": newest} if newest else {})


def _item_line(item: Element) -> str:
    quantity = item.value("WorksheetServiceItemQuantity")
    whole = quantity.rstrip("0").rstrip(".") if "." in quantity else quantity
    return f"{whole} x {item.value('ServiceItemName', 'ServiceItemDescription', 'ServiceItemID')}"


def _by_item(items: list[Element], wire_name: str) -> dict[str, str]:
    return {item.value("ServiceItemID", "ServiceItemId"): item.value(wire_name) for item in items}


def _minute(date: str) -> str:
    return "" if date.startswith(NO_DATE) else date.replace("T", " ")[:16]
