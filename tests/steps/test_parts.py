"""An action that makes several writes: a crash between two neither repeats the first nor loses the second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import (
    CasebridgeError,
    Conflict,
    Fenced,
    InDoubtError,
    NeedsPerson,
    NotFound,
    RefusedByTarget,
    TransientError,
    Unreachable,
)
from casebridge.core.manifest import Manifest
from casebridge.core.outcome import State
from casebridge.core.payload import Payload
from casebridge.core.ports import Parts
from casebridge.core.record import Found, Receipt
from casebridge.sources.local import LocalSource
from casebridge.steps.call import call_target
from casebridge.steps.plan import plan_action
from casebridge.store.action import Action, ActionRequest
from casebridge.store.cases import LocalCases
from casebridge.store.database import Database
from casebridge.store.decisions import Decisions
from casebridge.store.ledger import Ledger
from casebridge.store.log import IntegrationLog
from casebridge.store.references import References

MANIFEST = Manifest.model_validate(
    {
        "name": "desk",
        "title": "Desk",
        "transport": "rest",
        "tested_against": "1",
        "connection": {"default": "desk_default", "settings": "settings:DeskSettings"},
        "retries": 3,
        "actions": {
            "create_request": {
                "direction": "outgoing",
                "title": "Create Request",
                "reference": "stores",
                "record": "request",
                "in_parts": True,
                "fields": {"name": {"type": "text"}, "text": {"type": "text", "mandatory": True}},
            },
            "update_request": {
                "direction": "outgoing",
                "title": "Update Request",
                "reference": "uses",
                "record": "request",
                "repeatable": True,
                "fields": {"text": {"type": "text", "mandatory": True}},
            },
        },
    }
)
CREATE = "name: Create\ntype: create_request\nreference: request\nrows:\n  - {to: text, case_field: details}\n"
UPDATE = "name: Update\ntype: update_request\nreference: request\nrows:\n  - {to: text, case_field: details}\n"
SECRET = "Mrs Sample of 42 Sample Street"

Trouble = Callable[[], None]


class Desk:
    """A target that keeps contacts and requests, and meets trouble before or after it has written."""

    manifest = MANIFEST
    timezone = "Europe/London"
    enabled = True
    look_again_after: Sequence[float] = (0.0,)

    def __init__(self) -> None:
        self.records: list[str] = []
        self.before: dict[str, list[CasebridgeError | Exception]] = {}
        self.after: dict[str, list[CasebridgeError | Exception]] = {}
        self.finds: list[Found] | CasebridgeError | None = None
        self.searchable = True
        self.on_entry: list[CasebridgeError] = []

    def send(self, action: Any, payload: Payload, parts: Parts) -> Receipt:
        if self.on_entry:
            raise self.on_entry.pop(0)
        if action.name == "update_request":
            return self._make(f"update of {payload.record_id}", record_id=payload.record_id)
        contact = parts.write(
            "contact",
            "contact",
            lambda: self._make("contact"),
            find=(lambda: self._find("contact")) if self.searchable else None,
            there_before=["contact-0"],
        )
        request = parts.write("request", "request", lambda: self._make("request"), find=lambda: self._find("request"))
        return replace(request, detail=f"contact {contact.record_id}")

    def record_url(self, kind: str, record_id: str) -> str:
        return ""

    def _make(self, kind: str, record_id: str = "") -> Receipt:
        if troubles := self.before.get(kind):
            raise troubles.pop(0)
        self.records.append(record_id or f"{kind}-{len(self.records) + 1}")
        if troubles := self.after.get(kind):
            raise troubles.pop(0)
        return Receipt(self.records[-1])

    def _find(self, kind: str) -> list[Found]:
        if isinstance(self.finds, CasebridgeError):
            raise self.finds
        if self.finds is not None:
            return self.finds
        now = datetime.now(UTC)
        return [Found(record, now) for record in self.records if record.startswith(kind)]


class Office:
    """The ledger and a desk."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.ledger = Ledger(database)
        self.references = References(database)
        self.log = IntegrationLog(database)
        self.decisions = Decisions(database)
        (folder / "desk").mkdir(parents=True)
        (folder / "desk" / "create.yaml").write_text(CREATE, "utf-8")
        (folder / "desk" / "update.yaml").write_text(UPDATE, "utf-8")
        self.catalogue = Catalogue(folder, {"desk": MANIFEST})
        cases = LocalCases(database)
        cases.put([("C-1", {"fields": {"details": SECRET}})])
        self.source = LocalSource(cases)
        self.desk = Desk()

    def plan(self, template: str = "create", key: str = "1") -> Action:
        request = ActionRequest(
            key=f"{template}:{key}",
            system="desk",
            action_type=f"{template}_request",
            record="request",
            case_source="local",
            case_reference="C-1",
            template=template,
        )
        return plan_action(
            request,
            ledger=self.ledger,
            references=self.references,
            catalogue=self.catalogue,
            source=self.source,
            timezone="Europe/London",
            enabled=True,
        )

    def call(self, action: Action, *, last: bool = False) -> Action:
        connector: Any = self.desk
        return call_target(action.id, ledger=self.ledger, connector=connector, last=last)

    def told(self, action: Action) -> str:
        story = " ".join(event.text for event in self.log.story(action.id))
        return f"{story} {self.ledger.action(action.id).reason}"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    database = Database(database_url)
    yield Office(database, tmp_path)
    database.close()


