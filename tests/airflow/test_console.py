"""A day's work at the console, in a browser, inside of a running Airflow."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from casebridge.core.drift import Drift
from casebridge.core.outcome import State
from casebridge.store.action import Action
from casebridge.store.findings import Drifted, Finding, FindingState
from stack.stack import Stack
from tests.airflow.actions import DAG, Actions

pytestmark = [pytest.mark.stack, pytest.mark.browser]

CHROMIUM = Path("/usr/bin/chromium")
HARMLESS = ("minor", "moderate")
SERVICE_OF_THE_CASE = "{to: service_id, case_field: service}"


def token(stack: Stack, **claims: str) -> str:
    """A token of a user of this Airflow; with claims, of one who has these instead of the administrator's."""
    given = stack.airflow.token()
    if not claims:
        return given
    secret = stack.environment["AIRFLOW__API_AUTH__JWT_SECRET"]
    algorithm = jwt.get_unverified_header(given)["alg"]
    return jwt.encode({**jwt.decode(given, options={"verify_signature": False}), **claims}, secret, algorithm=algorithm)


@pytest.fixture(scope="module")
def open_page(stack: Stack) -> Iterator[Callable[..., Page]]:
    """Opens pages of the console for the administrator."""
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def opened(path: str, *, width: int = 1280, theme: str = "light") -> Page:
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.add_cookies([{"name": "_token", "value": token(stack), "url": stack.api_url}])
            context.add_init_script(f"localStorage.setItem('theme', '{theme}')")
            page = context.new_page()
            page.goto(f"{stack.api_url}{path}")
            return page

        yield opened
        browser.close()


@pytest.fixture
def any_service(stack: Stack) -> Iterator[Path]:
    """The template `any_service` of this stack, as it was before and after the test."""
    file = Path(stack.environment["CASEBRIDGE_MAPPINGS"]) / "whitespace" / "any_service.yaml"
    before = file.read_text("utf-8")
    yield file
    file.write_text(before, "utf-8")


def test_a_failed_action_is_found_understood_corrected_and_run_again(
    actions: Actions, open_page: Callable[..., Page], any_service: Path
) -> None:
    """From the log to the Reference, without leaving the console but for the template file."""
    case = actions.case("DAY")
    assert State.REFUSED is actions.perform(case, "any_service").state

    page = open_page("/casebridge/log")
    page.get_by_label("Case", exact=True).fill(case)
    page.get_by_label("State", exact=True).select_option("refused")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("refused: the whole story")).click()
    at_row = page.locator("ol.code li", has_text="service_id")
    expect(at_row).to_contain_text("the mandatory mapping has no value")
    expect(page.get_by_role("link", name="Task log of validate_mappings, try 1")).to_be_visible()

    text = any_service.read_text("utf-8")
    any_service.write_text(text.replace(SERVICE_OF_THE_CASE, '{to: service_id, text: "289"}'), "utf-8")
    page.get_by_role("link", name="Preview today's template").click()
    expect(page.get_by_role("status")).to_contain_text("This would be sent.")
    expect(page.locator("tr", has_text="Service Id")).to_contain_text("289")

    page.go_back()
    page.get_by_role("link", name="Run again").click()
    expect(page.locator("tr", has_text="Service Id")).to_contain_text("differs")
    page.get_by_role("button", name="Run again with today's template").click()
    expect(page.get_by_role("heading", name=f"Create Worksheet for case {case}", exact=True)).to_be_visible(
        timeout=60_000
    )
    expect(page.locator("main .head .state")).to_have_text("confirmed", timeout=60_000)

    page.get_by_role("link", name=case, exact=True).click()
    record = actions.installation.references.of_case(case)[0].record_id
    expect(page.get_by_role("group", name="References")).to_contain_text(record)


def test_a_wrong_password_is_not_saved(actions: Actions, stack: Stack, open_page: Callable[..., Page]) -> None:
    page = open_page("/casebridge/integrations/whitespace")
    page.get_by_label(re.compile("^Password")).fill("wrong")
    page.get_by_role("button", name="Connect and save").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was saved")
    expect(page.get_by_role("alert")).to_contain_text("user name and password")
    assert State.CONFIRMED is actions.perform(actions.case("SAVE")).state

    page.get_by_label(re.compile("^Read timeout")).fill("31")
    page.get_by_label(re.compile("^Password")).fill("demo-password")
    page.get_by_role("button", name="Connect and save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    extra = stack.airflow.request("GET", "/connections/whitespace_default")["extra"]
    assert '"read_timeout_s": "31"' in extra
    assert State.CONFIRMED is actions.perform(actions.case("SAVE")).state


def test_an_action_in_doubt_is_resolved(actions: Actions, open_page: Callable[..., Page]) -> None:
    """Two worksheets of the case that somebody made by hand: nobody but a person knows which one is ours."""
    case = actions.case("DOUBT")
    actions.whitespace.set("settings", duplicate_rule={"window_s": 0})
    for _ in range(2):
        actions.whitespace.create(reference=case)
    actions.whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet", reference=case)
    action = actions.perform(case)
    assert State.NEEDS_PERSON is action.state, action.reason
    record = actions.whitespace.worksheets[-1]["worksheet_id"]

    page = open_page(f"/casebridge/actions/{action.id}")
    page.get_by_label("Its id").fill(str(record))
    page.get_by_role("button", name="Adopt it").click()
    expect(page.get_by_role("status").first).to_contain_text("is adopted. Its run goes on.")
    _wait_for_state(actions, case, State.CONFIRMED)
    assert [str(record)] == [one.record_id for one in actions.installation.references.of_case(case)]
    decided = [event.who for event in actions.installation.log.story(action.id) if event.kind == "adopted"]
    assert [actions.stack.login[0]] == decided


def test_a_finding_is_sent_again(actions: Actions, open_page: Callable[..., Page]) -> None:
    """A Reference holds a worksheet that Whitespace does not have: a new action makes another one."""
    actions.whitespace.set("settings", duplicate_rule={"window_s": 0})
    case = actions.case("FOUND")
    action = actions.perform(case)
    finding = plant_finding(actions, action)

    page = open_page("/casebridge/findings?system=whitespace")
    page.get_by_label("Case", exact=True).fill(case)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=f"Finding {finding.id}, Missing in the target").click()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status").first).to_contain_text("is sent again.")
    expect(page.get_by_role("button", name="Send again")).to_have_count(0)
    _wait_for_state(actions, case, State.CONFIRMED, count=2)
    assert (FindingState.SENT_AGAIN, actions.stack.login[0]) == (
        actions.installation.findings.finding(finding.id).state,
        actions.installation.findings.finding(finding.id).who,
    )


