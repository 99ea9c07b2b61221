"""Whole actions, from the sample case to the ledger and back onto the case."""

from __future__ import annotations

import pytest

from casebridge.core.errors import InvalidMapping, NeedsPerson
from casebridge.core.outcome import State
from casebridge.store.action import Action
from tests.connectors.trial import Trial
from tests.simulators.m3pp.client import M3pp

KEYS = ("30004", "99999", "30006")


@pytest.mark.behaviour("M1")
@pytest.mark.behaviour("M2")
@pytest.mark.behaviour("M6")
def test_a_new_asset_s_key_is_stored_and_its_data_comes_back_onto_the_case(trial: Trial, m3pp: M3pp) -> None:
    trial.templates()
    action = trial.perform(trial.ready(trial.scenario.example("create_asset"), "C-1"))
    asset = m3pp.assets[action.record_id or ""]
    assert {"COND": "Good", "SIZE": "240", "COLOUR": "Blue", "DELIVERED": "2026-11-21"} == asset["attributes"]
    assert [("bin", action.record_id)] == [(held.name, held.record_id) for held in trial.references.of_case("C-1")]
    fields = trial.source.read("C-1").fields
    assert (action.record_id, "S-2001") == (fields["bin_asset_key"], fields["bin_site_key"])


@pytest.mark.behaviour("M3")
@pytest.mark.behaviour("M7")
@pytest.mark.behaviour("M8")
def test_a_new_worksheet_s_number_is_stored_and_its_data_comes_back_onto_the_case(trial: Trial, m3pp: M3pp) -> None:
    trial.templates()
    action = trial.perform(trial.ready(trial.scenario.example("create_worksheet"), "C-1"))
    (worksheet,) = m3pp.worksheets
    assert ("C-1", "High") == (worksheet["fields"]["ExternalReference"], worksheet["fields"]["Priority"])
    assert [("delivery", action.record_id)] == [(held.name, held.record_id) for held in trial.references.of_case("C-1")]
    fields = trial.source.read("C-1").fields
    assert (worksheet["worksheet_reference"], "Open") == (fields["delivery_number"], fields["delivery_status"])


def test_an_asset_whose_answer_was_lost_is_for_a_person_and_is_not_made_twice(trial: Trial, m3pp: M3pp) -> None:
    """Nothing that is known about M3 lets an Asset be searched for."""
    example = trial.scenario.example("create_asset")
    action = trial.ready(example, "C-1")
    before = trial.counts(example)["assets"]
    trial.fault("cut_after_commit", example)
    with pytest.raises(NeedsPerson, match="cannot be searched"):
        trial.perform(action)
    assert State.NEEDS_PERSON == trial.ledger.action(action.id).state
    assert before + 1 == trial.counts(example)["assets"]


def planned(trial: Trial, keys: str) -> Action:
    fields = {"bin_asset_keys": keys}
    return trial.ready(trial.scenario.example("update_asset_attribute"), "C-2", fields=fields)


def updates(m3pp: M3pp) -> list[str]:
    """The lists of keys of the updates that were sent, oldest first."""
    return [call["reference"] for call in m3pp.requests if call["operation"] == "UpdateAssetAttribute"]


@pytest.mark.behaviour("M5")
@pytest.mark.behaviour("C12")
def test_a_partial_failure_names_its_keys_and_running_it_again_sends_only_those(trial: Trial, m3pp: M3pp) -> None:
    action = planned(trial, ", ".join(KEYS))
    with pytest.raises(InvalidMapping):
        trial.call(action)
    refused = trial.ledger.action(action.id)
    assert State.REFUSED == refused.state
    assert "M3 did not update 2 of 3 Assets (99999, 30006): 2 problems" == refused.reason
    assert ["asset_not_updated"] * 2 == [problem.rule for problem in refused.problems]
    assert ["asset 30004"] == [part.name for part in trial.ledger.parts(action.id)]
    assert "2026-11-21" == m3pp.assets["30004"]["attributes"]["DELIVERED"]

    with pytest.raises(InvalidMapping):  # cleared without a correction
        trial.call(planned(trial, ", ".join(KEYS)))
    assert State.CONFIRMED == trial.call(planned(trial, "30004, 30005")).state
    assert ["30004,99999,30006", "99999,30006", "30005"] == updates(m3pp)
    assert "2026-11-21" == m3pp.assets["30005"]["attributes"]["DELIVERED"]


def test_an_update_whose_answer_was_lost_is_simply_sent_again(trial: Trial, m3pp: M3pp) -> None:
    action = planned(trial, "30004,30005")
    trial.fault("cut_after_commit", trial.scenario.example("update_asset_attribute"))
    confirmed = trial.perform(action)
    assert (State.CONFIRMED, "Update a single Attribute for one or more Assets: done, Assets updated: 2") == (
        confirmed.state,
        confirmed.reason,
    )
    assert ["30004,30005"] * 2 == updates(m3pp)
