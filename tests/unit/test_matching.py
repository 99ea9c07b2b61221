"""Whether a record beside the main one is linked or made."""

from __future__ import annotations

import pytest

from casebridge.core.manifest import MatchRule
from casebridge.core.matching import Decision, Link, Make, Nobody, NoSingleMatch, decide, must_search

CREATE, BOTH, ONLY = MatchRule.CREATE_ONLY, MatchRule.MATCH_THEN_CREATE, MatchRule.MATCH_ONLY


@pytest.mark.parametrize(
    ("rule", "value", "found", "has_details", "expected"),
    [
        (BOTH, "P-1", ["7"], False, Link("7")),
        (BOTH, "P-1", ["7"], True, Link("7")),
        (BOTH, "P-1", [], False, Make()),
        (BOTH, "P-1", ["7", "8"], True, Make()),
        (BOTH, "", [], True, Make()),
        (BOTH, "", [], False, Nobody()),
        (CREATE, "P-1", [], False, Make()),
        (CREATE, "", [], True, Make()),
        (CREATE, "", [], False, Nobody()),
        (ONLY, "P-1", ["7"], True, Link("7")),
        (ONLY, "P-1", [], True, NoSingleMatch(0)),
        (ONLY, "P-1", ["7", "8"], True, NoSingleMatch(2)),
        (ONLY, "", [], True, Nobody()),
    ],
)
def test_exactly_one_match_is_linked_and_what_else_happens_is_the_rule(
    rule: MatchRule, value: str, found: list[str], has_details: bool, expected: Decision
) -> None:
    assert expected == decide(rule, value, found, has_details=has_details)


def test_nothing_is_searched_for_without_a_value_or_when_only_a_new_one_is_allowed() -> None:
    assert [True, True, False, False] == [
        must_search(BOTH, "P-1"),
        must_search(ONLY, "P-1"),
        must_search(CREATE, "P-1"),
        must_search(BOTH, ""),
    ]