def test_all_parts_are_written_and_the_main_record_is_stored(office: Office) -> None:
    action = office.call(office.plan())
    assert ["contact-1", "request-2"] == office.desk.records
    assert (State.CONFIRMED, "request-2") == (action.state, action.record_id)
    assert "request request-2 created, contact contact-1" == action.reason
    assert ["contact", "request"] == [part.name for part in office.ledger.parts(action.id)]


@pytest.mark.parametrize("kind", ["contact", "request"])
def test_a_part_that_was_not_written_is_written_by_the_next_try_and_no_other_is_repeated(
    office: Office, kind: str
) -> None:
    office.desk.before[kind] = [Unreachable("Desk is away")]
    action = office.plan()
    with pytest.raises(TransientError):
        office.call(action)
    assert State.CONFIRMED == office.call(action).state
    assert ["contact-1", "request-2"] == office.desk.records


@pytest.mark.parametrize("kind", ["contact", "request"])
@pytest.mark.parametrize("lost", [InDoubtError("no answer"), ValueError(SECRET)])
def test_a_part_whose_answer_was_lost_is_found_again_and_not_repeated(
    office: Office, kind: str, lost: Exception
) -> None:
    office.desk.after[kind] = [lost]
    action = office.plan()
    with pytest.raises(InDoubtError) as told:
        office.call(action)
    assert SECRET not in str(told.value) + office.told(action)
    assert State.CONFIRMED == office.call(action).state
    assert ["contact-1", "request-2"] == office.desk.records


def test_a_part_that_is_not_found_is_looked_for_again_before_it_is_sent_again(office: Office) -> None:
    office.desk.look_again_after = (30.0, 300.0)
    office.desk.before["request"] = [InDoubtError("no answer")]
    action = office.plan()
    for _ in range(2):
        with pytest.raises(InDoubtError) as told:
            office.call(action)
    assert 25 < (told.value.retry_after or 0) <= 30
    office.desk.look_again_after = (0.0,)
    assert State.CONFIRMED == office.call(action).state
    assert ["contact-1", "request-2"] == office.desk.records


def test_records_that_were_there_before_are_not_taken_for_ours(office: Office) -> None:
    """A new contact is made because several like it are there: one of those is not the new one."""
    office.desk.before["contact"] = [InDoubtError("no answer")]
    office.desk.finds = [Found("contact-0"), Found("contact-9")]
    action = office.plan()
    with pytest.raises(InDoubtError):
        office.call(action)
    office.call(action)
    assert "contact-9" == office.ledger.parts(action.id)[0].record_id


