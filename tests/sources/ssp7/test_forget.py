"""After a task is forgotten, no value of it is left: neither what events told, nor texts that wait in the inbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from casebridge.cli.app import app
from casebridge.core.arrival import ArrivalState
from casebridge.core.outcome import State
from casebridge.steps.drain import drain
from casebridge.store.retention import Retention
from casebridge.store.tables import told_cases
from tests.dump import everything
from tests.service_desk import GROUP, ServiceDesk

OTHER = "9001"
TITLE, PERSON, TEXT, ANSWER, WAITING = (
    "Zebrastreifen-Kolibri",
    "Quentin Quokka-9731",
    "Ocelot Lane has no light",
    "the-answer-of-the-provider",
    "a-text-that-waits",
)
PLANTED = (TITLE, PERSON, TEXT, ANSWER, WAITING)


def planted(office: ServiceDesk) -> tuple[str, str]:
    """A task with a value in everything that travels, and a text of the provider that could not be written.

    Returns:
        The task's number and its ticket's.
    """
    made = office.ssp7.act("create_ticket", title=TITLE, form={"Contact": PERSON}, group=GROUP)
    task = str(made["task"]["id"])
    office.work()
    office.ssp7.act("update", task=task, text=TEXT)
    office.work()
    [ticket] = [one for one in office.provider.get("records")["tickets"] if one["title"] == TITLE]
    office.provider.act("solve", ticket=ticket["number"], solution=ANSWER)
    office.work()
    office.ssp7.set("faults", kind="business_error", code="Server", description="Value cannot be null.", times=1)
    office.provider.act("update", ticket=ticket["number"], text=WAITING)
    drain(office.desk)
    return str(ticket["reference"]), str(ticket["number"])


def left(office: ServiceDesk) -> list[str]:
    text = everything(office.database)
    return [value for value in PLANTED if value in text]


def test_no_planted_value_is_left_after_the_command(office: ServiceDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text that failed is kept for a person until then; what was handled is not kept at all."""
    monkeypatch.setenv("CASEBRIDGE_DATABASE_URL", office.database.url)
    with office.listening():
        case, number = planted(office)
        assert {TITLE, PERSON, TEXT, WAITING} <= set(left(office))
        done = CliRunner().invoke(app, ["forget", case, "--source", "ssp7", "--no-airflow", "--yes"])
    assert (0, None, []) == (done.exit_code, done.exception, left(office))
    assert "the case itself in ssp7" in done.output
    assert f"ticket {number}" in done.output


def test_a_forgotten_task_is_known_again_by_its_next_event(office: ServiceDesk) -> None:
    """Its Reference is still there, so no second ticket is made of it."""
    with office.listening():
        case, number = planted(office)
        Retention(office.database).forget("ssp7", case, who="test")
        office.ssp7.act("update", task=case, text="Any news?")
        office.work()
    [ticket] = [one for one in office.provider.get("records")["tickets"] if one["title"] == TITLE]
    assert (number, "Any news?") == (ticket["number"], ticket["updates"][-1]["text"])


def test_another_task_keeps_what_was_told_of_it(office: ServiceDesk) -> None:
    with office.listening():
        office.ssp7.act("assign", task=OTHER, group=GROUP)
        office.work()
        case, _ = planted(office)
    Retention(office.database).forget("ssp7", case, who="test")
    assert "Repair the printer" == office.source.read("TSK0009001").fields["task_title"]


def test_what_is_older_than_the_time_to_keep_it_is_erased_with_texts_that_failed(office: ServiceDesk) -> None:
    with office.listening():
        planted(office)
    assert ArrivalState.FAILED in {entry.state for entry in office.inbox.latest()}
    Retention(office.database).retain(datetime.now(UTC) + timedelta(minutes=1))
    assert [] == left(office)


def test_a_task_with_an_action_under_way_is_kept(office: ServiceDesk) -> None:
    """The action reads it when it is planned."""
    with office.listening():
        office.ssp7.act("assign", task=OTHER, group=GROUP)
        drain(office.desk)
    assert [State.PLANNED] == [action.state for action in office.log.latest()]
    Retention(office.database).retain(datetime.now(UTC) + timedelta(minutes=1))
    with office.database.connect() as connection:
        assert 1 == connection.execute(sa.select(sa.func.count()).select_from(told_cases)).scalar()
