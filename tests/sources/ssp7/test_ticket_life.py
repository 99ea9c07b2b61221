"""A ticket task between SSP7 and a service provider, from its assignment to its end, over real HTTP."""

from __future__ import annotations

import pytest

from casebridge.core.arrival import ArrivalState
from casebridge.core.outcome import State
from casebridge.steps.drain import drain
from tests.service_desk import GROUP, ServiceDesk

TASK = "9001"
CASE = "TSK0009001"


@pytest.mark.behaviour("S2")
@pytest.mark.behaviour("S4")
@pytest.mark.behaviour("S5")
@pytest.mark.behaviour("S7")
@pytest.mark.behaviour("S8")
@pytest.mark.behaviour("S9")
def test_a_ticket_lives_its_whole_life(office: ServiceDesk) -> None:
    """Assigned, submitted, acknowledged, updates both ways, solved, declined, solved again, closed by the provider."""
    ssp7, provider = office.ssp7, office.provider
    with office.listening():
        ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        [ticket] = office.tickets()
        number = ticket["number"]
        assert ("Repair the printer", "Town hall, first floor", "high") == (
            ticket["title"],
            ticket["location"],
            ticket["priority"],
        )
        assert number == ssp7.task(TASK)["external_reference"]

        ssp7.act("update", task=TASK, text="Please hurry.", author="Sample Colleague")
        office.work()
        assert ["Please hurry."] == office.texts()
        provider.act("update", ticket=number, text="A part is on its way.", author="Technician")
        office.work()
        assert ["Please hurry.", "A part is on its way."] == [one["text"] for one in ssp7.task(TASK)["updates"]]

        provider.act("solve", ticket=number, solution="Drum cleaned.")
        office.work()
        assert ("Ready", "Drum cleaned.") == (ssp7.task(TASK)["status"], ssp7.task(TASK)["solution"])
        ssp7.act("reject", task=TASK, text="Still blank pages.")
        office.work()
        assert ("in_progress", 1) == (office.tickets()[0]["status"], office.tickets()[0]["declined"])
        provider.act("solve", ticket=number, solution="Drum replaced.")
        office.work()
        assert ("Ready", "Drum replaced.") == (ssp7.task(TASK)["status"], ssp7.task(TASK)["solution"])
        provider.act("close", ticket=number)
        office.work()

    assert "Closed" == ssp7.task(TASK)["status"]
    assert ["create_ticket", "add_update", "decline_solution"] == office.calls()
    assert {State.CONFIRMED} == {action.state for action in office.log.latest(limit=100)}
    assert 0 == office.inbox.count_pending()


@pytest.mark.behaviour("S5")
def test_a_task_that_is_closed_by_hand_closes_its_ticket(office: ServiceDesk) -> None:
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        office.ssp7.act("close", task=TASK, solution="It works again.")
        office.work()
    assert ("closed", ["It works again."]) == (office.tickets()[0]["status"], office.texts())


@pytest.mark.behaviour("S3")
def test_a_task_that_is_assigned_again_is_the_same_ticket(office: ServiceDesk) -> None:
    """SSP7 starts the same process as for the first assignment: who takes it for a create makes a duplicate."""
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        office.ssp7.act("assign", task=TASK, group="First Line")
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
    assert ["create_ticket", "add_update"] == office.calls()
    assert ["The task has been assigned to you again."] == office.texts()


@pytest.mark.behaviour("S3")
def test_a_second_assignment_makes_no_second_ticket_even_if_ssp7_lost_the_reference(office: ServiceDesk) -> None:
    """The acknowledgement was refused, so SSP7 sends the first request once more, without a reference."""
    office.ssp7.set("settings", reassignment_needs_reference=False)
    office.ssp7.set("faults", kind="business_error", code="Server", description="Value cannot be null.", times=9)
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        office.ssp7.act("assign", task=TASK, group="First Line")
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
    assert "" == office.ssp7.task(TASK)["external_reference"]
    assert (1, ["create_ticket", "add_update"]) == (len(office.tickets()), office.calls())


