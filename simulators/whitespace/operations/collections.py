"""Collections: the containers of a site, the days they are emptied, the days that can be booked, what crews logged."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from simulators.whitespace import rows
from simulators.whitespace.council import Round, SiteService
from simulators.whitespace.errors import Refusal, invalid
from simulators.whitespace.inputs import Input
from simulators.whitespace.local_time import britain
from simulators.whitespace.operations.reading import some
from simulators.whitespace.operations.registry import operation
from simulators.whitespace.operations.sites import asked_site
from simulators.whitespace.powersuite import PowerSuite

#: How far ahead a question without an end looks (ASSUMED), and how far any question looks at most.
_OPEN_END = timedelta(days=28)
_AT_MOST = timedelta(days=400)
#: Where the calendar of the simulator ends, so that adding days to a caller's date cannot overflow.
_LAST_YEAR = 9990


def _period(start: datetime, end: datetime | None, open_end: timedelta) -> tuple[date, date]:
    """The days asked for, both included."""
    if start.year > _LAST_YEAR:
        raise Refusal("no_results")
    first = start.date()
    return first, min(end.date() if end else first + open_end, first + _AT_MOST)


def _next_day(suite: PowerSuite, round_ids: list[int]) -> datetime | None:
    """When one of the rounds comes next, today included."""
    today = suite.worksheets.local_now().date()
    days = [next(suite.council.rounds[one].days(today, today + _AT_MOST), None) for one in round_ids]
    known = [day for day in days if day]
    return datetime.combine(min(known), time()) if known else None


def _site_services(suite: PowerSuite, given: Input) -> list[SiteService]:
    site, commercial = asked_site(suite, given), given.flag("IncludeCommercial")
    return [
        one
        for one in suite.council.site_services.values()
        if one.uprn == site.uprn and (commercial or not one.commercial)
    ]


def _site_service_row(suite: PowerSuite, one: SiteService) -> dict[str, Any]:
    council = suite.council
    site, item, service = council.site_by_uprn(one.uprn), council.items[one.item], council.services[one.service]
    return {
        "SiteServiceID": one.id,
        "SiteID": site.site_id,
        "AccountSiteID": site.account_site_id,
        "ServiceItemID": item.id,
        "ServiceItemName": item.name,
        "ServiceItemDescription": item.description,
        "SiteServiceValidFrom": one.valid_from,
        "SiteServiceValidTo": one.valid_to,
        "ServiceID": service.id,
        "ServiceName": service.name,
        "ServiceDescription": service.name,
        "ContractID": 1,
        "ContractName": "Household Collections",
        "Quantity": one.quantity,
        "Charge": one.charge,
        "ChargeTypeID": one.charge_type,
        "ChargeTypeName": rows.CHARGE_TYPES.get(one.charge_type),
        "PerCollection": True,
        "RoundSchedule": ", ".join(council.rounds[round_id].label for round_id in one.rounds) or "N/A",
        "NextCollectionDate": _next_day(suite, one.rounds),
    }


@operation("GetSiteCollections")
def site_collections(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The containers of one site."""
    return {"SiteServices": some([_site_service_row(suite, one) for one in _site_services(suite, given)])}


