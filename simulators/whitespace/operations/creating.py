"""CreateWorksheet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulators.whitespace.council import Service
from simulators.whitespace.errors import Refusal, invalid, not_in_matrix
from simulators.whitespace.inputs import Input
from simulators.whitespace.operations.registry import operation
from simulators.whitespace.powersuite import PowerSuite
from simulators.whitespace.worksheets import Item, Location, Property

_TEXTS = (
    "WorksheetMessage",
    "WorkLocationAddress",
    "WorkLocationName",
    "WorkLocationLatitude",
    "WorkLocationLongitude",
    "WorkLocationNorthing",
    "WorkLocationEasting",
)


@operation("CreateWorksheet")
def create_worksheet(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """A worksheet is created when everything about it is right; otherwise nothing is."""
    service = suite.council.service(given.needed_integer("ServiceId"))
    place = location(suite, given)
    members: dict[str, Any] = {name: given.text(name) for name in _TEXTS if given.text(name)}
    members |= {name: given.date(name) for name in ("WorksheetStartDate", "WorksheetDueDate")}
    items = _items(given, service)
    properties = service_properties(given, service)
    _compulsory(suite, service, properties)
    given.integer("RoleId")
    slot_id = given.integer("AdHocRoundInstanceId") or 0
    reference = given.text("WorksheetReference")
    suite.worksheets.refuse_duplicate(service.id, reference, place)
    _free_slot(suite, slot_id)

    sheet = suite.worksheets.create(service.id, service.name, reference, place, suite.user)
    sheet.members = members
    sheet.ad_hoc_round_instance_id = slot_id
    sheet.items = [Item(suite.worksheets.next_row_id(), item_id, quantity) for item_id, quantity in items]
    sheet.properties = properties
    # Two elements, the second empty: with one, a known client of the vendor dies.
    return {"WorksheetResponse": [str(sheet.id), ""]}


def location(suite: PowerSuite, given: Input) -> Location:
    """Where the work is: the first locator given of Uprn, AccountSiteId and Usrn; each one given must exist."""
    uprn, usrn = given.text("Uprn").strip(), given.text("Usrn").strip()
    account_site_id = given.integer("AccountSiteId")
    if not (uprn or usrn or account_site_id):
        raise invalid("Uprn, AccountSiteId or Usrn")
    street = suite.council.street_by_usrn(usrn) if usrn else None
    site = suite.council.site_by_account(account_site_id) if account_site_id else None
    if uprn:
        site = suite.council.site_by_uprn(uprn)
    if site is not None:
        return Location(site.uprn, site.account_site_id, suite.council.streets[site.street].usrn)
    return Location(usrn=street.usrn if street else "")


def _items(given: Input, service: Service) -> list[tuple[int, Decimal]]:
    rows = []
    for row in given.rows("ServiceItemInputs"):
        item_id = row.needed_integer("ServiceItemId")
        quantity = row.quantity("ServiceItemQuantity")
        if item_id not in service.items:
            raise not_in_matrix(f"Service item not valid for service: {item_id}")
        # An absent decimal is 0 for .NET.
        rows.append((item_id, Decimal(0) if quantity is None else quantity))
    return rows


def service_properties(given: Input, service: Service) -> list[Property]:
    """The Service Properties given, in order; the same one may come twice."""
    rows = []
    for row in given.rows("ServicePropertyInputs"):
        property_id = row.needed_integer("ServicePropertyId")
        if property_id not in service.properties:
            raise not_in_matrix(f"Service property not valid for service: {property_id}")
        rows.append(Property(property_id, row.text("ServicePropertyValue")))
    return rows


def _compulsory(suite: PowerSuite, service: Service, properties: list[Property]) -> None:
    """The flag IsCreateCompulsory is FACT; that a create without one is refused is ASSUMED."""
    present = {row.service_property_id for row in properties if row.value.strip()}
    for property_id in service.compulsory:
        if property_id not in present:
            name = suite.council.properties[property_id].name
            raise not_in_matrix(f"Service property is compulsory: {property_id} {name}")


def _free_slot(suite: PowerSuite, slot_id: int) -> None:
    """The slot exists and has room. Its service and a day in the past are not looked at (ASSUMED)."""
    if not slot_id:
        return
    series = next((series for series in suite.council.slots if series.holds(slot_id)), None)
    if series is None:
        raise not_in_matrix(f"Ad hoc round instance not found: {slot_id}")
    if suite.worksheets.booked(slot_id) >= series.capacity:
        raise Refusal("no_slots")