def test_a_task_that_was_submitted_before_casebridge_was_there_is_updated(office: ServiceDesk) -> None:
    """The reference that SSP7 tells is the ticket: it becomes the Reference with the first update."""
    number = office.provider.new(CASE, title="By hand")
    office.ssp7.act("assign", task=TASK, group=GROUP)
    office.ssp7.acknowledge(number)
    with office.listening():
        office.ssp7.act("update", task=TASK, text="Any news?")
        office.work()
    assert ["Any news?"] == office.texts()
    assert [number] == [one.record_id for one in office.references.of_case(CASE)]


@pytest.mark.parametrize("order", ["as_sent", "reversed"])
def test_the_same_event_five_times_and_out_of_order_is_one_create_and_updates_in_order(
    office: ServiceDesk, order: str
) -> None:
    """R11. The events wait at SSP7, and come five times each, the last one first."""
    ssp7 = office.ssp7
    with office.listening():
        ssp7.set("settings", deliveries={"hold": True})
        ssp7.act("assign", task=TASK, group=GROUP, wait=False)
        for number in range(4):
            ssp7.act("update", task=TASK, text=f"Text {number}", wait=False)
        ssp7.act("resend", times=5, **({"order": order} if order == "reversed" else {}))
        office.work(rounds=30)
    assert ["create_ticket", *["add_update"] * 4] == office.calls()
    assert [f"Text {number}" for number in range(4)] == office.texts()
    assert 5 == len(office.states())


def test_an_update_that_comes_before_its_request_waits_for_it(office: ServiceDesk) -> None:
    with office.listening():
        office.ssp7.set("settings", deliveries={"hold": True})
        office.ssp7.act("assign", task=TASK, group=GROUP, wait=False)
        office.ssp7.act("update", task=TASK, text="Please hurry.", wait=False)
        first, second = (one["id"] for one in office.ssp7.get("records")["deliveries"])
        office.ssp7.act("resend", delivery=second)
        office.work()
        assert ([("update", ArrivalState.PENDING)], []) == (office.states(), office.calls())
        office.ssp7.act("resend", delivery=first)
        office.work()
    assert ["create_ticket", "add_update"] == office.calls()


def test_while_an_action_of_an_event_has_not_ended_the_next_event_waits(office: ServiceDesk) -> None:
    """Otherwise it would change the case from which the first is planned, and one text would go twice."""
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        for text in ("one", "two"):
            office.ssp7.act("update", task=TASK, text=text)
        drain(office.desk)
        drain(office.desk)
        assert (1, 1) == (len(office.waiting), office.inbox.count_pending())
        assert "one" == office.source.read(CASE).fields["update_text"]
        runs, office.waiting = office.waiting, []
        for run in runs:
            office.run(*run)
        office.work()
    assert ["one", "two"] == office.texts()


