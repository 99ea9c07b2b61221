"""People store numbers in many forms; all of them are the same number, and no other is."""

from __future__ import annotations

import pytest

from casebridge.connectors.salesforce.phone import Number

ITALIAN = "+393331234567"
BRITISH = "+447700900123"


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        (ITALIAN, "+39 333 1234567"),
        (ITALIAN, "+39 333 123 4567"),
        (ITALIAN, "00393331234567"),
        (ITALIAN, "393331234567"),
        (ITALIAN, "333 1234567"),
        (ITALIAN, "3331234567"),
        ("00393331234567", ITALIAN),
        (BRITISH, "07700 900123"),
        (BRITISH, "07700900123"),
        (BRITISH, "+44 7700 900123"),
        (BRITISH, "+44 (0)7700900123"),
        (BRITISH, "0044 7700 900123"),
    ],
)
def test_every_form_of_a_number_is_searched_for(number: str, stored: str) -> None:
    """A query compares texts: what is not among the variants is found by the search only."""
    assert stored in Number(number).variants()


@pytest.mark.parametrize("stored", ["07700-900-123", "(07700) 900 123", "0044-7700-900123", "+44.7700.900123"])
def test_what_a_search_finds_is_compared_number_by_number(stored: str) -> None:
    assert Number(BRITISH).is_same(stored)


@pytest.mark.parametrize("other", ["+447700900124", "07700 90012", "+39 7700900123", "", None, "call me"])
def test_another_number_is_not_the_same(other: str | None) -> None:
    assert not Number(BRITISH).is_same(other)


def test_a_national_form_is_searched_only_where_it_means_this_number() -> None:
    """In an org whose numbers without a country code are British, 333 1234567 is nobody's Italian number."""
    assert "3331234567" not in Number(ITALIAN, "GB").variants()
    assert "+39 333 123 4567" in Number(ITALIAN, "GB").variants()
    assert not Number(ITALIAN, "GB").is_same("3331234567")
    assert Number("07700 900123", "GB").is_same(BRITISH)


def test_what_is_no_number_is_compared_by_its_digits() -> None:
    short = Number("12345")
    assert ("12345", True, False) == (short.normal, short.is_same("123 45"), short.is_same("12346"))


def test_a_search_asks_for_groups_of_digits_without_marks() -> None:
    """A plus sign, a bracket or a dash means something to a search."""
    words = Number(BRITISH).words()
    assert {"447700900123", "07700 900123", "44 7700 900123"} <= set(words)
    assert all(set(one) <= set("0123456789 ") for one in words)
