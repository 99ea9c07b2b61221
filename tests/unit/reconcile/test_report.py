"""The drift report: a page that loads nothing, a table that holds no formula, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from casebridge.core.drift import FINDINGS, TITLES, WAYS, Drift
from casebridge.reconcile.report import Line, as_csv, as_html, as_json
from tests.unit.reconcile.reports import NOW, report


def test_the_page_tells_every_finding_with_its_commands() -> None:
    page = as_html(report())
    for line in report().findings:
        assert f'<td data-name="Case">{line.case}</td>' in page
        assert f"casebridge findings resolve {line.id} --ignore" in page


def test_the_page_loads_nothing_from_outside() -> None:
    """It is opened from a folder or out of an e-mail, where nothing else can be had and nobody must be told of it."""
    page = as_html(report())
    assert [] == re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'>\s]*""", page)
    assert "default-src 'none'" in page


def test_what_a_system_names_cannot_become_part_of_the_page() -> None:
    line = Line(1, Drift.DOUBLED, "<script>alert(1)</script>", '"><img src=x>', "</script>", NOW, "javascript:alert(1)")
    page = as_html(report(findings=[line], system="</script><b>"))
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
    assert "javascript:alert" not in page
    assert "</script><b>" not in page


def test_a_page_without_drift_says_so() -> None:
    page = as_html(report(findings=[], counts={Drift.MATCHED: 3}, mended={}, trend=[]))
    assert "Nothing is left for a person." in page


def test_a_case_number_never_becomes_a_formula() -> None:
    line = Line(1, Drift.DOUBLED, '=HYPERLINK("http://x")', "+1", "-2", NOW)
    (row,) = list(csv.DictReader(io.StringIO(as_csv(report(findings=[line])))))
    assert ['\'=HYPERLINK("http://x")', "'+1", "'-2"] == [row["Case"], row["Reference"], row["Record"]]


def test_the_table_and_the_json_hold_every_finding() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(report()))))
    data = json.loads(as_json(report()))
    assert [str(line.id) for line in report().findings] == [row["Finding"] for row in rows]
    assert [line.id for line in report().findings] == [line["id"] for line in data["findings"]]
    assert 1180 == data["counts"][Drift.MATCHED]


def test_every_class_has_a_title_and_every_finding_a_way_out() -> None:
    assert set(Drift) == set(TITLES)
    assert set(FINDINGS) == set(WAYS)
    assert all(WAYS.values())


CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(as_html(report()), "utf-8")
    return file


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_charts_are_drawn_on_every_screen(browser_page: Path, colours: str, width: int) -> None:
    """Both charts show colours, no error is told, nothing is asked of a network, and nothing runs over the side."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=colours)
        errors: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(browser_page.as_uri())
        shades = page.evaluate(
            """() => [...document.querySelectorAll("canvas")].map((canvas) => new Set(
                 new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)
               ).size)"""
        )
        wide = page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
        chromium.close()
    assert ([], [browser_page.as_uri()], False) == (errors, asked, wide)
    assert 2 == len([shade for shade in shades if shade > 20])