def test_a_paused_system_keeps_its_actions_and_spends_no_try(actions: Actions, open_page: Callable[..., Page]) -> None:
    page = open_page("/casebridge/integrations/whitespace")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused by")).to_be_visible()
    case = actions.case("PAUSE")
    run = actions.trigger(case)
    time.sleep(3)
    assert "running" == actions.airflow.run(DAG, run)["state"]
    assert [] == actions.installation.log.latest(case_reference=case)
    page.get_by_role("button", name="Resume").click()
    action = actions.end(run)
    assert (State.CONFIRMED, 1) == (action.state, action.tries)


def test_the_console_is_in_the_navigation_and_beside_a_run(actions: Actions, open_page: Callable[..., Page]) -> None:
    case = actions.case("FRAME")
    action = actions.perform(case)
    page = open_page("/")
    page.get_by_role("link", name="Bridge").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Overview")).to_be_visible(timeout=30_000)
    tab = open_page(f"/dags/{DAG}/runs/{action.run_id}/plugin/casebridge-action")
    expect(tab.frame_locator("iframe").get_by_role("heading", name=re.compile(case))).to_be_visible(timeout=30_000)
    tab.frame_locator("iframe").get_by_role("link", name=re.compile("Task log of call_target")).click()
    tab.wait_for_url(re.compile("/tasks/call_target"), timeout=30_000)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_a_screen_reader_finds_its_way_and_a_phone_needs_no_scrolling_sideways(
    actions: Actions, open_page: Callable[..., Page], width: int, theme: str
) -> None:
    """Axe finds nothing serious on any page, and everything that is loaded comes from here."""
    refused = actions.perform(actions.case("AXE"), "any_service")
    confirmed = actions.perform(actions.case("AXE"))
    finding = plant_finding(actions, confirmed)
    page = open_page("/casebridge/", width=width, theme=theme)
    home = page.url.rstrip("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    said: list[Any] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in (
        "/",
        "/log",
        "/findings",
        f"/findings/{finding.id}",
        f"/actions/{refused.id}",
        f"/actions/{confirmed.id}",
        f"/actions/{confirmed.id}/again",
        f"/actions/{confirmed.id}/record",
        f"/cases/local/{confirmed.case_reference}?details=true",
        "/integrations",
        "/integrations/whitespace",
        "/templates",
        "/templates/whitespace/missed_bin",
        f"/templates/whitespace/missed_bin/preview?case={confirmed.case_reference}&ask=true",
        "/templates/build?system=whitespace&like=missed_bin",
    ):
        page.goto(f"{home}{path}")
        assert theme == page.evaluate("document.documentElement.dataset.theme")
        found = Axe().run(page).response["violations"]
        assert [] == [one for one in found if one["impact"] not in HARMLESS], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert [] == said
    assert [] == [url for url in asked if not url.startswith((home.split("/casebridge")[0], "data:"))]


def test_airflow_s_own_rights_decide(actions: Actions, stack: Stack) -> None:
    """Who may only look at DAG runs sees outcomes, but neither values nor a way to act."""
    action = actions.perform(actions.case("RIGHTS"))
    address = f"{stack.api_url}/casebridge/actions/{action.id}"
    with requests.Session() as session:
        session.trust_env = False
        assert 401 == session.get(address).status_code
        session.headers["authorization"] = f"Bearer {token(stack, sub='looker', role='viewer')}"
        seen = session.get(address)
        assert 200 == seen.status_code
        assert "mind the dog" not in seen.text
        assert "Try again" not in seen.text
        assert 403 == session.get(f"{address}/record").status_code
        assert 403 == session.post(f"{address}/retry").status_code
        session.headers["authorization"] = f"Bearer {token(stack)}"
        assert "mind the dog" in session.get(address).text


def plant_finding(actions: Actions, action: Action) -> Finding:
    """A finding as a reconciliation leaves it when a record is gone from the target."""
    installation, now = actions.installation, datetime.now(UTC)
    mine = installation.reconciliations.begin("whitespace", action.record, since=now - timedelta(days=30), until=now)
    drifted = Drifted(Drift.MISSING_IN_TARGET, action.record_id or "", action.id)
    installation.findings.seen("whitespace", action.record, [drifted], seen_in=mine.id)
    installation.reconciliations.move(mine, state="done", ended_at=now, counts={}, mended={})
    (finding,) = installation.findings.of_action(action.id)
    return finding


def _wait_for_state(actions: Actions, case: str, state: State, *, count: int = 1) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = actions.installation.log.latest(case_reference=case)
        if len(found) == count and found[0].state is state:
            return
        time.sleep(0.3)
    pytest.fail(f"case {case} has no action that is {state} after 60 s")
