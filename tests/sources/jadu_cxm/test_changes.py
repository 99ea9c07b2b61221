"""The saved filter: pages, equal times, sorting, and what the inbox learns of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from casebridge.core.errors import NotConfigured
from casebridge.sources.jadu_cxm.source import JaduCxmSource
from casebridge.steps.notice import notice_changes, start_noticing
from casebridge.store.case_states import CaseStates
from casebridge.store.database import Database
from casebridge.store.inbox import Inbox
from tests.simulators.jadu_cxm.client import Cxm
from tests.sources.jadu_cxm.conftest import MakeSource

EQUAL = datetime(2026, 1, 13, 12, tzinfo=UTC)
"""When both bulky collections of the sample were changed."""

NEWEST_FIRST = [
    "STC001001",
    "BLK001001",
    "BLK001002",
    "MBN001003",
    "MBN001004",
    "MBN001002",
    "MBN001001",
    "STC001002",
]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


def references(source: JaduCxmSource, since: datetime | None) -> list[str]:
    return [case.reference for case in source.changed(since)]


def pages(cxm: Cxm) -> int:
    return sum(one["operation"] == "list_cases" for one in cxm.get("requests")["requests"])


@pytest.mark.parametrize("size", [1, 2, 3, 8, 15])
def test_every_case_is_listed_once_whatever_a_page_holds(source: JaduCxmSource, cxm: Cxm, size: int) -> None:
    cxm.set("settings", page_size=size)

    assert NEWEST_FIRST == references(source, None)


def test_a_case_is_listed_with_its_status_and_type(source: JaduCxmSource) -> None:
    first = next(iter(source.changed(None)))

    assert ("Open", "street_cleaning") == (first.status, first.case_type)
    assert datetime(2026, 1, 14, 16, tzinfo=UTC) == first.updated_at


@pytest.mark.parametrize("size", [1, 2, 3])
def test_cases_with_the_very_time_are_listed_again(source: JaduCxmSource, cxm: Cxm, size: int) -> None:
    """Several may change in one second, on both sides of a page's end."""
    cxm.set("settings", page_size=size)

    assert ["STC001001", "BLK001001", "BLK001002"] == references(source, EQUAL)


def test_pages_beyond_the_moment_are_not_read(source: JaduCxmSource, cxm: Cxm) -> None:
    cxm.set("settings", page_size=2)
    references(source, datetime(2026, 1, 14, 16, tzinfo=UTC))

    assert 1 == pages(cxm)


def test_more_changes_than_may_be_read_are_told_and_none_is_skipped(make_source: MakeSource, cxm: Cxm) -> None:
    cxm.set("settings", page_size=1)

    with pytest.raises(NotConfigured, match="changes_pages"):
        references(make_source(changes_pages=2), EQUAL)
    assert NEWEST_FIRST[:2] == references(make_source(changes_pages=2), None)


def test_a_filter_that_is_not_sorted_by_last_update_is_refused(make_source: MakeSource) -> None:
    with pytest.raises(NotConfigured, match="not sorted by last update"):
        references(make_source(changes_filter="oldest-first"), None)


def test_without_a_filter_no_change_can_be_asked_for(make_source: MakeSource) -> None:
    source = make_source(changes_filter="")

    assert not source.lists_changes
    with pytest.raises(NotConfigured, match="changes_filter"):
        references(source, None)


def test_what_was_there_before_the_first_run_is_no_change(source: JaduCxmSource, cxm: Cxm, database: Database) -> None:
    states, inbox = CaseStates(database), Inbox(database)

    assert start_noticing(source, case_states=states, now=EQUAL)
    assert not start_noticing(source, case_states=states, now=EQUAL)
    assert [] == inbox.latest()
    assert "Closed" == states.status("jadu_cxm", "STC001002")

    cxm.act("transition", case="MBN001001", transition="send-to-contractor")
    notice_changes(source, inbox=inbox, case_states=states)
    notice_changes(source, inbox=inbox, case_states=states)
    arrived = {entry.arrival.subject: entry.arrival.details["status"] for entry in inbox.latest()}
    assert {"MBN001001": "In progress", "STC001001": "Open"} == arrived
    assert arrived["STC001001"] == states.status("jadu_cxm", "STC001001")


def test_a_filter_without_cases_counts_from_now(make_source: MakeSource, cxm: Cxm, database: Database) -> None:
    cxm.act("filter", name="nothing", types=["missed_bin"], statuses=["closed"])
    states = CaseStates(database)

    assert start_noticing(make_source(changes_filter="nothing"), case_states=states, now=EQUAL)
    assert EQUAL.isoformat() == states.position("changed:jadu_cxm")
