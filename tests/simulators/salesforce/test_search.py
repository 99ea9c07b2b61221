"""Searches by SOSL and by parameters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.salesforce.errors import Refusal
from simulators.salesforce.sosl import clauses, term
from tests.simulators.salesforce.client import Salesforce, code


def found(sf: Salesforce, sosl: str) -> list[str]:
    answer = sf.send("GET", "search", params={"q": sosl})
    assert answer.status_code == 200, answer.text
    return [row["Name"] for row in answer.json()["searchRecords"]]


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("393331234567", ["Maria C."]),
        ("\\+393331234567", ["Maria C."]),
        ("39333*", ["Maria C."]),
        ("07700 900123", ["Peter Q."]),
        ("07700900123", []),
        ('"07700 900123"', ["Peter Q."]),
        ("07700 OR 393331234567", ["Maria C.", "Peter Q."]),
        ("447700900456 AND NOT 07700", ["Ada First", "Ada Second"]),
        ("(07700 AND 900123)", ["Peter Q."]),
        ("Maria", []),
    ],
)
def test_phone_fields_are_searched_by_words(sf: Salesforce, term: str, names: list[str]) -> None:
    assert names == found(sf, f"FIND {{{term}}} IN PHONE FIELDS RETURNING Contact(Id, Name)")


def test_a_formatted_number_is_found_by_its_digits_where_that_is_switched_on(sf: Salesforce) -> None:
    sf.set("settings", search_phone_digits=True)
    assert ["Peter Q."] == found(sf, "FIND {07700900123} IN PHONE FIELDS RETURNING Contact(Name)")


def test_what_is_returned_may_be_narrowed(sf: Salesforce) -> None:
    clause = "Contact(Name WHERE LastName = 'Second' ORDER BY LastName LIMIT 1)"
    assert ["Ada Second"] == found(sf, f"find {{Ada}} in name fields returning {clause}")
    assert ["Ada First"] == found(sf, "FIND {Ada} RETURNING Contact(Name) LIMIT 1")


@pytest.mark.parametrize(
    "sosl",
    [
        "FIND {+393331234567} IN PHONE FIELDS RETURNING Contact(Id)",
        "FIND {*4567} RETURNING Contact",
        "FIND {x} RETURNING Contact",
        "FIND {} RETURNING Contact",
        "FIND 'x' RETURNING Contact",
        "FIND {12 AND} RETURNING Contact",
        "FIND {(12} RETURNING Contact",
        "FIND {12} RETURNING Contact(",
    ],
)
def test_a_malformed_search_is_refused(sf: Salesforce, sosl: str) -> None:
    assert (400, "MALFORMED_SEARCH") == code(sf.send("GET", "search", params={"q": sosl}))


def test_a_search_may_come_as_parameters(sf: Salesforce) -> None:
    parameters = {"q": "+393331234567", "in": "PHONE", "sobject": "Contact", "Contact.fields": "Id,Name"}
    got = sf.send("GET", "parameterizedSearch", params=parameters).json()["searchRecords"]
    about = [{"name": "Contact", "fields": ["Id", "Name"], "limit": 2}]
    posted = sf.send("POST", "parameterizedSearch", json={"q": "+393331234567", "in": "PHONE", "sobjects": about})
    assert (["Maria C."], got) == ([row["Name"] for row in got], posted.json()["searchRecords"])


def test_a_new_record_is_found_once_the_index_has_it(sf: Salesforce) -> None:
    sf.set("settings", search_lag_s=60)
    sf.set("clock", now="2026-07-01T10:00:00Z")
    sf.log_in()
    sf.made("Contact", LastName="New", Phone="5550001234")
    sosl = "FIND {5550001234} IN PHONE FIELDS RETURNING Contact(Name)"
    assert [] == found(sf, sosl)
    sf.set("clock", now="2026-07-01T10:01:00Z")
    assert ["New"] == found(sf, sosl)


def test_old_versions_answer_a_bare_list(sf: Salesforce) -> None:
    answer = sf.send("GET", "search", version="v36.0", params={"q": "FIND {Maria} RETURNING Contact"})
    assert 1 == len(answer.json())


@given(st.text(max_size=30), st.text("RETURNING Contact(Id)WHERE=',", max_size=40))
def test_any_search_is_read_or_refused_as_malformed(words: str, rest: str) -> None:
    for read in (lambda: term(words), lambda: clauses(rest)):
        assert refused_as(read) in (None, "MALFORMED_SEARCH")


def refused_as(read: Callable[[], object]) -> str | None:
    try:
        read()
    except Refusal as refusal:
        return refusal.code
    return None
