"""Sites, the matrix of services, collections, slots and logs."""

from __future__ import annotations

import pytest

from tests.simulators.client import Whitespace


@pytest.fixture(autouse=True)
def july(whitespace: Whitespace) -> None:
    whitespace.now("2026-07-01T09:00:00Z")


def test_services_are_commercial_only_when_asked_for(whitespace: Whitespace) -> None:
    household = whitespace.call("GetServices", "<serviceInput/>").all("ServiceID")
    inner = "<serviceInput><IncludeCommercial>1</IncludeCommercial></serviceInput>"
    assert set(whitespace.call("GetServices", inner).all("ServiceID")) - set(household) == {"401"}


def test_the_definitions_of_a_service_say_which_properties_are_compulsory(whitespace: Whitespace) -> None:
    inner = "<servicepropertyInput><ServiceId>280</ServiceId></servicepropertyInput>"
    answer = whitespace.call("GetWorksheetExtraInfoFields", inner)
    flags = dict(zip(answer.all("ServicePropertyID"), answer.all("IsCreateCompulsory"), strict=True))
    assert flags == {"59": "false", "61": "true", "79": "false", "80": "false", "69": "false"}


def test_items_are_those_valid_for_the_service(whitespace: Whitespace) -> None:
    inner = "<serviceItemInput><ServiceId>285</ServiceId></serviceItemInput>"
    assert whitespace.call("GetServiceItems", inner).all("ServiceItemID") == ["32", "33"]
    inner = "<worksheetServiceItemInput><ServiceId>285</ServiceId><Uprn>10001</Uprn></worksheetServiceItemInput>"
    assert whitespace.call("GetWorksheetServiceItems", inner).all("WorksheetServiceItemID") == ["32", "33"]


def test_a_site_is_inside_its_account_site(whitespace: Whitespace) -> None:
    answer = whitespace.call("GetSiteInfo", "<siteInfoInput><Uprn>10004</Uprn></siteInfoInput>")
    outer = next(answer.root.iter("{*}GetSiteInfoResult")).find("{*}Site")
    assert (outer.findtext("{*}AccountSiteID"), outer.findtext("{*}Site/{*}SiteParentID")) == ("4", "1006")
    assert outer.findtext("{*}Site/{*}SiteShortAddress") == "The Old Granary, Flat 1, MILL POND ROAD, LW1 3LD"
    answer = whitespace.call("GetSiteInfo", "<siteInfoInput><Uprn>10001</Uprn></siteInfoInput>")
    assert answer.one("SiteShortAddress") == ", 1, ORCHARD WALK, LW1 3NP"


@pytest.mark.parametrize("postcode", ["LW1 3NP", "lw13np"])
def test_streets_are_found_by_postcode(whitespace: Whitespace, postcode: str) -> None:
    inner = f"<getStreetInput><streetName/><townName/><postcode>{postcode}</postcode></getStreetInput>"
    assert whitespace.call("GetStreets", inner).all("Usrn") == ["20400321"]


def test_addresses_are_commercial_only_when_asked_for(whitespace: Whitespace) -> None:
    inner = "<getAddressInput><Postcode>LW2 7QA</Postcode>{}</getAddressInput>"
    assert whitespace.call("GetAddresses", inner.format("")).all("AccountSiteUprn") == ["100020194783"]
    both = whitespace.call("GetAddresses", inner.format("<IncludeCommercialSites>true</IncludeCommercialSites>"))
    assert both.all("AccountSiteUprn") == ["100020194783", "10090"]


def test_next_collections_follow_the_rounds_and_the_clock(whitespace: Whitespace) -> None:
    inner = "<siteserviceInput><Uprn>10001</Uprn></siteserviceInput>"
    answer = whitespace.call("GetSiteCollections", inner)
    assert answer.all("NextCollectionDate") == ["2026-07-07T00:00:00", "2026-07-13T00:00:00", "2026-07-08T00:00:00"]
    assert answer.all("SiteServiceValidTo") == ["0001-01-01T00:00:00", "0001-01-01T00:00:00", "2030-03-31T00:00:00"]
    whitespace.now("2026-07-07T22:59:00Z")
    assert whitespace.call("GetSiteCollections", inner).all("NextCollectionDate")[0] == "2026-07-07T00:00:00"
    whitespace.now("2026-07-07T23:00:00Z")  # midnight, British summer time
    assert whitespace.call("GetSiteCollections", inner).all("NextCollectionDate")[0] == "2026-07-14T00:00:00"