def test_a_part_that_may_be_one_of_several_is_for_a_person(office: Office) -> None:
    office.desk.after["contact"] = [InDoubtError("no answer")]
    office.desk.finds = [Found("contact-8"), Found("contact-9")]
    action = office.plan()
    with pytest.raises(InDoubtError):
        office.call(action)
    with pytest.raises(NeedsPerson, match="contact-8, contact-9"):
        office.call(action)
    assert State.NEEDS_PERSON == office.ledger.action(action.id).state


def test_an_adopted_part_is_done_and_the_action_goes_on_behind_it(office: Office) -> None:
    test_a_part_that_may_be_one_of_several_is_for_a_person(office)
    (action,) = office.log.latest()
    decided = office.decisions.adopt(action.id, record_id="contact-9", who="operator")
    assert State.PLANNED == decided.state
    office.desk.finds = None
    assert State.CONFIRMED == office.call(action).state
    assert ["contact-1", "request-2"] == office.desk.records
    assert ["contact-9", "request-2"] == [part.record_id for part in office.ledger.parts(action.id)]


def test_a_part_that_may_be_made_again_is_made_again(office: Office) -> None:
    test_a_part_that_may_be_one_of_several_is_for_a_person(office)
    (action,) = office.log.latest()
    office.decisions.allow_again(action.id, who="operator")
    office.desk.finds = None
    assert State.CONFIRMED == office.call(action).state
    assert ["contact-1", "contact-2", "request-3"] == office.desk.records


def test_a_part_that_cannot_be_searched_for_is_for_a_person(office: Office) -> None:
    office.desk.searchable = False
    office.desk.after["contact"] = [InDoubtError("no answer")]
    action = office.plan()
    with pytest.raises(InDoubtError):
        office.call(action)
    with pytest.raises(NeedsPerson):
        office.call(action)


@pytest.mark.parametrize(
    ("failure", "state"),
    [(Unreachable("away"), State.IN_DOUBT), (NotFound(f"no {SECRET}"), State.NEEDS_PERSON)],
)
def test_a_look_up_that_fails_leaves_the_part_as_much_in_doubt_as_it_was(
    office: Office, failure: CasebridgeError, state: State
) -> None:
    office.desk.after["contact"] = [InDoubtError("no answer")]
    action = office.plan()
    with pytest.raises(InDoubtError):
        office.call(action)
    office.desk.finds = failure
    with pytest.raises(CasebridgeError):
        office.call(action)
    assert state == office.ledger.action(action.id).state
    assert SECRET not in office.told(action)


def test_a_refused_part_ends_the_action_and_what_was_written_stays_known(office: Office) -> None:
    office.desk.before["request"] = [RefusedByTarget(f"no such code for {SECRET}")]
    action = office.plan()
    with pytest.raises(RefusedByTarget):
        office.call(action)
    assert State.REFUSED == office.ledger.action(action.id).state
    assert SECRET not in office.told(action)
    assert ["contact"] == [part.name for part in office.ledger.parts(action.id)]
    office.plan()
    office.call(action)
    assert ["contact-1", "request-2"] == office.desk.records


@pytest.mark.parametrize(
    ("failure", "last", "state"),
    [
        (RefusedByTarget("the code is disabled now"), False, State.NEEDS_PERSON),
        (Unreachable("Desk is away"), False, State.IN_DOUBT),
        (Unreachable("Desk is away"), True, State.NEEDS_PERSON),
    ],
)
def test_what_stops_a_later_try_says_nothing_about_a_part_that_was_sent(
    office: Office, failure: CasebridgeError, last: bool, state: State
) -> None:
    """Before it comes to the part again: such an action must never look as if nothing were in the target."""
    office.desk.after["contact"] = [InDoubtError("no answer")]
    action = office.plan()
    with pytest.raises(InDoubtError):
        office.call(action)
    office.desk.on_entry = [failure]
    with pytest.raises(CasebridgeError):
        office.call(action, last=last)
    assert (state, True) == (office.ledger.action(action.id).state, office.ledger.action(action.id).maybe_sent)


