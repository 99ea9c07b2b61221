from __future__ import annotations

from datetime import date

import pytest

from casebridge.core.case import Case, Value, is_empty
from casebridge.core.record import Record


@pytest.mark.parametrize("value", [None, "", "  \n", ()])
def test_nothing_blank_text_and_an_empty_choice_are_empty(value: Value) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, "0", ("",), date(2026, 1, 1)])
def test_a_zero_and_a_no_are_not_empty(value: Value) -> None:
    assert not is_empty(value)


def test_the_text_form_of_a_case_and_of_a_record_shows_no_detail() -> None:
    """Whoever logs one by mistake logs a number."""
    case = Case("CASE-7", fields={"a": "private"}, person={"a": "private"}, address={"a": "private"}, status="private")
    record = Record("job", "J-1", fields={"a": "private"}, keyed={"a": {"b": "private"}})

    assert repr(case) == "Case(reference='CASE-7', source='local')"
    assert repr(record) == "Record(kind='job', id='J-1')"
