"""After a case is forgotten, no value of it is left; what became of its actions is."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from casebridge.cli.airflow_traces import places
from casebridge.cli.app import app
from casebridge.core.arrival import Arrival, ArrivalKind, ArrivalState
from casebridge.core.errors import Conflict
from casebridge.core.outcome import State
from casebridge.steps.reconcile_report import write_report
from casebridge.store.inbox import Inbox
from casebridge.store.retention import LeftBehind, Retention
from tests.dump import everything
from tests.reconcile.world import World

PLANTED = ("Zebrastreifen-Kolibri", "quokka-9731", "Ocelot Lane")


def plant(world: World, reference: str = "C-1") -> Any:
    """A case with planted values in every field that goes out, an action of it, and messages about it."""
    parts = world.planting.case
    fields = dict.fromkeys(parts["fields"], f"{PLANTED[0]} {PLANTED[1]}")
    world.planting.case = {**parts, "fields": fields, "person": {"name": PLANTED[2]}}  # type: ignore[misc]
    try:
        action = world.create(reference)
    finally:
        world.planting.case = parts  # type: ignore[misc]
    Inbox(world.database).put(
        [
            Arrival("local", ArrivalKind.CASE_EVENT, f"k1:{reference}", reference, details={"note": PLANTED[0]}),
            Arrival(
                world.planting.system,
                ArrivalKind.RECORD_UPDATE,
                f"k2:{reference}",
                str(action.record_id),
                details={"note": PLANTED[1]},
            ),
        ]
    )
    return action


def left(text: str) -> list[str]:
    return [value for value in PLANTED if value in text]


def test_no_planted_value_is_left_in_the_database(world: World) -> None:
    action = plant(world)
    world.create("C-2")
    assert list(PLANTED) == left(everything(world.database))
    erased = Retention(world.database).forget("local", "C-1", who="Sample Officer")
    assert [] == left(everything(world.database))
    record = LeftBehind(world.planting.system, action.record, str(action.record_id))
    assert (1, 2, 1, (record,)) == (erased.actions, erased.messages, erased.local_cases, erased.left_behind)


def test_outcomes_and_references_stay(world: World) -> None:
    action = plant(world)
    Retention(world.database).forget("local", "C-1", who="test")
    kept = world.ledger.action(action.id)
    assert (State.CONFIRMED, action.record_id, None) == (kept.state, kept.record_id, kept.payload)
    assert [action.record_id] == [one.record_id for one in world.references.of_case("C-1")]


def test_other_cases_keep_what_they_have(world: World) -> None:
    plant(world)
    other = world.create("C-2")
    Retention(world.database).forget("local", "C-1", who="test")
    assert world.ledger.action(other.id).payload is not None
    assert "open" == world.source.read("C-2").status


def test_a_message_that_waits_is_not_handled_after_its_case_was_forgotten(world: World) -> None:
    plant(world)
    Retention(world.database).forget("local", "C-1", who="test")
    assert [] == Inbox(world.database).pending()
    assert {ArrivalState.IGNORED} == {entry.state for entry in Inbox(world.database).latest()}


def test_a_case_with_an_action_under_way_cannot_be_forgotten(world: World) -> None:
    """The action still needs what it sends."""
    world.plan("C-1")
    with pytest.raises(Conflict, match="have not ended"):
        Retention(world.database).forget("local", "C-1", who="test")


def test_nothing_of_a_case_is_in_logs_and_in_what_tasks_hand_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Airflow keeps the logs of tasks and the ids they hand on: no value may get there in the first place."""
    caplog.set_level(logging.DEBUG, logger="casebridge")
    action = plant(world)
    world.planting.change(str(action.record_id))
    world.reconcile()
    assert "Confirmed" in caplog.text
    assert [] == left(caplog.text)
    assert [] == left(action.id)


def test_a_report_holds_no_value(world: World, tmp_path: Path) -> None:
    plant(world)
    world.set_status("C-1", "closed")
    done = world.reconcile()
    page, _ = write_report(
        done,
        title="Target",
        folder=tmp_path / "reports",
        reconciliations=world.reconciliations,
        findings=world.findings,
    )
    written = [page.with_suffix(ending).read_text("utf-8") for ending in (".html", ".csv", ".json")]
    assert [] == [value for text in written for value in left(text)]
    assert str(page) == world.reconciliations.latest(done.system, done.record)[-1].report


def test_what_ended_long_ago_loses_its_values_and_what_is_under_way_keeps_them(world: World) -> None:
    done, planned = plant(world), world.plan("C-2")
    entry = Inbox(world.database).pending()[0]
    Inbox(world.database).done(entry, ArrivalState.HANDLED)
    retention = Retention(world.database)
    assert 0 == retention.retain(datetime.now(UTC) - timedelta(days=1)).actions
    erased = retention.retain(datetime.now(UTC) + timedelta(minutes=1), limit=1)
    assert (1, 1) == (erased.actions, erased.messages)
    assert world.ledger.action(done.id).payload is None
    assert world.ledger.action(planned.id).payload is not None


def test_the_command_ends_by_telling_what_is_left_elsewhere(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    action = plant(world)
    monkeypatch.setenv("CASEBRIDGE_DATABASE_URL", world.database.url)
    done = CliRunner().invoke(app, ["forget", "C-1", "--no-airflow", "--yes"])
    assert (0, None) == (done.exit_code, done.exception)
    assert f"{world.manifest.title}: {action.record} {action.record_id}" in done.output
    assert done.output.strip().endswith("Use the tools of each system for these.")


class Airflow:
    """Answers as Airflow's REST API does."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts

    def request(self, method: str, path: str, **options: Any) -> Any:
        tail = path.rpartition("dagRuns/r-1")[2]
        answers: dict[str, Any] = {
            "": {"conf": {"case": "C-1", "note": self.texts.get("conf", "")}, "note": self.texts.get("note")},
            "/taskInstances": {"task_instances": [{"task_id": "t", "try_number": 2}]},
            "/taskInstances/t/xcomEntries": {"xcom_entries": [{"key": "return_value"}]},
            "/taskInstances/t/xcomEntries/return_value": {"value": self.texts.get("xcom", "a1")},
            "/taskInstances/t/logs/1": {"content": [{"event": self.texts.get("log", "done")}]},
            "/taskInstances/t/logs/2": {"content": []},
        }
        return answers[tail]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, []),
        ({"note": f"about {PLANTED[0]}"}, ["conf and note"]),
        ({"conf": PLANTED[0]}, ["conf and note"]),
        ({"xcom": PLANTED[0]}, ["XCom return_value of t"]),
        ({"log": f"sent {PLANTED[0]}"}, ["log of t, try 1"]),
    ],
)
def test_a_value_is_found_wherever_airflow_keeps_it(texts: dict[str, str], expected: list[str]) -> None:
    assert expected == places(Airflow(**texts), "d", "r-1", [PLANTED[0]])  # type: ignore[arg-type]
