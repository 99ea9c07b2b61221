"""The worksheets that exist, and what can happen to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from simulators.clock import Clock
from simulators.shown import plain
from simulators.whitespace.errors import Refusal
from simulators.whitespace.local_time import ZONE
from simulators.whitespace.settings import Settings

STATUS_IDS = {"Open": 1, "Complete": 2, "Cancelled": 3}
_FIRST_ID = 242259


@dataclass
class Item:
    """One row of a worksheet's service items."""

    id: int
    service_item_id: int
    quantity: Decimal


@dataclass
class Property:
    """One row of a worksheet's Service Properties; the same property may stand in several rows."""

    service_property_id: int
    value: str


@dataclass(frozen=True)
class Note:
    """A note on a worksheet."""

    id: int
    date: datetime
    text: str
    by: str


@dataclass(frozen=True)
class Event:
    """One row of a worksheet's workflow history."""

    id: int
    date: datetime
    name: str
    friendly: str
    state: str
    by: str


@dataclass(frozen=True)
class Location:
    """Where the work is: a site or a street."""

    uprn: str = ""
    account_site_id: int = 0
    usrn: str = ""


@dataclass
class Worksheet:
    """A worksheet. Dates are UK wall time; ``created_at`` is the moment itself, in UTC."""

    id: int
    reference: str
    service_id: int
    subject: str
    location: Location
    created_at: datetime
    created: datetime
    created_by: str
    status: str = "Open"
    state: str = "New"
    ad_hoc_round_instance_id: int = 0
    items: list[Item] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)
    #: Members by their names on the wire (WorksheetMessage, WorkLocationName, WorksheetDueDate, ...).
    members: dict[str, Any] = field(default_factory=dict)

    @property
    def guid(self) -> str:
        """An id that never changes, also over a restart."""
        return str(UUID(int=self.id))

    def set_property(self, property_id: int, value: str) -> None:
        """The property has that value: its first row is changed, or a row is added."""
        for row in self.properties:
            if row.service_property_id == property_id:
                row.value = value
                return
        self.properties.append(Property(property_id, value))

    def shown(self) -> dict[str, Any]:
        """The whole of it as JSON, for the admin side."""
        shown = asdict(self)
        shown["created_at"] = self.created_at.isoformat().replace("+00:00", "Z")
        shown = {"worksheet_id": shown.pop("id"), **shown.pop("location"), **shown}
        told: dict[str, Any] = plain(shown)
        return told


class Worksheets:
    """All worksheets, in order of creation."""

    def __init__(self, clock: Clock, settings: Callable[[], Settings]) -> None:
        self._clock = clock
        self._settings = settings
        self._by_id: dict[int, Worksheet] = {}
        #: Every create asks for its reference: without an index, the ten thousandth would be slow.
        self._by_reference: defaultdict[str, list[Worksheet]] = defaultdict(list)
        self._row_ids = 0

    def __iter__(self) -> Iterator[Worksheet]:
        return iter(self._by_id.values())

    def clear(self) -> None:
        """There are no worksheets."""
        self._by_id.clear()
        self._by_reference.clear()
        self._row_ids = 0

    def next_row_id(self) -> int:
        """An id for a row of items, notes or history."""
        self._row_ids += 1
        return self._row_ids

    def local_now(self) -> datetime:
        """UK wall time, to the second."""
        return self._clock.local(ZONE).replace(microsecond=0)

    def get(self, worksheet_id: int) -> Worksheet:
        """The worksheet with that id."""
        if worksheet_id not in self._by_id:
            raise Refusal("no_results")
        return self._by_id[worksheet_id]

    def by_reference(self, reference: str) -> list[Worksheet]:
        """The worksheets whose reference is exactly that one and that can be found by it yet."""
        visible = self._clock.now() - timedelta(seconds=self._settings().visibility_lag_s)
        found = [sheet for sheet in self._by_reference.get(reference, []) if sheet.created_at <= visible]
        if not found or not reference:
            raise Refusal("no_results")
        return found

    def create(self, service_id: int, subject: str, reference: str, location: Location, by: str) -> Worksheet:
        """A new open worksheet exists, with the first row of its history."""
        worksheet = Worksheet(
            id=_FIRST_ID + len(self._by_id),
            reference=reference,
            service_id=service_id,
            subject=subject,
            location=location,
            created_at=self._clock.now(),
            created=self.local_now(),
            created_by=by,
        )
        self._by_id[worksheet.id] = worksheet
        self._by_reference[reference].append(worksheet)
        self.record(worksheet, "Create", "Worksheet created", "New", by)
        return worksheet

    def rename(self, worksheet: Worksheet, reference: str) -> None:
        """The worksheet has that reference."""
        self._by_reference[worksheet.reference].remove(worksheet)
        worksheet.reference = reference
        self._by_reference[reference].append(worksheet)
        self._by_reference[reference].sort(key=lambda sheet: sheet.id)

    def refuse_duplicate(self, service_id: int, reference: str, location: Location) -> None:
        """Nothing happens, unless the 30-minute rule forbids this create.

        Raises:
            Refusal: A like worksheet was accepted too short a time ago.
        """
        rule = self._settings().duplicate_rule
        if not rule.window_s or not (reference or rule.empty_reference_matches):
            return
        wanted = {"service_id": service_id, "reference": reference, "site": location}
        for sheet in self._by_reference.get(reference, []) if "reference" in rule.key else self:
            held = {"service_id": sheet.service_id, "reference": sheet.reference, "site": sheet.location}
            if any(held[part] != wanted[part] for part in rule.key):
                continue
            if sheet.status == "Cancelled" and not rule.cancelled_counts:
                continue
            age = (self._clock.now() - sheet.created_at).total_seconds()
            if age < rule.window_s or (age == rule.window_s and rule.boundary == "inclusive"):
                minutes = f"{rule.window_s / 60:g}"
                raise Refusal("duplicate", f"this service was requested for this reference within {minutes} minutes")

    def booked(self, slot_id: int) -> int:
        """How many worksheets hold that slot; a cancelled one has released it."""
        return sum(sheet.ad_hoc_round_instance_id == slot_id and sheet.status != "Cancelled" for sheet in self)

    def record(self, worksheet: Worksheet, name: str, friendly: str, state: str, by: str) -> None:
        """The worksheet's history has one more row and its workflow is in that state."""
        worksheet.state = state
        worksheet.history.append(Event(self.next_row_id(), self.local_now(), name, friendly, state, by))

    def note(self, worksheet: Worksheet, text: str, by: str) -> None:
        """The worksheet has one more note."""
        worksheet.notes.append(Note(self.next_row_id(), self.local_now(), text, by))

    def close(self, worksheet: Worksheet, status: str, at: datetime | None = None) -> None:
        """The worksheet is complete or cancelled."""
        worksheet.status = status
        worksheet.members["WorksheetCompletedDate"] = at or self.local_now()
