"""Integration actions on a real Airflow: one DAG run each, from the trigger to the integration log."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from casebridge.cli.airflow_client import AirflowRefusal
from casebridge.core.outcome import Incoming, State
from stack.stack import Stack
from tests.airflow.actions import DAG, Actions
from tests.hub import CASE
from tests.reliability.conftest import repeats

pytestmark = pytest.mark.stack


@pytest.mark.behaviour("W1")
@pytest.mark.behaviour("W5")
@pytest.mark.behaviour("C8")
@pytest.mark.behaviour("C9")
@pytest.mark.behaviour("C10")
def test_a_worksheet_is_created_in_the_background_and_its_data_comes_back(actions: Actions) -> None:
    case = actions.case()
    run_id = actions.trigger(case)
    assert actions.airflow.run_state(DAG, run_id) in ("queued", "running")
    action = actions.end(run_id)
    assert (State.CONFIRMED, Incoming.APPLIED) == (action.state, action.incoming)
    held = actions.installation.source("local").read(case)
    assert action.record_id == held.fields["worksheet_number"]
    assert [action.record_id] == [one.record_id for one in actions.installation.references.of_case(case)]


@pytest.mark.behaviour("C11")
def test_the_run_note_says_the_outcome_in_a_line(actions: Actions) -> None:
    confirmed = actions.perform(actions.case())
    refused = actions.perform(actions.case(fields={"item_id": "blue box"}), "any_service")
    confirmed_note = actions.airflow.run(DAG, confirmed.run_id)["note"]
    refused_note = actions.airflow.run(DAG, refused.run_id)["note"]
    assert f"confirmed: worksheet {confirmed.record_id} created" in confirmed_note
    assert "refused" in refused_note
    assert "2 problems" in refused_note


def test_the_task_log_reads_like_an_integration_log(actions: Actions) -> None:
    action = actions.perform(actions.case())
    assert "Planned: Create Worksheet for case" in actions.log(action.run_id, "validate_mappings")
    assert f"Confirmed: worksheet {action.record_id} created" in actions.log(action.run_id, "call_target")
    assert "Applied incoming" in actions.log(action.run_id, "apply_incoming")


def test_the_only_xcom_value_is_the_actions_id_beside_links(actions: Actions) -> None:
    action = actions.perform(actions.case())
    values = {}
    for task in ("validate_mappings", "call_target", "apply_incoming"):
        path = f"/dags/{DAG}/dagRuns/{action.run_id}/taskInstances/{task}/xcomEntries"
        for entry in actions.airflow.request("GET", path)["xcom_entries"]:
            value = actions.airflow.request("GET", f"{path}/{entry['key']}")["value"]
            values[f"{task}.{entry['key']}"] = json.loads(value) if value.startswith('"') else value
    assert action.id == values.pop("validate_mappings.return_value")
    assert all("_link_" in name for name in values)


def test_the_run_links_to_the_record(actions: Actions) -> None:
    actions.connection("whitespace_linked", record_url="https://whitespace.example/worksheets/{id}")
    action = actions.perform(actions.case(), connection="whitespace_linked")
    path = f"/dags/{DAG}/dagRuns/{action.run_id}/taskInstances/call_target/links"
    links = actions.airflow.request("GET", path)["extra_links"]
    assert f"https://whitespace.example/worksheets/{action.record_id}" == links["Record"]


@pytest.mark.behaviour("C13")
@pytest.mark.behaviour("W8")
def test_a_connection_that_stays_refused_is_retried_exactly_fifteen_times(actions: Actions) -> None:
    actions.connection("whitespace_away", host="http://127.0.0.1:1")
    action = actions.perform(actions.case(), connection="whitespace_away")
    assert 16 == actions.tries(action.run_id, "call_target")
    assert (State.FAILED, 16) == (action.state, action.tries)
    assert "connection refused" in action.reason
    assert "connection refused" in actions.airflow.run(DAG, action.run_id)["note"]


@pytest.mark.behaviour("C7")
@pytest.mark.behaviour("C13")
def test_a_validation_problem_takes_exactly_one_try(actions: Actions) -> None:
    action = actions.perform(actions.case(fields={"item_id": "blue box"}), "any_service")
    assert 1 == actions.tries(action.run_id, "validate_mappings")
    assert "upstream_failed" == actions.airflow.task_instance(DAG, action.run_id, "call_target")["state"]


@pytest.mark.behaviour("W7")
def test_a_second_worksheet_within_thirty_minutes_takes_exactly_one_try(actions: Actions) -> None:
    case = actions.case()
    actions.perform(case)
    second = actions.end(actions.trigger(case, key="2"))
    assert (State.REFUSED, 1) == (second.state, actions.tries(second.run_id, "call_target"))
    assert "30 minutes" in actions.airflow.run(DAG, second.run_id)["note"]


def test_the_same_request_twice_makes_one_run(actions: Actions) -> None:
    case = actions.case()
    actions.trigger(case)
    with pytest.raises(AirflowRefusal) as raised:
        actions.trigger(case)
    assert 409 == raised.value.status
    actions.end(f"{case}~missed_bin~1")


@pytest.mark.parametrize(
    "conf",
    [
        {"template": "missed_bin"},
        {"case": "E-0", "template": "missed_bim"},
        {"case": "", "template": "missed_bin"},
        {"case": "E-0", "template": "missed_bin", "source": "nowhere"},
    ],
)
def test_a_typo_never_becomes_a_run(actions: Actions, conf: dict[str, str]) -> None:
    with pytest.raises(AirflowRefusal) as raised:
        actions.airflow.trigger_run(DAG, conf)
    assert 400 == raised.value.status


@pytest.mark.behaviour("C1")
def test_a_disabled_integration_runs_no_action_and_says_so(actions: Actions) -> None:
    actions.connection("whitespace_off", enabled=False)
    action = actions.perform(actions.case(), connection="whitespace_off")
    assert State.REFUSED == action.state
    assert "disabled in its settings" in actions.airflow.run(DAG, action.run_id)["note"]


def test_clearing_any_task_is_safe(actions: Actions) -> None:
    action = actions.perform(actions.case())
    count = len(actions.whitespace.worksheets)
    for task in ("validate_mappings", "call_target", "apply_incoming"):
        actions.airflow.clear_tasks(DAG, action.run_id, task)
        assert action.record_id == actions.end(action.run_id).record_id
        assert "success" == actions.airflow.run_state(DAG, action.run_id)
    assert count == len(actions.whitespace.worksheets)


def test_a_refused_action_can_be_run_again_after_a_correction(actions: Actions) -> None:
    case = actions.case(fields={**CASE["fields"], "item_id": "blue box"})
    refused = actions.perform(case)
    assert State.REFUSED == refused.state
    actions.installation.local_cases.merge(case, {"fields": {"item_id": "22"}})
    actions.airflow.clear_tasks(DAG, refused.run_id)
    assert State.CONFIRMED == actions.end(refused.run_id).state


@pytest.mark.behaviour("W6")
def test_an_update_of_a_worksheet_is_applied_by_its_own_dag(actions: Actions) -> None:
    case = actions.case()
    action = actions.perform(case)
    actions.whitespace.set("whitespace/complete", worksheet_id=int(action.record_id or 0), outcome="Not Out")
    run_id = actions.airflow.trigger_run("whitespace__worksheet", {"record": action.record_id})
    actions.airflow.wait_for_run("whitespace__worksheet", run_id)
    held = actions.installation.source("local").read(case)
    assert ("Complete", "Not Out") == (held.fields["worksheet_status"], held.fields["worksheet_outcome"])


@pytest.mark.proof
def test_kill_9_right_after_the_target_committed_loses_and_doubles_nothing(actions: Actions) -> None:
    """The task's process dies between the target's commit and its own: 20 worksheets, 20 References."""
    actions.whitespace.set("settings", duplicate_rule={"window_s": 0})  # the target must not be the one who saves us
    before = {row["worksheet_id"] for row in actions.whitespace.worksheets}
    killed = []
    for _ in range(repeats(3, 20)):
        case = actions.case("KILL")
        actions.whitespace.set(
            "faults", kind="hang_after_commit", times=1, seconds=60, operation="CreateWorksheet", reference=case
        )
        run_id = actions.trigger(case)
        _kill_the_task_that_waits_for_its_answer(actions, case)
        killed.append((case, run_id))
    ended = [(case, actions.end(run_id)) for case, run_id in killed]
    after = [row for row in actions.whitespace.worksheets if row["worksheet_id"] not in before]
    assert sorted(case for case, _ in killed) == sorted(row["reference"] for row in after)
    for case, action in ended:
        assert State.CONFIRMED == action.state, (case, action.reason)
        assert [action.record_id] == [one.record_id for one in actions.installation.references.of_case(case)]


def _kill_the_task_that_waits_for_its_answer(actions: Actions, case: str) -> None:
    port = int(actions.whitespace.url.rpartition(":")[2])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any(row["reference"] == case for row in actions.whitespace.worksheets):
            for connection in psutil.net_connections("tcp"):
                if connection.raddr and connection.raddr.port == port and connection.pid not in (None, os.getpid()):
                    os.kill(connection.pid, signal.SIGKILL)
                    return
        time.sleep(0.02)
    raise AssertionError(f"the worksheet of {case} was not created in time")


def test_no_case_value_is_anywhere_in_what_airflow_keeps(actions: Actions, stack: Stack) -> None:
    """XComs, logs, rendered fields, notes, confs: everything in Airflow's database and log folder is searched."""
    planted = {
        "details": "PLANTEDdetails <&> ünïcode",
        "bin_was_out": "PLANTEDanswer",
        "item_id": "22",
        "name": "PLANTEDname",
        "street": "PLANTEDstreet",
    }
    parts = {
        "fields": {name: planted[name] for name in ("details", "bin_was_out", "item_id")},
        "person": {"name": planted["name"]},
        "address": {"uprn": "10001", "line1": planted["street"]},
    }
    good, odd, away = actions.case(**parts), actions.case(**parts), actions.case(**parts)
    actions.perform(good)
    actions.perform(odd, "any_service")
    text = f"Message '{planted['details']}' is not allowed"
    actions.whitespace.set("faults", kind="business_error", times=1, code=1, description=text, reference=away)
    refused = actions.perform(away)
    assert State.REFUSED == refused.state
    broken = actions.case(**parts)
    actions.whitespace.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet", reference=broken)
    actions.perform(broken)

    found = _search_database(stack, "PLANTED") + _search_files(stack.home.folder, "PLANTED")
    assert [] == found


def _search_database(stack: Stack, text: str) -> list[str]:
    engine = sa.create_engine(stack.postgres.url("airflow"))
    found = []
    with engine.connect() as connection:
        tables = connection.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        for table in list(tables):
            query = sa.text(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE :text')
            if connection.execute(query, {"text": f"%{text}%"}).scalar():
                found.append(f"table {table}")
    engine.dispose()
    return found


def _search_files(folder: Path, text: str) -> list[str]:
    needle = re.compile(text.encode())
    return [
        str(path)
        for root in (folder / "airflow", folder / "logs")
        for path in root.rglob("*")
        if path.is_file() and needle.search(path.read_bytes())
    ]
