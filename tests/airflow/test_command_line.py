"""The command line beside a running Airflow: what a script and a person see."""

from __future__ import annotations

import json

import pytest

from casebridge.core.outcome import State
from stack.stack import Stack
from tests.airflow.actions import Actions
from tests.airflow.test_connection import casebridge

pytestmark = pytest.mark.stack


def test_apply_and_wait_tells_the_outcome_by_its_exit_code(actions: Actions, stack: Stack) -> None:
    good = casebridge(stack, "apply", "missed_bin", actions.case(), "--wait", "--json")
    bad = casebridge(stack, "apply", "any_service", actions.case(fields={"item_id": "x"}), "--wait", "--json")
    assert (0, "confirmed") == (good.returncode, json.loads(good.stdout)["state"])
    assert (1, "refused") == (bad.returncode, json.loads(bad.stdout)["state"])
    assert 2 == len(json.loads(bad.stdout)["problems"])


def test_the_same_key_applies_a_template_once(actions: Actions, stack: Stack) -> None:
    case = actions.case()
    first = casebridge(stack, "apply", "missed_bin", case, "--key", "event-7", "--wait", "--json")
    again = casebridge(stack, "apply", "missed_bin", case, "--key", "event-7", "--wait", "--json")
    assert json.loads(first.stdout)["id"] == json.loads(again.stdout)["id"]
    assert 1 == sum(row["reference"] == case for row in actions.whitespace.worksheets)


@pytest.mark.behaviour("C11")
@pytest.mark.behaviour("C3")
def test_log_and_references_show_what_happened(actions: Actions, stack: Stack) -> None:
    action = actions.perform(actions.case())
    (logged,) = json.loads(casebridge(stack, "log", "--case", action.case_reference, "--json").stdout)
    (held,) = json.loads(casebridge(stack, "references", action.case_reference, "--json").stdout)
    story = json.loads(casebridge(stack, "log", "--action", action.id[:10], "--json").stdout)["story"]
    assert (action.record_id, action.run_id) == (logged["record"], logged["run"])
    assert ("worksheet", action.record_id) == (held["name"], held["record_id"])
    assert ["sending", "confirmed"] == [event["kind"] for event in story if event["kind"] in ("sending", "confirmed")]


def test_resolve_adopts_a_record_and_the_run_goes_on(actions: Actions, stack: Stack) -> None:
    case = actions.case()
    actions.whitespace.create(case, service=78)  # a worksheet of another service: nobody but a person can tell
    actions.whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet", reference=case)
    parked = actions.perform(case)
    assert State.NEEDS_PERSON == parked.state
    shown = casebridge(stack, "resolve", parked.id[:8])
    assert "--adopt" in shown.stdout
    (worksheet,) = [row for row in actions.whitespace.worksheets if row["reference"] == case]
    record_id = str(worksheet["worksheet_id"])
    resolved = casebridge(stack, "resolve", parked.id[:8], "--adopt", record_id, "--who", "tester")
    assert 0 == resolved.returncode, resolved.stderr
    ended = actions.end(parked.run_id)
    assert (State.CONFIRMED, record_id) == (ended.state, ended.record_id)
    assert record_id == actions.installation.source("local").read(case).fields["worksheet_number"]


def test_resolve_creates_again_what_a_person_did_not_find(actions: Actions, stack: Stack) -> None:
    case = actions.case()
    actions.whitespace.create(case, service=78)
    actions.whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet", reference=case)
    parked = actions.perform(case)
    assert 0 == casebridge(stack, "resolve", parked.id, "--create-again").returncode
    assert State.CONFIRMED == actions.end(parked.run_id).state
    assert 2 == sum(row["reference"] == case for row in actions.whitespace.worksheets)


def test_an_action_is_run_again_as_it_was_planned(actions: Actions, stack: Stack) -> None:
    actions.whitespace.set("settings", duplicate_rule={"window_s": 0})
    first = actions.perform(actions.case())
    again = json.loads(casebridge(stack, "rerun", first.id, "--wait", "--json").stdout)
    assert (first.template_digest, "confirmed") == (again["template_version"], again["state"])
    assert first.payload_digest == actions.installation.ledger.action(again["id"]).payload_digest


def test_preview_sends_nothing(actions: Actions, stack: Stack) -> None:
    case = actions.case()
    count = len(actions.whitespace.requests)
    shown = json.loads(casebridge(stack, "preview", "missed_bin", case, "--json").stdout)
    assert (True, 289) == (shown["would_be_sent"], shown["fields"]["service_id"])
    assert count == len(actions.whitespace.requests)


def test_an_airflow_that_is_away_is_told_in_a_sentence(stack: Stack) -> None:
    away = casebridge(stack, "apply", "missed_bin", "E-0", CASEBRIDGE_AIRFLOW_URL="http://127.0.0.1:1")
    assert 3 == away.returncode
    assert "Airflow at http://127.0.0.1:1 gave no answer" in away.stderr
