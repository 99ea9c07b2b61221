"""A Service Request and its Contacts are several writes: whichever is cut short, each is made once and none is lost."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from casebridge.core.errors import ClockSkew
from casebridge.core.outcome import State
from casebridge.settings import PROJECT
from casebridge.store.action import Action
from tests.connectors.trial import Trial
from tests.reliability.conftest import FULL, repeats

CODES = """\
  - {to: core_function, text: EP}
  - {to: request_code, text: NOISED}
  - {to: investigating_officer, text: OFF1}
"""
PEOPLE = """\
  - {to: details, case_field: details}
  - {to: requester_reference, case_field: requester}
  - {to: requester_surname, person: last_name}
  - {to: contact_surname, case_field: neighbour}
  - {to: contact_town, text: Little Wittering}
"""
HEAD = "name: A\ntype: {action}\nreference: service_request\nrows:\n"
TEMPLATES = {
    "create_service_request": HEAD.format(action="create_service_request") + CODES + PEOPLE,
    "update_service_request": HEAD.format(action="update_service_request") + PEOPLE,
}
MADE = {"PER000101": 1, "PER000102": 2, "PER000104": 2}
"""How many Contacts are made, by the requester's Reference: one for the neighbour, one where not just one matches."""
CREATE, UPDATE = TEMPLATES
LINKED = "PER000101"


def _kills() -> Iterator[tuple[str, str, int, str]]:
    """Before and behind each of three writes; of an update the worst only, unless all is asked for."""
    for action, requester, number in itertools.product(TEMPLATES, MADE, (1, 2, 3)):
        if FULL or action == CREATE or requester == LINKED:
            yield action, requester, number, "after"
        if FULL or action == CREATE:
            yield action, requester, number, "before"


def _losses() -> Iterator[tuple[str, str, str, str]]:
    """Every write that an action makes, and every way to lose its answer; unless all is asked for, the worst only."""
    kinds = ("cut_after_commit", "cut_before_commit", "malformed", "status_503") if FULL else ("cut_after_commit",)
    for action, requester, kind in itertools.product(TEMPLATES, MADE, kinds):
        yield action, requester, "PUT contacts", kind
        yield action, requester, f"{'PUT' if action == CREATE else 'POST'} complaints", kind
        if requester == LINKED:
            yield action, requester, "POST contacts", kind


pytestmark = [pytest.mark.proof, pytest.mark.parametrize("system", ["tascomi"])]


