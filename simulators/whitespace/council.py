"""The council's own set-up in PowerSuite, read from sample_data.yaml: services, sites, rounds and slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from simulators.shown import plain
from simulators.whitespace.errors import Refusal, not_in_matrix

_SAMPLE = Path(__file__).parent / "sample_data.yaml"


@dataclass(frozen=True)
class ServiceProperty:
    """The definition of a Service Property."""

    id: int
    name: str
    type: str
    for_mobile: bool = False


@dataclass(frozen=True)
class ServiceItem:
    """A container or thing that a service deals with."""

    id: int
    name: str
    description: str
    charge: Decimal = Decimal(0)


@dataclass(frozen=True)
class Service:
    """A service and what is valid for it. ``outcome``: the property where the crew's outcome goes."""

    id: int
    name: str
    items: list[int]
    properties: list[int] = field(default_factory=list)
    compulsory: list[int] = field(default_factory=list)
    outcome: int | None = None
    commercial: bool = False
    worksheets: bool = True


@dataclass(frozen=True)
class WorkflowEvent:
    """What ProgressWorkflow can raise."""

    name: str
    friendly: str
    state: str
    status: str | None = None


@dataclass(frozen=True)
class Street:
    """A street."""

    id: int
    usrn: str
    name: str
    town: str
    postcode: str


@dataclass(frozen=True)
class Site:
    """A property and its account site."""

    uprn: str
    site_id: int
    account_site_id: int
    street: int
    latitude: str
    longitude: str
    easting: str
    northing: str
    number: str = ""
    name: str = ""
    parent: int = 0
    commercial: bool = False


@dataclass(frozen=True)
class Round:
    """A round and its days."""

    id: int
    code: str
    name: str
    schedule: str
    first: date
    every_days: int

    def days(self, start: date, end: date) -> Iterator[date]:
        """The days of this round from start to end, both included."""
        skipped = max(0, -((self.first - start).days // self.every_days))
        day = self.first + timedelta(days=skipped * self.every_days)
        while day < start:
            day += timedelta(days=self.every_days)
        while day <= end:
            yield day
            day += timedelta(days=self.every_days)

    @property
    def label(self) -> str:
        """How a site's round schedule is written: code and days."""
        return f"{self.code} {self.schedule}"


@dataclass
class SiteService:
    """A container at a site. UpdateSiteServiceItem changes it."""

    id: int
    uprn: str
    item: int
    service: int
    rounds: list[int]
    quantity: Decimal = Decimal(1)
    valid_from: datetime = datetime(2024, 1, 1)  # noqa: DTZ001
    valid_to: datetime | None = None
    charge: Decimal = Decimal(0)
    charge_type: int = 1
    commercial: bool = False
    extra_details: list[dict[str, str]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """The whole of it as JSON, for the admin side."""
        shown: dict[str, Any] = plain(vars(self))
        return {"site_service_id": shown.pop("id"), **shown}


@dataclass(frozen=True)
class SlotSeries:
    """Bookable days of a service. Ids are counted from the first, so an id means the same day for ever."""

    service: int
    first_id: int
    first: date
    every_days: int
    capacity: int

    #: How far ids reach: a hundred years of weeks would run into the next series.
    COUNT = 4000

    def holds(self, slot_id: int) -> bool:
        """Whether that id is one of this series."""
        return self.first_id <= slot_id < self.first_id + self.COUNT

    def days(self, start: date, end: date) -> Iterator[tuple[int, date]]:
        """Ids and days from start to end, both included."""
        index = max(0, -((self.first - start).days // self.every_days))
        while index < self.COUNT:
            day = self.first + timedelta(days=index * self.every_days)
            if day > end:
                return
            if day >= start:
                yield self.first_id + index, day
            index += 1


@dataclass(frozen=True)
class Sighting:
    """An in-cab log or an incident, so many days before today."""

    id: int
    type: int | str
    round: str
    days_ago: int
    time: str
    uprn: str
    usrn: str
    reason: str = ""
    notes: str = ""

    def moment(self, today: date) -> datetime:
        """When it was, in wall time."""
        return datetime.combine(today - timedelta(days=self.days_ago), time.fromisoformat(self.time))


class Council:
    """The set-up. Look-ups that find nothing refuse as the vendor does."""

    def __init__(self) -> None:
        data = yaml.load(_SAMPLE.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        self.authority_id: int = data["authority"]["id"]
        self.authority_name: str = data["authority"]["name"]
        self.properties: dict[int, ServiceProperty] = _by_id(ServiceProperty, data["service_properties"])
        self.items: dict[int, ServiceItem] = _by_id(ServiceItem, data["service_items"])
        self.services: dict[int, Service] = _by_id(Service, data["services"])
        self.events = {row["name"]: WorkflowEvent(**row) for row in data["workflow_events"]}
        self.streets: dict[int, Street] = _by_id(Street, data["streets"])
        self.sites = [Site(**row) for row in data["sites"]]
        self.rounds: dict[int, Round] = _by_id(Round, data["rounds"])
        self.site_services: dict[int, SiteService] = _by_id(SiteService, data["site_services"])
        self.slots = [SlotSeries(**row) for row in data["slots"]]
        self.in_cab_logs = [Sighting(**row) for row in data["in_cab_logs"]]
        self.incidents = [Sighting(**row) for row in data["incidents"]]

    def service(self, service_id: int) -> Service:
        """The service, if worksheets can be raised for it."""
        service = self.services.get(service_id)
        if service is None or not service.worksheets:
            raise not_in_matrix("Service not found")
        return service

    def site_by_uprn(self, uprn: str) -> Site:
        """The site with that UPRN, however many zeros stand before it."""
        wanted = uprn.strip().lstrip("0")
        for site in self.sites:
            if site.uprn == wanted:
                return site
        raise Refusal("no_results")

    def site_by_account(self, account_site_id: int) -> Site:
        """The site of that account site."""
        for site in self.sites:
            if site.account_site_id == account_site_id:
                return site
        raise Refusal("no_results")

    def site_by_id(self, site_id: int) -> Site:
        """The site with that id."""
        for site in self.sites:
            if site.site_id == site_id:
                return site
        raise Refusal("no_results")

    def street_by_usrn(self, usrn: str) -> Street:
        """The street with that USRN."""
        wanted = usrn.strip().lstrip("0")
        for street in self.streets.values():
            if street.usrn == wanted:
                return street
        raise Refusal("no_results")


def _by_id(kind: Any, rows: list[dict[str, Any]]) -> dict[int, Any]:
    found = {}
    for row in rows:
        values = dict(row)
        if "charge" in values:
            values["charge"] = Decimal(values["charge"])
        if "valid_to" in values:
            values["valid_to"] = datetime.combine(values["valid_to"], time())
        found[values["id"]] = kind(**values)
    return found
