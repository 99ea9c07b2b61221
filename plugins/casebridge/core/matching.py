"""The rule by which a record beside the main one, such as a contact, is linked or made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casebridge.core.manifest import MatchRule


@dataclass(frozen=True)
class Link:
    """A record that is there already.

    Attributes:
        record_id: The target's id.
    """

    record_id: str


@dataclass(frozen=True)
class Make:
    """A new record is made."""


@dataclass(frozen=True)
class Nobody:
    """There is nothing to link and nothing to make."""


@dataclass(frozen=True)
class NoSingleMatch:
    """The template allows only a match, and there is not exactly one.

    Attributes:
        count: How many there are.
    """

    count: int


Decision = Link | Make | Nobody | NoSingleMatch


def must_search(rule: MatchRule, value: str) -> bool:
    """Whether the target is to be searched for a value."""
    return rule is not MatchRule.CREATE_ONLY and bool(value)


def decide(rule: MatchRule, value: str, found: Sequence[str], *, has_details: bool) -> Decision:
    """What becomes of a record beside the main one.

    Args:
        rule: The rule.
        value: What it is searched by, "" when the case gives none.
        found: Ids of the records that were found by that value.
        has_details: Whether the case gives anything else to write to it.

    Returns:
        Exactly one match is linked. None or several make a new one, unless only a match is allowed.
        Without a value and without details there is nobody.
    """
    if must_search(rule, value):
        if len(found) == 1:
            return Link(found[0])
        if rule is MatchRule.MATCH_ONLY:
            return NoSingleMatch(len(found))
        return Make()
    if rule is MatchRule.MATCH_ONLY or not (value or has_details):
        return Nobody()
    return Make()