class Street:
    """Cases with a requester and a neighbour, whose names tell their records from all others."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        for action, text in TEMPLATES.items():
            trial.template(f"{action}_of_two", text)

    def start_anew(self) -> None:
        """Tascomi gives the same ids again after a reset: the ledger must not know them as records of others."""
        self.trial.simulate("reset")
        with self.trial.database.begin() as connection:
            connection.exec_driver_sql("TRUNCATE actions CASCADE")

    def plan(self, action: str, name: str, requester: str) -> Action:
        """An action for a case of that name; an update has its Service Request already."""
        fields = {"details": "Noise.", "requester": requester, "neighbour": f"Resident {name}"}
        self.trial.cases.put([(name, {"fields": fields, "person": {"last_name": f"Requester {name}"}})])
        if action == UPDATE:
            self.trial.template("bare", HEAD.format(action=CREATE) + CODES)
            self.trial.call(self._planned(CREATE, name, "bare"))
        return self._planned(action, name, f"{action}_of_two")

    def _planned(self, action: str, name: str, template: str) -> Action:
        return self.trial.plan(name, template, action_type=action, record="service_request")

    def records(self, kind: str) -> list[dict[str, Any]]:
        """What Tascomi holds."""
        held: list[dict[str, Any]] = self.trial.simulated("records")[kind]
        return held

    def assert_one_of_each(self, name: str, requester: str, there: int, done: Action) -> None:
        """One Service Request, its Contacts as the rule says, each linked, the number in the Reference."""
        assert State.CONFIRMED == done.state
        contacts = {row["id"]: row for row in self.records("contacts")}
        (found,) = (row for row in self.records("complaints") if row["external_reference"] == name)
        (reference,) = self.trial.references.of_case(name)
        assert found["reference_number"] == done.record_id == reference.record_id
        assert there + MADE[requester] == len(contacts)
        assert f"Requester {name}" == contacts[found["requester_contact_id"]]["surname"]
        assert requester == contacts[found["requester_contact_id"]]["reference"]
        assert f"Resident {name}" == contacts[found["contact_id"]]["surname"]


@pytest.fixture
def street(trial: Trial) -> Street:
    return Street(trial)


@pytest.mark.parametrize(("action", "requester", "number", "moment"), list(_kills()))
def test_kill_9_between_every_pair_of_remote_writes(
    street: Street, database_url: str, action: str, requester: str, number: int, moment: str
) -> None:
    trial = street.trial
    for repeat in range(repeats(1, 20)):
        street.start_anew()
        name = f"C{number}{moment}{repeat}"
        planned = street.plan(action, name, requester)
        there = len(street.records("contacts"))
        command = [sys.executable, "-m", "tests.reliability.tascomi_victim"]
        arguments = [database_url, str(trial.folder), trial.simulator_url, planned.id, moment, str(number)]
        victim = subprocess.run([*command, *arguments], cwd=PROJECT, check=False)
        assert -signal.SIGKILL == victim.returncode
        street.assert_one_of_each(name, requester, there, trial.perform(planned, tries=4))


@pytest.mark.parametrize(("action", "requester", "operation", "kind"), list(_losses()))
def test_an_answer_that_is_lost_at_any_write_loses_and_doubles_nothing(
    street: Street, action: str, requester: str, operation: str, kind: str
) -> None:
    for repeat in range(repeats(1, 20)):
        street.start_anew()
        name = f"C-{repeat}"
        planned = street.plan(action, name, requester)
        there = len(street.records("contacts"))
        street.trial.simulate("faults", kind=kind, operation=operation, times=2)
        street.assert_one_of_each(name, requester, there, street.trial.perform(planned))


@pytest.mark.behaviour("T9")
@pytest.mark.parametrize("action", TEMPLATES)
def test_a_refusal_at_a_minute_mark_is_a_connection_failure_that_the_next_try_cures(
    street: Street, action: str
) -> None:
    trial = street.trial
    planned = street.plan(action, "C-1", "PER000102")
    there = len(street.records("contacts"))
    for operation in ("GET users", "PUT contacts", f"{'PUT' if action == CREATE else 'POST'} complaints"):
        if (action, operation) != (UPDATE, "GET users"):  # it names no officer
            trial.simulate("faults", kind="wrong_credentials", operation=operation, times=1)
            with pytest.raises(ClockSkew, match="cannot connect to Tascomi"):
                trial.call(planned)
            assert State.PLANNED == trial.ledger.action(planned.id).state
    street.assert_one_of_each("C-1", "PER000102", there, trial.perform(planned))


def test_two_actions_for_one_new_person_at_the_same_time_make_one_contact(street: Street) -> None:
    """Both find none; were both to make one, every later search would find two."""
    trial = street.trial
    planned = [street.plan(CREATE, name, "PER000104") for name in ("C-1", "C-2")]
    trial.simulate("faults", kind="slow", seconds=0.5, operation="GET contacts", times=2)
    with ThreadPoolExecutor(2) as pool:
        assert [State.CONFIRMED] * 2 == [action.state for action in pool.map(trial.perform, planned)]
    made = [row for row in street.records("contacts") if row["reference"] == "PER000104"]
    assert 1 == len(made)
    linked = [row["requester_contact_id"] for row in street.records("complaints")][-2:]
    assert [made[0]["id"]] * 2 == linked
