"""CreateWorksheet: what it demands, what it refuses and with which code, and the 30-minute rule."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.simulators.client import Whitespace

INVALID, NOT_IN_MATRIX, DUPLICATE, NO_SLOTS, NO_RESULTS = 1, 2, 3, 4, 6


def item(item_id: object, quantity: object = 1) -> str:
    return (
        f"<ServiceItemInputs><ServiceItemInput><ServiceItemId>{item_id}</ServiceItemId>"
        f"<ServiceItemQuantity>{quantity}</ServiceItemQuantity></ServiceItemInput></ServiceItemInputs>"
    )


def prop(property_id: object, value: str = "x") -> str:
    row = f"<ServicePropertyId>{property_id}</ServicePropertyId><ServicePropertyValue>{value}</ServicePropertyValue>"
    return f"<ServicePropertyInputs><ServicePropertyInput>{row}</ServicePropertyInput></ServicePropertyInputs>"


@pytest.mark.parametrize(
    ("service", "code"),
    [("", INVALID), ("abc", INVALID), ("2147483648", INVALID), ("1e2", INVALID), ("28.9", INVALID),
     ("-1", NOT_IN_MATRIX), ("999", NOT_IN_MATRIX), ("1", NOT_IN_MATRIX), (" 289 ", 0)],
)  # fmt: skip
def test_service_id_is_mandatory_a_number_and_known(whitespace: Whitespace, service: str, code: int) -> None:
    answer = whitespace.create(service=service)
    assert (answer.status, answer.code) == (200, code)
    assert len(whitespace.worksheets) == (code == 0)


@pytest.mark.parametrize(
    ("place", "code", "uprn"),
    [
        ("", INVALID, None),
        ("<Uprn/><AccountSiteId/><Usrn/>", INVALID, None),
        ("<Uprn>123</Uprn>", NO_RESULTS, None),
        ("<Uprn>garbage</Uprn>", NO_RESULTS, None),
        ("<Uprn>000000010001</Uprn>", 0, "10001"),
        ("<AccountSiteId>2</AccountSiteId>", 0, "10002"),
        ("<AccountSiteId>99</AccountSiteId>", NO_RESULTS, None),
        ("<AccountSiteId>x</AccountSiteId>", INVALID, None),
        ("<Usrn>20400321</Usrn>", 0, ""),
        ("<Usrn>1</Usrn>", NO_RESULTS, None),
        ("<Uprn>123</Uprn><Usrn>20400321</Usrn>", NO_RESULTS, None),
    ],
)
def test_one_known_locator_is_needed(whitespace: Whitespace, place: str, code: int, uprn: str | None) -> None:
    assert whitespace.create(place=place).code == code
    assert [sheet["uprn"] for sheet in whitespace.worksheets] == ([] if uprn is None else [uprn])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (item(22, "2.50"), 0),
        (item(22, ""), 0),
        (item(22, "1e2"), INVALID),
        (item(22, "-1"), INVALID),
        (item("x"), INVALID),
        (item(""), INVALID),
        (item("99999999999"), INVALID),
        (item(50), NOT_IN_MATRIX),
        (item(4711), NOT_IN_MATRIX),
        (prop(79), 0),
        (prop(""), INVALID),
        (prop("x"), INVALID),
        (prop(88), NOT_IN_MATRIX),
        (prop(4711), NOT_IN_MATRIX),
        ("<RoleId>x</RoleId>", INVALID),
        ("<AdHocRoundInstanceId>x</AdHocRoundInstanceId>", INVALID),
        ("<AdHocRoundInstanceId>99999</AdHocRoundInstanceId>", NOT_IN_MATRIX),
    ],
)
def test_items_properties_and_ids_are_checked_and_a_refusal_stores_nothing(
    whitespace: Whitespace, more: str, code: int
) -> None:
    answer = whitespace.create(more=more)
    assert (answer.status, answer.code, answer.one("SuccessFlag")) == (200, code, "false" if code else "true")
    assert len(whitespace.worksheets) == (code == 0)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2026-07-04 23:59", "2026-07-04T23:59:00"),
        ("2026-07-04T23:59:30", "2026-07-04T23:59:30"),
        ("2026-07-04", "2026-07-04T00:00:00"),
        ("2026-03-28T06:10:09.417", "2026-03-28T06:10:09.417000"),
        ("04/07/2026 23:59:00", "2026-07-04T23:59:00"),
        ("04/07/2026", "2026-07-04T00:00:00"),
        ("2026-07-04T22:59:00Z", "2026-07-04T23:59:00"),
        ("0001-01-01T00:00:00", None),
        ("", None),
    ],
)
def test_due_dates_come_in_the_shapes_seen_in_production(
    whitespace: Whitespace, given: str, stored: str | None
) -> None:
    assert whitespace.create(more=f"<WorksheetDueDate>{given}</WorksheetDueDate>").code == 0
    assert whitespace.worksheets[0]["members"]["WorksheetDueDate"] == stored


@pytest.mark.parametrize("given", ["tomorrow", "2026-02-30", "30/02/2026", "20260704", "2026-07-04 25:00"])
def test_a_text_that_is_no_date_is_refused_by_the_name_of_its_member(whitespace: Whitespace, given: str) -> None:
    answer = whitespace.create(more=f"<WorksheetDueDate>{given}</WorksheetDueDate>")
    assert (answer.code, answer.one("ErrorDescription")) == (INVALID, "Invalid or missing input: WorksheetDueDate")


def test_a_compulsory_property_must_have_a_value(whitespace: Whitespace) -> None:
    assert whitespace.create(service=280).code == NOT_IN_MATRIX
    assert whitespace.create(service=280, more=prop(61, " ")).code == NOT_IN_MATRIX
    assert whitespace.create(service=280, more=prop(61, "New resident")).code == 0


def test_slots_are_taken_until_none_is_free_and_freed_by_a_cancel(whitespace: Whitespace) -> None:
    slot = "<AdHocRoundInstanceId>304</AdHocRoundInstanceId>"
    ids = [whitespace.create(f"B{index}", service=78, more=slot).worksheet_id for index in range(4)]
    assert whitespace.create("B9", service=78, more=slot).code == NO_SLOTS
    whitespace.call(
        "CancelWorksheet", f"<cancelWorksheetInput><WorksheetId>{ids[0]}</WorksheetId></cancelWorksheetInput>"
    )
    assert whitespace.create("B9", service=78, more=slot).code == 0


def test_the_subject_is_the_services_name(whitespace: Whitespace) -> None:
    whitespace.create(service=78)
    assert whitespace.worksheets[0]["subject"] == "Bulky Waste Collection"


# --- the 30-minute rule


@pytest.mark.behaviour("W7")
@pytest.mark.parametrize(
    ("later", "code"),
    [
        ("10:00:00", DUPLICATE),
        ("10:29:59.999999", DUPLICATE),
        ("10:30:00", 0),
        ("10:30:01", 0),
        ("09:59:59", DUPLICATE),
    ],
)
def test_the_same_service_and_reference_within_30_minutes_is_a_duplicate(
    whitespace: Whitespace, later: str, code: int
) -> None:
    whitespace.now("2026-10-25T10:00:00Z")
    whitespace.create()
    whitespace.now(f"2026-10-25T{later}Z")
    answer = whitespace.create()
    assert (answer.status, answer.code) == (200, code)
    assert ("duplicate" in answer.one("ErrorDescription").lower()) == (code == DUPLICATE)
    assert len(whitespace.worksheets) == 1 + (code == 0)


def test_the_30_minutes_are_minutes_and_not_wall_time(whitespace: Whitespace) -> None:
    """When summer time ends, the wall clock shows the same half hour twice; when it starts, an hour is missing."""
    whitespace.now("2026-10-25T00:30:00Z")
    whitespace.create()
    whitespace.now("2026-10-25T01:00:00Z")
    assert whitespace.create().code == 0
    whitespace.set("reset")
    whitespace.now("2026-03-29T00:50:00Z")
    whitespace.create()
    whitespace.now("2026-03-29T01:10:00Z")
    assert whitespace.create().code == DUPLICATE


def test_a_refused_duplicate_does_not_start_the_30_minutes_again(whitespace: Whitespace) -> None:
    whitespace.now("2026-10-25T10:00:00Z")
    whitespace.create()
    whitespace.now("2026-10-25T10:29:00Z")
    assert whitespace.create().code == DUPLICATE
    whitespace.now("2026-10-25T10:30:00Z")
    assert whitespace.create().code == 0


def test_another_service_reference_or_site_is_no_duplicate(whitespace: Whitespace) -> None:
    whitespace.create("A")
    assert whitespace.create("A", service=285).code == 0
    assert whitespace.create("B").code == 0
    assert whitespace.create("a").code == 0
    assert whitespace.create("A", place="<Uprn>10002</Uprn>").code == 0


def test_the_same_site_by_another_locator_is_a_duplicate(whitespace: Whitespace) -> None:
    whitespace.create(place="<Uprn>10001</Uprn>")
    assert whitespace.create(place="<AccountSiteId>1</AccountSiteId>").code == DUPLICATE


def cancel_first(whitespace: Whitespace) -> None:
    whitespace.call("CancelWorksheet", "<cancelWorksheetInput><WorksheetId>242259</WorksheetId></cancelWorksheetInput>")


@pytest.mark.parametrize(("counts", "code"), [(True, DUPLICATE), (False, 0)])
def test_whether_a_cancelled_worksheet_still_counts_can_be_chosen(
    whitespace: Whitespace, counts: bool, code: int
) -> None:
    whitespace.set("settings", duplicate_rule={"cancelled_counts": counts})
    whitespace.create()
    cancel_first(whitespace)
    assert whitespace.create().code == code


@pytest.mark.parametrize(("matches", "code"), [(False, 0), (True, DUPLICATE)])
def test_whether_an_empty_reference_matches_can_be_chosen(whitespace: Whitespace, matches: bool, code: int) -> None:
    whitespace.set("settings", duplicate_rule={"empty_reference_matches": matches})
    whitespace.create("")
    assert whitespace.create("").code == code


@pytest.mark.parametrize(("boundary", "code"), [("exclusive", 0), ("inclusive", DUPLICATE)])
def test_window_and_boundary_can_be_chosen(whitespace: Whitespace, boundary: str, code: int) -> None:
    whitespace.set("settings", duplicate_rule={"window_s": 60, "boundary": boundary})
    whitespace.now("2026-10-25T10:00:00Z")
    whitespace.create()
    whitespace.now("2026-10-25T10:01:00Z")
    assert whitespace.create().code == code


@pytest.mark.parametrize(
    ("key", "code"), [(["service_id", "reference"], DUPLICATE), (["service_id", "reference", "site"], 0)]
)
def test_whether_the_site_is_part_of_the_key_can_be_chosen(whitespace: Whitespace, key: list[str], code: int) -> None:
    whitespace.set("settings", duplicate_rule={"key": key})
    whitespace.create()
    assert whitespace.create(place="<Uprn>10002</Uprn>").code == code


def test_the_rule_can_be_switched_off(whitespace: Whitespace) -> None:
    whitespace.set("settings", duplicate_rule={"window_s": 0})
    whitespace.create()
    assert whitespace.create().code == 0


def test_of_parallel_creates_for_one_reference_exactly_one_is_accepted(whitespace: Whitespace) -> None:
    with ThreadPoolExecutor(20) as pool:
        codes = Counter(pool.map(lambda _: whitespace.create().code, range(20)))
    assert codes == {0: 1, DUPLICATE: 19}
    assert len(whitespace.worksheets) == 1


def test_after_a_lost_answer_the_retry_is_a_duplicate_and_the_worksheet_is_found(whitespace: Whitespace) -> None:
    """Why a caller must look before it creates again."""
    whitespace.set("faults", kind="malformed", operation="CreateWorksheet")
    with pytest.raises(SyntaxError):
        whitespace.create("LOST")
    assert whitespace.create("LOST").code == DUPLICATE
    found = whitespace.call(
        "GetWorksheetsByReference",
        "<worksheetsByRefInput><WorksheetReference>LOST</WorksheetReference></worksheetsByRefInput>",
    )
    assert found.all("WorksheetID") == ["242259"]
