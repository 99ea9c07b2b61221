"""Findings of reconciliation: found by what people know, and decided with the right and the name of who decides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from casebridge.console.airflow_port import AirflowRefused
from casebridge.core.drift import Drift
from casebridge.core.outcome import State
from casebridge.store.findings import Drifted, Findings, FindingState
from casebridge.store.operator_acts import OperatorActs
from tests.console.desk import Browser, PaperAirflow
from tests.console.findings import found, reconciled
from tests.console.test_acts import in_doubt, refused
from tests.hub import Hub


def numbers(page: str) -> list[int]:
    """The findings in the rows of a page, in their order."""
    return [int(one) for one in re.findall(r'data-is="Finding"><a href="/findings/(\d+)"', page)]


def state(hub: Hub, number: int) -> FindingState:
    return Findings(hub.database).finding(number).state


def deeds(hub: Hub) -> list[tuple[str, str, str]]:
    """What is written down about Whitespace, the newest first."""
    return [(one.kind, one.text, one.who) for one in OperatorActs(hub.database).latest("whitespace")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["C-2", "C-1"]),
        ({"system": "whitespace"}, ["C-2", "C-1"]),
        ({"system": "tascomi"}, []),
        ({"kind": "in_doubt"}, ["C-2"]),
        ({"case": "C-1"}, ["C-1"]),
        ({"state": "closed"}, ["C-3"]),
        ({"state": "any"}, ["C-3", "C-2", "C-1"]),
        ({"kind": "missing_in_target", "state": "any"}, ["C-3", "C-1"]),
    ],
)
def test_findings_are_found_by_what_people_know(
    looker: Browser, hub: Hub, query: dict[str, str], expected: list[str]
) -> None:
    drifts = [Drift.MISSING_IN_TARGET, Drift.IN_DOUBT, Drift.MISSING_IN_TARGET]
    actions = [hub.plan_only(f"C-{number}") for number in (1, 2, 3)]
    last = found(hub, *(Drifted(drift, "", one.id) for drift, one in zip(drifts, actions, strict=True)))[-1]
    Findings(hub.database).decide(last, FindingState.CLOSED, who="somebody", reason="known")
    page = looker.get("/findings", **query).text
    assert expected == re.findall(r'href="/cases/local/([^"]+)"', page)


@pytest.mark.parametrize("query", [{"kind": "matched"}, {"state": "lost"}, {"after": "two"}])
def test_a_search_that_makes_no_sense_is_refused_with_a_page(looker: Browser, query: dict[str, str]) -> None:
    assert "<h1>" in looker.get("/findings", status=404, **query).text


def test_pages_of_findings_follow_each_other(looker: Browser, hub: Hub) -> None:
    """Each finding is on one page, also while others are decided."""
    action = hub.plan_only("C-1")
    every = found(hub, *(Drifted(Drift.MISSING_IN_TARGET, f"{number}", action.id) for number in range(60)))
    first = looker.get("/findings").text
    Findings(hub.database).decide(every[-1], FindingState.IGNORED, who="somebody", reason="none")
    second = looker.get("/findings", after=str(numbers(first)[-1])).text
    assert [one.id for one in every[::-1]] == numbers(first) + numbers(second)
    assert (50, 10) == (len(numbers(first)), len(numbers(second)))


def test_a_record_is_adopted_into_the_reference_of_the_form(operator: Browser, hub: Hub) -> None:
    action = refused(hub)
    (finding,) = found(hub, Drifted(Drift.MISSING_HERE, "424242", action.id))
    operator.post(f"/findings/{finding.id}/decide", decision="adopt", reference="second")
    (held,) = hub.references.of_case("C-1")
    assert ("424242", "second") == (held.record_id, held.name)
    told = f'finding {finding.id}, "Missing here": adopted'
    assert [("decided", told, "operator")] == deeds(hub)
    assert ("finding", "operator") in [(one.kind, one.who) for one in hub.log.story(action.id)]


def test_a_doubled_record_is_adopted_only_into_a_named_reference(operator: Browser, hub: Hub) -> None:
    """Without a word the record that the Reference holds would be replaced."""
    action = hub.call(hub.plan_only("C-1"))
    (finding,) = found(hub, Drifted(Drift.DOUBLED, "424242", action.id))
    assert 'name="reference" value=""' in operator.get(f"/findings/{finding.id}").text
    page = operator.post(f"/findings/{finding.id}/decide", status=409, decision="adopt").text
    assert "write the name of the Reference" in page
    assert (FindingState.OPEN, []) == (state(hub, finding.id), deeds(hub))


def test_an_action_in_doubt_is_adopted_with_the_id_of_its_record(
    operator: Browser, hub: Hub, airflow: PaperAirflow
) -> None:
    action = in_doubt(hub)
    (finding,) = found(hub, Drifted(Drift.IN_DOUBT, "", action.id))
    operator.post(f"/findings/{finding.id}/decide", status=409, decision="adopt")
    operator.post(f"/findings/{finding.id}/decide", decision="adopt", record_id="424242")
    assert (State.CONFIRMED, "424242") == (hub.ledger.action(action.id).state, hub.ledger.action(action.id).record_id)
    assert [(action.dag_id, action.run_id, ("call_target",))] == airflow.cleared
    assert FindingState.ADOPTED is state(hub, finding.id)


def test_a_decision_stands_when_its_run_cannot_go_on(operator: Browser, hub: Hub, airflow: PaperAirflow) -> None:
    action = in_doubt(hub)
    (finding,) = found(hub, Drifted(Drift.IN_DOUBT, "", action.id))
    airflow.refuses = True
    page = operator.post(f"/findings/{finding.id}/decide", decision="send_again").text
    assert "does not go on" in page
    assert FindingState.SENT_AGAIN is state(hub, finding.id)


def test_what_is_gone_is_sent_again_by_a_new_run(operator: Browser, hub: Hub, airflow: PaperAirflow) -> None:
    action = hub.call(hub.plan_only("C-1"))
    (finding,) = found(hub, Drifted(Drift.MISSING_IN_TARGET, action.record_id or "", action.id))
    operator.post(f"/findings/{finding.id}/decide", decision="send_again")
    ((dag_id, conf, run_id),) = airflow.started
    assert ("whitespace__create_worksheet", "C-1") == (dag_id, conf["case"])
    assert f"finding-{finding.id}" in run_id
    operator.post(f"/findings/{finding.id}/decide", status=409, decision="send_again")
    assert 1 == len(airflow.started)


@pytest.mark.parametrize(("status", "expected"), [(409, FindingState.SENT_AGAIN), (403, FindingState.OPEN)])
def test_a_run_that_was_started_before_is_the_same_one_and_a_refused_one_is_none(
    operator: Browser,
    hub: Hub,
    airflow: PaperAirflow,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    expected: FindingState,
) -> None:
    """A click that came twice starts one run; what Airflow forbids leaves the finding open, and nothing is noted."""

    def refuse(dag_id: str, conf: dict[str, str], run_id: str) -> None:
        raise AirflowRefused(status, "no")

    monkeypatch.setattr(airflow, "start", refuse)
    action = hub.call(hub.plan_only("C-1"))
    (finding,) = found(hub, Drifted(Drift.MISSING_IN_TARGET, action.record_id or "", action.id))
    done = expected is FindingState.SENT_AGAIN
    operator.post(f"/findings/{finding.id}/decide", status=200 if done else 409, decision="send_again")
    assert (expected, done) == (state(hub, finding.id), bool(deeds(hub)))


@pytest.mark.parametrize("way", ["close", "ignore"])
def test_leaving_a_finding_as_it_is_needs_a_reason(operator: Browser, hub: Hub, way: str) -> None:
    (finding,) = found(hub, Drifted(Drift.CLOSED_HERE, "424242", hub.plan_only("C-1").id))
    operator.post(f"/findings/{finding.id}/decide", status=409, decision=way)
    page = operator.post(f"/findings/{finding.id}/decide", decision=way, reason="the council knows").text
    assert "the council knows" in page
    assert {"close": FindingState.CLOSED, "ignore": FindingState.IGNORED}[way] is state(hub, finding.id)


def test_only_fitting_ways_are_offered_and_taken(operator: Browser, hub: Hub) -> None:
    (finding,) = found(hub, Drifted(Drift.CLOSED_HERE, "424242", hub.plan_only("C-1").id))
    page = operator.get(f"/findings/{finding.id}").text
    assert ["close", "ignore"] == re.findall(r'name="decision" value="(\w+)"', page)
    operator.post(f"/findings/{finding.id}/decide", status=409, decision="adopt", record_id="1", reference="second")
    operator.post(f"/findings/{finding.id}/decide", status=404, decision="forget")
    assert FindingState.OPEN is state(hub, finding.id)


def test_a_selection_asks_for_what_each_needs_and_answers_for_each(
    operator: Browser, looker: Browser, hub: Hub
) -> None:
    """What is not filled in for one keeps nothing of the others from being done."""
    here, doubt, doubled = refused(hub, "C-1"), in_doubt(hub, "C-2"), hub.call(hub.plan_only("C-3"))
    drifts = [
        Drifted(Drift.MISSING_HERE, "1001", here.id),
        Drifted(Drift.IN_DOUBT, "", doubt.id),
        Drifted(Drift.DOUBLED, "1003", doubled.id),
        Drifted(Drift.CLOSED_HERE, "1004", doubled.id),
    ]
    every = [one.id for one in found(hub, *drifts)]
    first, second = every[0], every[1]
    page = operator.post("/findings/selection", deed="adopt", every="1", state="open").text
    assert "3 of 4 findings" in page
    assert {f"reference-{first}", f"record_id-{second}"} <= set(re.findall(r'name="([a-z_]+-\d+)"', page))
    filled_in = {f"reference-{first}": "worksheet", f"record_id-{second}": "1002"}
    assert "2 of 3 done" in operator.post("/findings/selection/do", deed="adopt", id=every[:3], **filled_in).text
    states = [FindingState.ADOPTED, FindingState.ADOPTED, FindingState.OPEN, FindingState.OPEN]
    assert states == [state(hub, number) for number in every]
    operator.post("/findings/selection", status=409, deed="adopt")
    looker.get("/findings")
    assert "0 of 1 done" in looker.post("/findings/selection/do", deed="ignore", reason="no", id=every[3:]).text
    assert FindingState.OPEN is state(hub, every[3])


def test_the_report_is_shown_in_an_origin_of_its_own(looker: Browser, hub: Hub, tmp_path: Path) -> None:
    """It brings a script along, which must not act as its reader."""
    page = tmp_path / "report.html"
    page.write_text("<!doctype html><title>Report</title>", "utf-8")
    mine = reconciled(hub, str(page))
    address = f"/findings/reports/{mine.id}"
    assert address in looker.get("/findings").text
    assert address in looker.get("/integrations/whitespace").text
    answer = looker.get(address)
    assert "<title>Report</title>" in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy
    page.unlink()
    looker.get(address, status=404)
    looker.get("/findings/reports/999", status=404)
