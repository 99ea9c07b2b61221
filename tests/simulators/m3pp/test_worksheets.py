"""Creating, reading and finding worksheets."""

from __future__ import annotations

import pytest

from tests.simulators.m3pp.client import WORKSHEET, M3pp


def test_a_worksheet_is_read_back_as_it_was_created(m3pp: M3pp) -> None:
    fields = [{"Name": "CaseRef", "Value": "CASE-1"}, {"Name": "Notes", "Value": "Side gate & <path>\ncafé"}]
    reference = m3pp.call("CreateWorksheet", **WORKSHEET, Fields=fields).result("WorksheetReference")
    answer = m3pp.call("GetWorksheet", WorksheetReference=reference)
    assert {**WORKSHEET, "WorksheetReference": reference} == {
        name: answer.result(name) for name in (*WORKSHEET, "WorksheetReference")
    }
    assert answer.rows("Field") == [("CaseRef", "CASE-1"), ("Notes", "Side gate & <path>\ncafé"), ("Status", "Open")]


def test_every_create_makes_a_worksheet_of_its_own(m3pp: M3pp) -> None:
    """M3 knows no duplicates: after a lost answer the caller must look before it sends again."""
    assert [m3pp.worksheet("SAME").result("WorksheetReference") for _ in range(2)] == ["WK84001", "WK84002"]
    assert [sheet["fields"]["ExternalReference"] for sheet in m3pp.worksheets] == ["SAME", "SAME"]


@pytest.mark.parametrize("field", ["ExternalReference", "CaseRef", "A name with blanks & more"])
def test_any_field_can_carry_the_external_reference_and_be_searched(m3pp: M3pp, field: str) -> None:
    for reference in ("CASE-1", "CASE-2", "CASE-1"):
        m3pp.worksheet(reference, field)
    answer = m3pp.call("FindWorksheets", FieldName=field, FieldValue="CASE-1")
    assert answer.succeeded
    assert answer.all("WorksheetReference") == ["WK84001", "WK84003"]
    assert m3pp.call("FindWorksheets", FieldName="Other", FieldValue="CASE-1").all("WorksheetReference") == []


@pytest.mark.parametrize(("name", "value"), [*WORKSHEET.items(), ("WorksheetReference", "WK84001"), ("Status", "Open")])
def test_members_and_defaults_are_searched_too(m3pp: M3pp, name: str, value: str) -> None:
    m3pp.worksheet()
    answer = m3pp.call("FindWorksheets", FieldName=name, FieldValue=value)
    assert answer.all("WorksheetReference") == ["WK84001"]


def test_a_search_matches_whole_values_only(m3pp: M3pp) -> None:
    m3pp.worksheet("CASE-10")
    assert m3pp.call("FindWorksheets", FieldName="ExternalReference", FieldValue="CASE-1").succeeded
    for value in ("CASE-1", "case-10", "CASE-100"):
        answer = m3pp.call("FindWorksheets", FieldName="ExternalReference", FieldValue=value)
        assert answer.all("WorksheetReference") == []


@pytest.mark.parametrize("missing", ["FieldName", "FieldValue"])
def test_a_search_needs_a_field_and_a_value(m3pp: M3pp, missing: str) -> None:
    given = {"FieldName": "ExternalReference", "FieldValue": "CASE-1", missing: " "}
    assert m3pp.call("FindWorksheets", **given).refusal == ("MANDATORY_FIELD", f"Mandatory field missing: {missing}.")


@pytest.mark.parametrize("without", [None, "", "  "])
@pytest.mark.parametrize("member", list(WORKSHEET))
def test_each_mandatory_member_must_be_there(m3pp: M3pp, member: str, without: str | None) -> None:
    answer = m3pp.worksheet(**{member: without})
    assert answer.refusal == ("MANDATORY_FIELD", f"Mandatory field missing: {member}.")
    assert m3pp.worksheets == []


def test_every_missing_member_is_named_at_once(m3pp: M3pp) -> None:
    text = f"Mandatory field missing: {', '.join(WORKSHEET)}."
    assert m3pp.call("CreateWorksheet").refusal == ("MANDATORY_FIELD", text)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"DepartmentCode": "XXX"}, 'Department code "XXX" is not valid.'),
        ({"DepartmentCode": "HWY"}, 'Application code "WASTE" is not valid for HWY.'),
        ({"ApplicationCode": "LIGHT"}, 'Application code "LIGHT" is not valid for ENV.'),
        ({"TaskGroupCode": "CLEAN"}, 'Task Group code "CLEAN" is not valid for ENV > WASTE.'),
        ({"TaskCode": "FOOD"}, 'Task code "FOOD" is not valid for ENV > WASTE > BINS.'),
        ({"ApplicationCode": "STREET"}, 'Task code "DELIV" is not valid for ENV > STREET > BINS.'),
        ({"TaskCode": "deliv"}, 'Task code "deliv" is not valid for ENV > WASTE > BINS.'),
    ],
)
def test_codes_are_valid_only_in_combination_and_the_wrong_level_is_named(
    m3pp: M3pp, given: dict[str, str], sentence: str
) -> None:
    assert m3pp.worksheet(**given).refusal == ("INVALID_CODE", sentence)
    assert m3pp.worksheets == []


