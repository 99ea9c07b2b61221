"""Saved filters: how a client finds out which cases have changed."""

from __future__ import annotations

from tests.simulators.jadu_cxm.client import Cxm


def references(page: dict[str, object]) -> list[str]:
    return [item["reference"] for item in page["items"]]  # type: ignore[index,attr-defined]


def test_a_page_has_the_total_its_own_number_and_summaries(cxm: Cxm) -> None:
    page = cxm.page("missed-bins")
    assert (page["total"], page["num_items"]) == (4, 4)
    assert page["items"][0] == {
        "reference": "MBN001003",
        "type": "missed-bin",
        "status": {"title": "In progress"},
        "created_at": "2026-01-12T10:05:00+0000",
        "updated_at": "2026-01-13T07:30:00+0000",
    }


def test_pages_have_fifteen_cases_begin_at_one_and_are_empty_past_the_end(cxm: Cxm) -> None:
    for number in range(23):
        cxm.create({"details": str(number)})
    pages = [cxm.page(page=number) for number in (1, 2, 3, 4)]
    assert [(page["total"], page["num_items"], len(page["items"])) for page in pages] == [
        (31, 15, 15),
        (31, 15, 15),
        (31, 1, 1),
        (31, 0, 0),
    ]
    assert cxm.page() == pages[0]
    assert len({reference for page in pages for reference in references(page)}) == 31


def test_what_changed_last_comes_first(cxm: Cxm) -> None:
    cxm.set("clock", now="2026-07-01T10:00:00Z")
    cxm.edit({"details": "x"}, "MBN001004")
    cxm.set("clock", now="2026-07-01T10:00:01Z")
    cxm.transition("close-case", "BLK001002")
    cxm.set("clock", now="2026-07-01T10:00:02Z")
    cxm.send("POST", "case/STC001002/note", json={"note": "x"})
    page = cxm.page()
    assert references(page)[:3] == ["STC001002", "BLK001002", "MBN001004"]
    assert page["items"][1]["updated_at"] == "2026-07-01T10:00:01+0000"
    assert page["items"][1]["status"] == {"title": "Closed"}


def test_a_refused_change_moves_nothing(cxm: Cxm) -> None:
    before = cxm.page()
    cxm.edit({"colour": "red"})
    cxm.transition("reopen")
    assert cxm.page() == before


def test_a_filter_shows_only_its_types_and_statuses(cxm: Cxm) -> None:
    assert references(cxm.page("bulky-collections")) == ["BLK001001", "BLK001002"]
    assert "MBN001003" not in references(cxm.page("open-cases"))
    cxm.transition("close-case")
    assert "MBN001001" not in references(cxm.page("open-cases"))
    assert references(cxm.page("oldest-first"))[0] == "STC001002"


def test_a_council_makes_a_filter_of_its_own(cxm: Cxm) -> None:
    cxm.act("filter", name="glass", types=["street_cleaning"], statuses=["open"])
    assert references(cxm.page("glass")) == ["STC001001"]


def test_an_unknown_filter_is_404_and_a_page_that_is_none_400(cxm: Cxm) -> None:
    assert cxm.send("GET", "filters/nothing/summaries").status_code == 404
    for page in ("0", "-1", "x", "1.5", "", "9" * 5000, "%C2%B2"):
        answer = cxm.send("GET", f"filters/recently-updated/summaries?page={page}")
        assert (answer.status_code, list(answer.json())) == (400, ["message"])


def test_the_page_size_can_be_set(cxm: Cxm) -> None:
    cxm.set("settings", page_size=3)
    assert [cxm.page(page=number)["num_items"] for number in (1, 2, 3, 4)] == [3, 3, 2, 0]