@pytest.mark.parametrize("date", ["2026-07-06", "2026-07-06T00:00:00", "06/07/2026"])
def test_collections_between_two_days_are_in_order_and_in_the_british_shape(whitespace: Whitespace, date: str) -> None:
    inner = (
        f"<getCollectionByUprnAndDatePlusInput><Uprn>10001</Uprn><NextCollectionFromDate>{date}</NextCollectionFromDate>"
        "<NextCollectionToDate>2026-07-13</NextCollectionToDate></getCollectionByUprnAndDatePlusInput>"
    )
    answer = whitespace.call("GetCollectionByUprnAndDatePlus", inner)
    assert answer.all("Date") == ["07/07/2026 00:00:00", "08/07/2026 00:00:00", "13/07/2026 00:00:00"]
    assert answer.all("Round") == ["FOOD-2", "GARD-5", "PLGL-8"]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("9999-12-31", "", 6),
        ("0001-01-02", "9999-12-31", 6),
        ("2026-07-06", "2026-07-01", 6),
        ("", "", 1),
        ("x", "", 1),
    ],
)
def test_days_at_the_edge_of_the_calendar_are_a_business_error(
    whitespace: Whitespace, start: str, end: str, code: int
) -> None:
    inner = (
        f"<getCollectionByUprnAndDatePlusInput><Uprn>10001</Uprn><NextCollectionFromDate>{start}</NextCollectionFromDate>"
        f"<NextCollectionToDate>{end}</NextCollectionToDate></getCollectionByUprnAndDatePlusInput>"
    )
    answer = whitespace.call("GetCollectionByUprnAndDatePlus", inner)
    assert (answer.status, answer.code) == (200, code)


def test_a_booking_takes_a_slot(whitespace: Whitespace) -> None:
    inner = (
        "<collectionSlotsInputInput><Uprn>10001</Uprn><ServiceId>78</ServiceId>"
        "<NextCollectionFromDate>2026-06-27</NextCollectionFromDate>"
        "<NextCollectionToDate>2026-08-27</NextCollectionToDate><ListCount>2</ListCount></collectionSlotsInputInput>"
    )
    answer = whitespace.call("GetCollectionSlots", inner)
    assert answer.all("AdHocRoundInstanceID") == ["304", "305"]
    assert answer.all("AdHocRoundInstanceDate") == ["2026-07-03T00:00:00", "2026-07-10T00:00:00"]
    whitespace.create(service=78, more="<AdHocRoundInstanceId>304</AdHocRoundInstanceId>")
    answer = whitespace.call("GetCollectionSlots", inner)
    assert (answer.all("SlotsFree"), answer.all("SlotsTaken")) == (["3", "4"], ["1", "0"])


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("<Uprn>10001</Uprn>", ["9001"]),
        ("<Usrn>20400321</Usrn>", ["9001", "9002"]),
        ("<Usrn>20400321</Usrn><LogFromDate>2026-06-29T00:00:00</LogFromDate>", ["9002"]),
        ("<Usrn>20400321</Usrn><LogTypeID><int>1</int></LogTypeID>", ["9001"]),
        ("<Uprn>10002</Uprn>", []),
    ],
)
def test_in_cab_logs_are_of_a_property_or_a_street(whitespace: Whitespace, asked: str, ids: list[str]) -> None:
    answer = whitespace.call("GetInCabLogs", f"<inCabLogInput>{asked}</inCabLogInput>")
    assert (answer.all("LogID"), answer.code) == (ids, 0 if ids else 6)


def test_a_container_can_be_changed(whitespace: Whitespace) -> None:
    inner = (
        "<SiteServiceId>2001</SiteServiceId><ServiceItemValidTo>2026-12-31</ServiceItemValidTo>"
        "<ServiceItemQuantity>2</ServiceItemQuantity><ExtraDetailInputs><SiteCollectionExtraDetailInput>"
        "<ServiceItemPropertyId>5</ServiceItemPropertyId><ServiceItemPropertyName>Lid</ServiceItemPropertyName>"
        "<ServiceItemPropertyValue>Blue</ServiceItemPropertyValue></SiteCollectionExtraDetailInput></ExtraDetailInputs>"
    )
    inner = f"<updateSiteServiceItemInput>{inner}</updateSiteServiceItemInput>"
    assert whitespace.call("UpdateSiteServiceItem", inner).code == 0
    answer = whitespace.call("GetFullSiteCollections", "<siteserviceInput><Uprn>10001</Uprn></siteserviceInput>")
    assert (answer.all("SiteServiceValidTo")[0], answer.all("Quantity")[0]) == ("2026-12-31T00:00:00", "2")
    assert answer.one("ServiceItemPropertyValue") == "Blue"