def test_a_burst_of_events_is_handled_by_one_run_of_the_inbox(
    office: ServiceDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each waits for the action of the one before; one that waits for a turn was not tried."""

    def meanwhile(_: float) -> None:
        runs, office.waiting = office.waiting, []
        for run in runs:
            office.run(*run)

    monkeypatch.setattr("casebridge.steps.drain.sleep", meanwhile)
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        for number in range(3):
            office.ssp7.act("update", task=TASK, text=f"Text {number}")
        office.ssp7.act("settle")
        counts = drain(office.desk, patience_s=15)
        meanwhile(0)
    assert (4, 0) == (counts[ArrivalState.HANDLED], counts[ArrivalState.PENDING])
    assert ["Text 0", "Text 1", "Text 2"] == office.texts()
    assert {1} == {entry.tries for entry in office.inbox.latest()}


def test_an_update_that_fails_is_not_tried_again_by_the_run_that_waits_for_others(
    office: ServiceDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tries are for minutes, not for seconds."""
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        text = "Server was unable to process request. ---> Transaction was deadlocked on lock resources"
        office.ssp7.set("faults", kind="business_error", code="Server", description=text, times=9)
        office.provider.act("update", ticket=office.tickets()[0]["number"], text="one")
        for number in range(2):
            office.ssp7.act("update", task=TASK, text=f"Text {number}")
        office.ssp7.act("settle")
        monkeypatch.setattr("casebridge.steps.drain.PAUSE_S", 0.2)
        drain(office.desk, patience_s=1)
    [failing] = [entry for entry in office.inbox.latest() if entry.arrival.system == "service_provider"]
    assert (ArrivalState.PENDING, 1) == (failing.state, failing.tries)


def test_two_updates_in_the_same_second_with_the_same_text_are_two(office: ServiceDesk) -> None:
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        for _ in range(2):
            office.ssp7.act("update", task=TASK, text="Please hurry.")
        office.work(rounds=20)
    assert ["Please hurry.", "Please hurry."] == office.texts()


@pytest.mark.behaviour("S8")
def test_what_comes_in_to_ssp7_never_goes_out(office: ServiceDesk) -> None:
    """R13. An update from outside raises an event too, of the same type: the direction tells them apart."""
    with office.listening():
        office.ssp7.set("settings", sent_incoming=["acknowledgement", "update", "reassigned"])
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        calls = office.calls()
        office.ssp7.update("From another system.")
        office.ssp7.reassign("Solved elsewhere.")
        office.work()
        assert calls == office.calls()
        incoming = [state for event, state in office.states() if event.endswith("_in")]
    assert [ArrivalState.IGNORED] * 3 == incoming


@pytest.mark.behaviour("S1")
def test_a_group_that_is_not_integrated_starts_nothing(office: ServiceDesk) -> None:
    """SSP7 sends nothing for it; and what a group does that our profile does not name is only recorded."""
    with office.listening():
        office.ssp7.act("assign", task=TASK, group="Facilities")
        office.work()
    assert ([], []) == (office.states(), office.calls())


def test_a_provider_s_texts_are_written_once_and_in_order_however_often_they_come(office: ServiceDesk) -> None:
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        number = office.tickets()[0]["number"]
        office.provider.set("settings", deliveries={"hold": True})
        for text in ("one", "two", "two", "three"):
            office.provider.act("update", ticket=number, text=text, wait=False)
        office.provider.act("redeliver", times=5, order="reversed")
        office.work()
    assert ["one", "two", "two", "three"] == [one["text"] for one in office.ssp7.task(TASK)["updates"]]


def test_an_update_text_whose_answer_is_lost_waits_for_a_person_and_holds_the_next(office: ServiceDesk) -> None:
    """Nobody can tell from outside whether it arrived: it is not written twice, and the order is kept."""
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        number = office.tickets()[0]["number"]
        office.ssp7.set(
            "faults", kind="cut_after_commit", operation="ProcessInstanceTaskExternalUpdateMessage", times=1
        )
        office.provider.act("update", ticket=number, text="one")
        office.provider.act("update", ticket=number, text="two")
        office.work()
        written = lambda: [one["text"] for one in office.ssp7.task(TASK)["updates"]]  # noqa: E731
        assert ["one"] == written()
        [parked] = [action for action in office.log.latest(limit=50) if action.state is State.NEEDS_PERSON]
        office.decisions.adopt(parked.id, record_id=TASK, who="somebody")
        office.work()
        assert ["one", "two"] == written()
    assert 0 == office.inbox.count_pending()


def test_a_fault_that_passes_is_tried_again(office: ServiceDesk) -> None:
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        number = office.tickets()[0]["number"]
        text = "Server was unable to process request. ---> Transaction was deadlocked on lock resources"
        office.ssp7.set("faults", kind="business_error", code="Server", description=text, times=2)
        office.provider.act("update", ticket=number, text="one")
        for _ in range(4):
            office.work()
    assert ["one"] == [one["text"] for one in office.ssp7.task(TASK)["updates"]]


def test_another_wsdl_works_by_configuration_alone(office: ServiceDesk) -> None:
    """Other parts, another namespace, another type of result, and the task by its number."""
    office.ssp7.set("settings", profile="alternative", task_key="number")
    parts = {
        "task": "taskNumber",
        "external_reference": "externalId",
        "text": "updateText",
        "author": "writtenBy",
        "solution": "solutionText",
        "status": "newStatus",
        "hash": "accessHash",
    }
    office.source_settings = {"profile": {"parts": parts, "task_key": "case_reference"}}
    with office.listening():
        office.ssp7.act("assign", task=TASK, group=GROUP)
        office.work()
        number = office.tickets()[0]["number"]
        office.provider.act("update", ticket=number, text="one", author="Technician")
        office.provider.act("close", ticket=number)
        office.work()
    task = office.ssp7.task(TASK)
    assert (number, "Closed", "Technician") == (
        task["external_reference"],
        task["status"],
        task["updates"][0]["author"],
    )
