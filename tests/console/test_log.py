"""The integration log: found by what people know, page by page, and as a file."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.console.desk import Browser
from tests.hub import MISSED_BIN, Hub

ANOTHER = MISSED_BIN.replace("name: Missed bin", "name: Another").replace("reference: worksheet", "reference: second")


def cases(answer: str) -> list[str]:
    """The cases in the rows of a page, in their order."""
    return re.findall(r'href="/cases/local/([^"]+)"', answer)


@pytest.fixture
def three(hub: Hub) -> None:
    """A confirmed action, a planned one of another template, and one that was refused for its mappings."""
    hub.case("C-1")
    hub.call(hub.plan("C-1"))
    hub.template("another", ANOTHER)
    hub.case("C-2")
    hub.plan("C-2", "another")
    hub.case("C-3", fields={"item_id": "blue box"})
    with pytest.raises(Exception, match="1 problem"):
        hub.plan("C-3")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["C-3", "C-2", "C-1"]),
        ({"case": "C-2"}, ["C-2"]),
        ({"system": "whitespace"}, ["C-3", "C-2", "C-1"]),
        ({"system": "m3pp"}, []),
        ({"action": "create_worksheet"}, ["C-3", "C-2", "C-1"]),
        ({"template": "another"}, ["C-2"]),
        ({"state": "refused"}, ["C-3"]),
        ({"state": "open"}, ["C-2"]),
        ({"state": "attention"}, ["C-3"]),
        ({"words": "created"}, ["C-1"]),
        ({"words": "whole number"}, ["C-3"]),
        ({"words": "number -whole"}, []),
        ({"reference": "second"}, ["C-2"]),
        ({"reference": "no-such-record"}, []),
        ({"since": "2001-01-01T00:00"}, ["C-3", "C-2", "C-1"]),
        ({"until": "2001-01-01T00:00"}, []),
    ],
)
def test_actions_are_found_by_what_people_know(
    looker: Browser, three: None, query: dict[str, str], found: list[str]
) -> None:
    assert found == cases(looker.get("/log", **query).text)


def test_an_action_is_found_by_the_record_it_made(looker: Browser, hub: Hub, three: None) -> None:
    record = hub.references.of_case("C-1")[0].record_id
    assert ["C-1"] == cases(looker.get("/log", reference=record).text)


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"state": "lost"}, {"after": "page two"}, {"after": "2026-01-01~x"}]
)
def test_a_search_that_makes_no_sense_is_refused_with_a_page(looker: Browser, query: dict[str, str]) -> None:
    looker.get("/log", status=404, **query)


def test_pages_follow_each_other_without_a_gap_or_a_repetition(looker: Browser, hub: Hub) -> None:
    """An action that comes while somebody pages must not push another one onto the next page twice."""
    for number in range(120):
        hub.plan_only(f"P-{number:03}")
    seen: list[str] = []
    path = "/log"
    while path:
        page = looker.get(path).text
        seen += cases(page)
        older = re.search(r'href="(/log\?after=[^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
        hub.plan_only(f"LATE-{len(seen)}")
    assert [f"P-{number:03}" for number in reversed(range(120))] == seen


def test_who_watches_gets_new_rows_and_otherwise_nothing(looker: Browser, hub: Hub, three: None) -> None:
    """Polling costs next to nothing as long as nothing happens."""
    first = looker.get("/log/rows")
    looker.headers["if-none-match"] = first.headers["etag"]
    looker.get("/log/rows", status=304)
    hub.plan_only("C-9")
    assert "C-9" in looker.get("/log/rows").text


def test_the_export_holds_everything_that_is_found_and_no_case_value(looker: Browser, hub: Hub, three: None) -> None:
    answer = looker.get("/log.csv", state="refused")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [("C-3", "refused")] == [(row["case"], row["state"]) for row in rows]
    assert "not a whole number" in rows[0]["problems"]
    assert "blue box" not in answer.text
    assert 3 == len(list(csv.DictReader(io.StringIO(looker.get("/log.csv").text))))


def test_a_cell_of_the_export_is_never_a_formula(looker: Browser, hub: Hub) -> None:
    """A spreadsheet would run what a case reference says."""
    hub.plan_only('=HYPERLINK("http://x")')
    rows = list(csv.DictReader(io.StringIO(looker.get("/log.csv").text)))
    assert """'=HYPERLINK("http://x")""" == rows[0]["case"]


def test_what_stands_in_the_ledger_is_text_and_never_markup(looker: Browser, hub: Hub) -> None:
    hub.plan_only("<script>alert(1)</script>")
    for path in ("/log", "/", "/cases/local/%3Cscript%3Ealert(1)%3C%2Fscript%3E"):
        assert "<script>alert" not in looker.get(path).text
