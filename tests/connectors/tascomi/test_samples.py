"""The sample cases with the sample templates, as a person would try them out."""

from __future__ import annotations

import pytest

from casebridge.core.errors import InvalidMapping
from casebridge.core.outcome import State
from tests.connectors.scenario import sample_cases
from tests.connectors.trial import Trial

pytestmark = pytest.mark.parametrize("system", ["tascomi"])


def apply(trial: Trial, case: str, template: str, action: str = "create_service_request") -> str:
    """Applies a template to a sample case and gives the reason that the log shows."""
    trial.cases.put([(case, sample_cases()[case])])
    done = trial.perform(trial.plan(case, template, action_type=action, record="service_request"))
    assert State.CONFIRMED == done.state
    return done.reason


@pytest.mark.parametrize(
    ("case", "template", "told"),
    [
        ("CASE-1201", "noise_complaint", "requester 5007 created"),
        ("CASE-1202", "noise_complaint", "requester 5001 linked and updated"),
        ("CASE-1203", "noise_complaint", "requester 5007 created"),
        ("CASE-1204", "environmental_report", "requester 5005 linked, contact 5007 created"),
    ],
)
def test_each_sample_case_shows_a_rule_of_the_contacts(trial: Trial, case: str, template: str, told: str) -> None:
    assert f"service_request 2026/00413/SR created, {told}" == apply(trial, case, template)


def test_a_sample_case_with_four_mistakes_is_told_all_of_them(trial: Trial) -> None:
    with pytest.raises(InvalidMapping) as raised:
        apply(trial, "CASE-1205", "environmental_report")
    assert {"disabled_code", "ambiguous_code", "unknown_code", "typed_address"} == {
        problem.rule for problem in raised.value.problems
    }


@pytest.mark.behaviour("T3")
def test_incoming_templates_are_applied_after_a_create_and_after_an_update(trial: Trial) -> None:
    apply(trial, "CASE-1201", "noise_complaint")
    fields = trial.source.read("CASE-1201").fields
    assert ("2026/00413/SR", "None yet") == (fields["service_request_number"], fields["service_request_status"])
    row = trial.simulated("records")["complaints"][-1]
    trial.simulate("tascomi/update", table="complaints", id=row["id"], fields={"status": "Visited"})
    updated = apply(trial, "CASE-1201", "noise_update", "update_service_request")
    assert "service_request 2026/00413/SR updated" == updated
    assert "Visited" == trial.source.read("CASE-1201").fields["service_request_status"]
    assert "2" == trial.simulated("records")["complaints"][-1]["complaint_action_required_id"]