@pytest.mark.parametrize("uprn", ["99999", "abc", "0"])
def test_an_unknown_uprn_is_refused(m3pp: M3pp, uprn: str) -> None:
    assert m3pp.worksheet(SubjectUPRN=uprn).refusal == ("INVALID_UPRN", f'UPRN "{uprn}" is not known.')


def test_zeros_before_a_uprn_mean_nothing(m3pp: M3pp) -> None:
    assert m3pp.worksheet(SubjectUPRN="000000010001").succeeded
    assert m3pp.worksheets[0]["subject_uprn"] == "10001"


@pytest.mark.parametrize(
    "moment",
    ["2026-07-01T09:30:00Z", "2026-07-01T09:30:00+01:00", "2026-07-01", "01/07/2026 09:30", "2026-02-30T09:00:00", "x"],
)
def test_a_date_and_time_is_uk_local_time_without_an_offset(m3pp: M3pp, moment: str) -> None:
    code, sentence = m3pp.worksheet(DateTimeReceived=moment).refusal
    assert (code, sentence[:16]) == ("VALUE_INVALID", "DateTimeReceived")
    assert m3pp.worksheets == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-07-01T09:30:00Z", "2026-07-01T10:30:00"),
        ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00"),
        ("2026-10-25T01:30:00Z", "2026-10-25T01:30:00"),
        ("2026-01-01T09:30:00+02:00", "2026-01-01T07:30:00"),
        ("2026-07-01T09:30:00", "2026-07-01T09:30:00"),
    ],
)
def test_an_offset_can_be_converted_instead_of_refused(m3pp: M3pp, sent: str, kept: str) -> None:
    m3pp.set("settings", offsets="convert")
    assert m3pp.worksheet(DateTimeReceived=sent).succeeded
    assert m3pp.worksheets[0]["date_time_received"] == kept


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (
            "ExternalReference",
            "X" * 31,
            'The value of field "ExternalReference" must not be longer than 30 characters.',
        ),
        ("Priority", "Urgent", 'The value of field "Priority" must be one of Low, Normal, High.'),
        ("TargetDate", "1 July", 'The value of field "TargetDate" must be a date, yyyy-mm-dd.'),
    ],
)
def test_fields_that_m3_knows_are_checked(m3pp: M3pp, field: str, value: str, sentence: str) -> None:
    assert m3pp.worksheet(value, field).refusal == ("VALUE_INVALID", sentence)


def test_a_field_has_a_name_and_comes_once(m3pp: M3pp) -> None:
    row = {"Name": "CaseRef", "Value": "1"}
    assert m3pp.worksheet(Fields=[{"Value": "1"}]).refusal == ("MANDATORY_FIELD", "A field of Fields has no Name.")
    assert m3pp.worksheet(Fields=[row, row]).refusal == ("VALUE_INVALID", 'The field "CaseRef" is given twice.')
    assert m3pp.worksheets == []


def test_a_worksheet_that_does_not_exist_is_refused(m3pp: M3pp) -> None:
    answer = m3pp.call("GetWorksheet", WorksheetReference="WK1")
    assert answer.refusal == ("WORKSHEET_NOT_FOUND", 'Worksheet "WK1" does not exist.')
    assert m3pp.call("GetWorksheet").refusal[0] == "MANDATORY_FIELD"


def test_a_new_worksheet_can_be_hidden_from_searches_for_a_while(m3pp: M3pp) -> None:
    """Reading by its number finds it at once."""
    m3pp.set("settings", visibility_lag_s=30)
    m3pp.set("clock", now="2026-07-01T08:30:00Z")
    m3pp.worksheet()
    search = {"FieldName": "ExternalReference", "FieldValue": "CASE-1"}
    assert m3pp.call("FindWorksheets", **search).all("WorksheetReference") == []
    assert m3pp.call("GetWorksheet", WorksheetReference="WK84001").succeeded
    m3pp.set("clock", now="2026-07-01T08:30:30Z")
    assert m3pp.call("FindWorksheets", **search).all("WorksheetReference") == ["WK84001"]
    assert m3pp.worksheets[0]["created_at"] == "2026-07-01T08:30:00Z"