def test_a_run_that_was_believed_dead_writes_no_part(office: Office) -> None:
    action = office.plan()
    with office.ledger.claim(action.id, attempt=1) as late:
        parts = late.parts
        with office.database.begin() as connection:
            connection.exec_driver_sql("UPDATE actions SET fence = fence + 1")
        with pytest.raises(Fenced):
            parts.intend("contact", "contact")
    assert [] == office.ledger.parts(action.id)


def test_several_parts_of_one_call_are_confirmed_together(office: Office) -> None:
    action = office.plan()
    with office.ledger.claim(action.id, attempt=1) as claim:
        claim.parts.confirm_all("asset", {"asset 7": Receipt("7"), "asset 8": Receipt("8")})
        assert {"asset 7", "asset 8"} == set(claim.parts.confirmed)
    assert ["7", "8"] == [part.record_id for part in office.ledger.parts(action.id)]


def test_an_update_is_about_the_record_in_the_reference(office: Office) -> None:
    office.call(office.plan())
    updated = office.call(office.plan("update"))
    assert (State.CONFIRMED, "request-2", "request request-2 updated") == (
        updated.state,
        updated.record_id,
        updated.reason,
    )
    assert 1 == len(office.references.of_case("C-1")), "an update leaves the Reference as it is"


def test_an_update_waits_for_its_create(office: Office) -> None:
    create = office.plan()
    with pytest.raises(TransientError, match="waits for it"):
        office.plan("update")
    office.call(create)
    assert State.PLANNED == office.plan("update").state


def test_an_update_without_a_record_is_refused(office: Office) -> None:
    with pytest.raises(CasebridgeError, match='Reference "request" of case C-1 holds no request'):
        office.plan("update")
    (action,) = office.log.latest()
    assert (State.REFUSED, ["empty_reference"]) == (action.state, [problem.rule for problem in action.problems])


def test_an_update_whose_answer_was_lost_is_done_again_without_a_look_up(office: Office) -> None:
    """Doing it twice is the same as doing it once."""
    office.call(office.plan())
    update = office.plan("update")
    office.desk.after["update of request-2"] = [InDoubtError("no answer")]
    with pytest.raises(InDoubtError):
        office.call(update)
    assert State.CONFIRMED == office.call(update).state


def test_an_action_that_is_not_in_doubt_has_nothing_to_decide(office: Office) -> None:
    action = office.call(office.plan())
    with pytest.raises(Conflict):
        office.decisions.adopt(action.id, record_id="1", who="operator")


def test_two_actions_that_hold_the_same_name_take_turns(office: Office) -> None:
    """What one makes after it looked in vain, the other finds: the process that dies lets go at once."""
    first, second = office.plan(key="1"), office.plan(key="2")
    order: list[str] = []
    started = threading.Event()

    def hold(action: Action, word: str) -> None:
        with office.ledger.claim(action.id, attempt=1) as claim, claim.exclusively("number"):
            started.set()
            order.append(f"{word} in")
            time.sleep(0.2)
            order.append(f"{word} out")

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(hold, first, "first")
        started.wait(10)
        pool.submit(hold, second, "second").result(30)
        one.result(30)
    assert ["first in", "first out", "second in", "second out"] == order


def test_a_name_that_is_not_let_go_is_waited_for_by_the_next_try(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casebridge.store.claim._PATIENCE", "50ms")
    first, second = office.plan(key="1"), office.plan(key="2")
    with (
        office.ledger.claim(first.id, attempt=1) as holder,
        office.ledger.claim(second.id, attempt=1) as waiter,
        holder.exclusively("number"),
    ):
        with pytest.raises(Fenced), waiter.exclusively("number"):
            raise AssertionError
        with waiter.exclusively("another number"):
            pass
