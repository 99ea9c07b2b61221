"""The third step: the record's data comes back onto the case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casebridge.core.case import CaseChanges
from casebridge.core.errors import InvalidMapping, NotFound, RefusedByTarget, Unreachable
from casebridge.core.outcome import Incoming, State
from tests.hub import WORKSHEET_BACK, Hub
from tests.simulators.client import Whitespace

SECOND_BACK = """\
name: Subject back
type: worksheet
reference: worksheet
rows:
  - {from: subject, case_field: worksheet_service}
"""

OTHER_REFERENCE = SECOND_BACK.replace("Subject back", "Other").replace("reference: worksheet", "reference: other")

WITH_A_PROBLEM = """\
name: Odd map
type: worksheet
reference: worksheet
rows:
  - {from: status, case_field: worksheet_code, map: {Closed: "9"}}
  - {from: subject, case_field: worksheet_service}
"""


@pytest.mark.behaviour("C9")
@pytest.mark.behaviour("W5")
def test_every_incoming_template_of_the_reference_is_applied(hub: Hub) -> None:
    hub.template("back", WORKSHEET_BACK)
    hub.template("subject", SECOND_BACK)
    hub.template("other", OTHER_REFERENCE.replace("worksheet_service", "never_written"))
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))
    assert Incoming.APPLIED == hub.apply(action)
    case = hub.source.read("C-1")
    assert action.record_id == case.fields["worksheet_number"]
    assert "Open" == case.fields["worksheet_status"]
    assert "Yes" == case.fields["property_79"]
    assert "Missed Collection Plastics & Glass" == case.fields["worksheet_service"]
    assert datetime(2026, 12, 24, 23, 59, tzinfo=UTC) == case.dates["worksheet_due"]
    assert "never_written" not in case.fields
    assert "The lid is broken, mind the dog" == case.fields["details"]


@pytest.mark.behaviour("C12")
def test_a_row_with_a_problem_is_told_and_the_rest_is_written(hub: Hub) -> None:
    hub.template("odd", WITH_A_PROBLEM)
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))
    with pytest.raises(InvalidMapping, match="Status"):
        hub.apply(action)
    held = hub.ledger.action(action.id)
    assert (State.CONFIRMED, Incoming.PARTLY) == (held.state, held.incoming)
    assert [1] == [problem.row for problem in held.problems]
    assert f"worksheet {action.record_id} is there" in held.reason
    case = hub.source.read("C-1")
    assert "Missed Collection Plastics & Glass" == case.fields["worksheet_service"]
    assert "worksheet_code" not in case.fields


def test_without_an_incoming_template_nothing_is_asked_of_the_target(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))
    assert Incoming.NONE == hub.apply(action)
    assert ["CreateWorksheet"] == [call["operation"] for call in whitespace.requests]


def test_a_broken_incoming_template_is_a_problem_and_hides_no_other(hub: Hub) -> None:
    hub.template("back", WORKSHEET_BACK)
    hub.template("broken", "name: Broken\ntype: worksheet\n")
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))
    with pytest.raises(InvalidMapping, match="cannot be used"):
        hub.apply(action)
    assert "Open" == hub.source.read("C-1").fields["worksheet_status"]


def test_a_target_that_is_away_is_tried_again(hub: Hub, whitespace: Whitespace) -> None:
    hub.template("back", WORKSHEET_BACK)
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))
    whitespace.set("faults", kind="status_503", times=1)
    with pytest.raises(Unreachable):
        hub.apply(action)
    assert Incoming.APPLIED == hub.apply(action)


def test_a_record_that_is_gone_is_told_and_the_action_stays_confirmed(hub: Hub, whitespace: Whitespace) -> None:
    hub.template("back", WORKSHEET_BACK)
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))
    whitespace.set("reset")
    with pytest.raises(NotFound):
        hub.apply(action)
    held = hub.ledger.action(action.id)
    assert (State.CONFIRMED, Incoming.FAILED) == (held.state, held.incoming)


def test_no_date_empties_the_case_date(hub: Hub) -> None:
    hub.template("back", WORKSHEET_BACK.replace("from: due_date", "from: completed_date"))
    hub.case("C-1", dates={"due": "2026-12-24", "worksheet_due": "2020-01-01"})
    action = hub.call(hub.plan("C-1"))
    hub.apply(action)
    assert hub.source.read("C-1").dates["worksheet_due"] is None


def test_a_case_system_that_repeats_what_it_was_given_puts_no_value_into_log_or_ledger(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also a value that came from the target, and was never in the plan of the action."""
    hub.template("back", WORKSHEET_BACK.replace("from: status, case_field", "from: subject, case_field"))
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))

    def refuse(reference: str, changes: CaseChanges) -> None:
        raise RefusedByTarget(f"invalid: {changes.fields['worksheet_status']}; worksheet {action.record_id}")

    monkeypatch.setattr(hub.source, "write", refuse)
    with pytest.raises(RefusedByTarget) as told:
        hub.apply(action)
    said = f"{told.value} {hub.ledger.action(action.id).reason} {caplog.text}"
    assert "Missed Collection" not in said
    assert f"worksheet {action.record_id}" in said