@operation("GetFullSiteCollections")
def full_site_collections(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The containers of one site, each with its extra details."""
    found = [
        {
            "SiteService": _site_service_row(suite, one),
            "ExtraDetails": one.extra_details,
        }
        for one in _site_services(suite, given)
    ]
    return {"SiteServices": some(found)}


def _collections(suite: PowerSuite, given: Input, end: datetime | None) -> dict[str, Any]:
    site = asked_site(suite, given)
    first, last = _period(given.needed_date("NextCollectionFromDate"), end, _OPEN_END)
    planned: dict[tuple[date, int], tuple[Round, str]] = {}
    for one in suite.council.site_services.values():
        if one.uprn == site.uprn:
            service = suite.council.services[one.service]
            for collecting in (suite.council.rounds[round_id] for round_id in one.rounds):
                planned |= {(day, collecting.id): (collecting, service.name) for day in collecting.days(first, last)}
    found = [
        {
            "Service": service,
            "Round": collecting.code,
            "Schedule": collecting.schedule,
            "Day": f"{day:%A}",
            "Date": britain(datetime.combine(day, time())),
        }
        for (day, _), (collecting, service) in sorted(planned.items(), key=lambda entry: entry[0])
    ]
    return {"Collections": some(found)}


@operation("GetCollectionByUprnAndDate")
def collections_from(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The collections at one site from a day on."""
    return _collections(suite, given, None)


@operation("GetCollectionByUprnAndDatePlus")
def collections_between(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The collections at one site from a day to a day."""
    return _collections(suite, given, given.date("NextCollectionToDate"))


@operation("GetCollectionSlots")
def slots(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The days that can be booked for a service; full ones too, with no slot free."""
    suite.council.site_by_uprn(given.text("Uprn"))
    service_id = given.needed_integer("ServiceId")
    start = given.date("NextCollectionFromDate") or suite.worksheets.local_now()
    first, last = _period(start, given.date("NextCollectionToDate"), _AT_MOST)
    most = given.integer("ListCount")
    found = []
    for series in suite.council.slots:
        if series.service == service_id:
            for slot_id, day in series.days(first, last):
                taken = suite.worksheets.booked(slot_id)
                found.append(
                    {
                        "AdHocRoundInstanceID": slot_id,
                        "AdHocRoundInstanceDate": datetime.combine(day, time()),
                        "SlotsFree": series.capacity - taken,
                        "SlotsTaken": taken,
                    }
                )
    return {"ApiAdHocRoundInstances": some(found[:most] if most and most > 0 else found)}


@operation("GetInCabLogs")
def in_cab_logs(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """What crews logged at a property or in a street since a date; of the types asked for, if any."""
    uprn, usrn = given.text("Uprn").strip(), given.text("Usrn").strip()
    if not (uprn or usrn):
        raise invalid("Uprn or Usrn")
    since = given.date("LogFromDate")
    types = {text.strip() for text in given.texts("LogTypeID")} - {""}
    today = suite.worksheets.local_now().date()
    return {
        "InCabLogs": some(
            [
                {
                    "LogID": log.id,
                    "Reason": log.reason,
                    "RoundCode": log.round,
                    "LogDate": log.moment(today),
                    "Uprn": log.uprn,
                    "Usrn": log.usrn,
                }
                for log in suite.council.in_cab_logs
                if (not uprn or log.uprn == uprn)
                and (not usrn or log.usrn == usrn)
                and (since is None or log.moment(today) >= since)
                and (not types or str(log.type) in types)
            ]
        )
    }


@operation("GetSiteIncidents")
def incidents(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The incidents at one site. The members of a row are ASSUMED."""
    site = asked_site(suite, given)
    today = suite.worksheets.local_now().date()
    return {
        "RoundIncidents": some(
            [
                {
                    "RoundIncidentID": incident.id,
                    "RoundIncidentDate": incident.moment(today),
                    "RoundIncidentTypeName": incident.type,
                    "RoundIncidentNotes": incident.notes,
                    "RoundCode": incident.round,
                    "Uprn": incident.uprn,
                    "Usrn": incident.usrn,
                }
                for incident in suite.council.incidents
                if incident.uprn == site.uprn
            ]
        )
    }


def _asked_site_service(suite: PowerSuite, given: Input) -> SiteService:
    found = suite.council.site_services.get(given.needed_integer("SiteServiceId"))
    if found is None:
        raise Refusal("no_results")
    return found


@operation("GetSiteServiceItemRoundSchedules")
def round_schedules(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The rounds that empty one container. The members of a row are ASSUMED."""
    one = _asked_site_service(suite, given)
    return {
        "RRASSContractRounds": some(
            [
                {
                    "SiteServiceID": one.id,
                    "ContractRoundID": collecting.id,
                    "RoundCode": collecting.code,
                    "RoundName": collecting.name,
                    "ScheduleName": collecting.schedule,
                    "RoundSchedule": collecting.label,
                    "NextCollectionDate": _next_day(suite, [collecting.id]),
                }
                for collecting in (suite.council.rounds[round_id] for round_id in one.rounds)
            ]
        )
    }


@operation("UpdateSiteServiceItem")
def update_site_service(suite: PowerSuite, given: Input) -> dict[str, Any]:
    """The container is changed where something is given. That it is named by SiteServiceId is ASSUMED."""
    one = _asked_site_service(suite, given)
    valid_from, valid_to = given.date("ServiceItemValidFrom"), given.date("ServiceItemValidTo")
    quantity, charge_type = given.quantity("ServiceItemQuantity"), given.integer("ChargeTypeId")
    details = []
    for row in given.rows("ExtraDetailInputs"):
        details.append(
            {
                "ServiceItemPropertyId": str(row.needed_integer("ServiceItemPropertyId")),
                "ServiceItemPropertyName": row.text("ServiceItemPropertyName"),
                "ServiceItemPropertyValue": row.text("ServiceItemPropertyValue"),
            }
        )
    one.valid_from = valid_from or one.valid_from
    one.valid_to = valid_to or one.valid_to
    one.quantity = one.quantity if quantity is None else quantity
    one.charge_type = charge_type or one.charge_type
    one.extra_details += details
    return {}
