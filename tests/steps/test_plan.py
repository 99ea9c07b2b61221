"""The first step: an action is planned, or refused with every reason."""

from __future__ import annotations

import logging

import pytest

from casebridge.core.errors import Conflict, InvalidMapping, InvalidTemplate, NotConfigured, NotFound
from casebridge.core.outcome import State
from tests.hub import CASE, MISSED_BIN, Hub


def test_a_planned_action_holds_the_payload_and_pins_its_template(hub: Hub) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    assert State.PLANNED == action.state
    assert action.payload is not None
    assert "10001" == action.payload.fields["uprn"]
    assert 289 == action.payload.fields["service_id"]
    assert "2026-12-24 23:59" == action.payload.fields["worksheet_due_date"]
    assert "C-1" == action.external_reference
    assert action.template_digest is not None
    assert MISSED_BIN == hub.ledger.template_text(action.template_digest)


@pytest.mark.behaviour("C7")
@pytest.mark.behaviour("C12")
def test_all_problems_are_on_record_at_once(hub: Hub) -> None:
    hub.template("odd", MISSED_BIN.replace('text: "289"', "case_field: service").replace("Missed", "Odd"))
    hub.case("C-2", fields={"item_id": "blue box"}, dates={"due": None}, address={"uprn": "10001"})
    with pytest.raises(InvalidMapping) as raised:
        hub.plan("C-2", "odd")
    assert ["mandatory_value", "wrong_key"] == [problem.rule for problem in raised.value.problems]
    (action,) = hub.log.latest(case_reference="C-2")
    assert State.REFUSED == action.state
    assert raised.value.problems == action.problems


@pytest.mark.behaviour("C1")
def test_a_disabled_integration_refuses_and_says_so(hub: Hub) -> None:
    hub.case("C-3")
    with pytest.raises(NotConfigured, match="Whitespace is disabled in its settings"):
        hub.plan("C-3", enabled=False)
    (action,) = hub.log.latest(case_reference="C-3")
    assert State.REFUSED == action.state
    assert "disabled" in action.reason


def test_a_case_that_does_not_exist_is_refused_on_record(hub: Hub) -> None:
    with pytest.raises(NotFound):
        hub.plan("C-404")
    assert [State.REFUSED] == [action.state for action in hub.log.latest(case_reference="C-404")]


def test_an_unknown_template_names_where_it_was_looked_for(hub: Hub) -> None:
    hub.case("C-4")
    with pytest.raises(NotConfigured, match=r"mappings/whitespace.*missed_bin"):
        hub.plan("C-4", "missed_bim")


def test_a_broken_template_is_refused_with_its_problems(hub: Hub) -> None:
    hub.template("broken", "name: Broken\ntype: create_worksheet\nrows: []\n")
    hub.case("C-5")
    with pytest.raises(InvalidTemplate):
        hub.plan("C-5", "broken")
    (action,) = hub.log.latest(case_reference="C-5")
    assert {"no_reference", "no_rows", "mandatory_mapping"} == {problem.rule for problem in action.problems}


def test_the_same_key_is_the_same_action(hub: Hub) -> None:
    hub.case("C-6")
    assert hub.plan("C-6", key="k").id == hub.plan("C-6", key="k").id


def test_a_key_that_was_used_for_something_else_is_refused(hub: Hub) -> None:
    hub.case("C-6")
    hub.case("C-7")
    hub.plan("C-6", key="k")
    with pytest.raises(Conflict, match="use a new key"):
        hub.plan("C-7", key="k")


def test_planning_anew_uses_the_case_and_template_of_today_while_nothing_was_sent(hub: Hub) -> None:
    hub.case("C-8", fields={**CASE["fields"], "item_id": "blue box"})
    with pytest.raises(InvalidMapping):
        hub.plan("C-8")
    hub.case("C-8")
    action = hub.plan("C-8")
    assert State.PLANNED == action.state
    assert () == action.problems


def test_what_was_sent_is_not_planned_anew(hub: Hub) -> None:
    hub.case("C-9")
    sent = hub.call(hub.plan("C-9"))
    hub.case("C-9", fields={**CASE["fields"], "details": "Something else"})
    again = hub.plan("C-9")
    assert (sent.id, sent.payload_digest, State.CONFIRMED) == (again.id, again.payload_digest, again.state)


def test_an_action_can_be_planned_with_the_template_of_an_earlier_one(hub: Hub) -> None:
    hub.case("C-10")
    first = hub.plan("C-10")
    hub.template("missed_bin", MISSED_BIN.replace('"289"', '"285"'))
    then = hub.plan("C-10", key="then", template_version=first.template_digest)
    today = hub.plan("C-10", key="today")
    assert first.payload_digest == then.payload_digest
    assert first.payload_digest != today.payload_digest


@pytest.mark.behaviour("W7")
def test_the_log_warns_of_the_thirty_minutes_and_leaves_the_refusal_to_the_target(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.case("C-11")
    hub.call(hub.plan("C-11"))
    with caplog.at_level(logging.WARNING):
        second = hub.plan("C-11", key="second")
    assert State.PLANNED == second.state
    assert "refuses a second one within 30 minutes" in caplog.text
