"""The inbox: each entry is handled once, in order per subject, and an update waits for its create."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casebridge.core.arrival import Arrival, ArrivalKind, ArrivalState
from casebridge.core.errors import InDoubtError, Unreachable
from casebridge.core.outcome import State
from casebridge.core.rule import Rule, inspect_rules
from casebridge.steps.drain import MOST_SURPRISES, Desk, drain
from casebridge.steps.follow_up import follow_up
from casebridge.steps.notice import ChangedCase, notice_changes
from casebridge.store.case_states import CaseStates
from casebridge.store.inbox import Inbox
from tests.hub import MISSED_BIN, WORKSHEET_BACK, Hub
from tests.simulators.client import Whitespace

RULES = """\
rules:
  - name: send_crew
    when: {source: local, case_type: missed_bin, event: case.transitioned, status: Reported}
    apply: [missed_bin]
    when_created:
      - {transition: With the crew}
      - {email: {to: crew@example.org, subject: "Worksheet {record}", text: "For case {case}."}}
    when_failed:
      - {transition: Needs attention}
"""

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


class Office:
    """A hub with an inbox, rules and an Airflow that only notes what it is asked for."""

    def __init__(self, hub: Hub, rules: str = RULES) -> None:
        self.hub = hub
        self.inbox = Inbox(hub.database)
        self.case_states = CaseStates(hub.database)
        self.rules: list[Rule] = inspect_rules(rules)[0]
        self.started: list[str] = []
        self.sent: list[tuple[str, str, str]] = []
        self.away = False

    def start_run(self, dag_id: str, conf: dict[str, str], run_id: str) -> None:
        if self.away:
            raise Unreachable("Airflow is away")
        if run_id not in self.started:
            self.started.append(run_id)

    @property
    def desk(self) -> Desk:
        return Desk(
            inbox=self.inbox,
            ledger=self.hub.ledger,
            references=self.hub.references,
            case_states=self.case_states,
            catalogue=self.hub.catalogue,
            rules=self.rules,
            template=lambda name: self.hub.catalogue.template("whitespace", name.rpartition("/")[2]),
            source=lambda name: self.hub.source,
            connector=lambda system: self.hub.connector(),
            start_run=self.start_run,
            dag_id="inbox",
            run_id="run-1",
        )

    def update(self, record_id: str, key: str, reference: str = "") -> None:
        arrival = Arrival("whitespace", ArrivalKind.RECORD_UPDATE, key, record_id, details={"reference": reference})
        self.inbox.put([arrival])

    def event(self, case: str, key: str, *, status: str = "Reported", at: datetime = NOW) -> None:
        details = {"case_type": "missed_bin", "status": status, "occurred_at": at.isoformat()}
        self.inbox.put([Arrival("local", ArrivalKind.CASE_EVENT, key, case, "case.transitioned", details)])

    def states(self) -> list[ArrivalState]:
        return [entry.state for entry in reversed(self.inbox.latest())]

    def follow_up(self) -> int:
        return follow_up(self.desk, send_email=lambda *message: self.sent.append(message))


@pytest.fixture
def office(hub: Hub) -> Office:
    hub.template("back", WORKSHEET_BACK)
    hub.case("C-1")
    return Office(hub)


def test_an_arrival_with_the_same_key_is_the_same(office: Office) -> None:
    office.event("C-1", "k")
    office.event("C-1", "k")
    assert [ArrivalState.PENDING] == office.states()


def test_an_event_starts_what_the_rule_applies_and_only_once(office: Office) -> None:
    office.event("C-1", "k")
    drain(office.desk)
    drain(office.desk)
    assert ["C-1~missed_bin~send_crew~20261120T100000"] == office.started
    assert [ArrivalState.HANDLED] == office.states()
    (action,) = office.hub.log.latest(case_reference="C-1")
    assert ("send_crew", State.PLANNED) == (action.rule, action.state)


def test_an_event_that_no_rule_is_about_starts_nothing(office: Office) -> None:
    office.event("C-1", "k", status="Closed")
    drain(office.desk)
    assert ([], [ArrivalState.IGNORED]) == (office.started, office.states())


def test_an_event_that_is_seen_both_ways_makes_one_action(office: Office) -> None:
    """A webhook tells it, and polling notices it, in either order."""
    for case, webhook_first in (("C-1", True), ("C-2", False)):
        office.hub.case(case)
        changed = [ChangedCase(case, "Reported", NOW + timedelta(seconds=2), "missed_bin")]
        for webhook in (webhook_first, not webhook_first):
            if webhook:
                office.event(case, f"{case}-webhook")
            else:
                notice_changes(_Listed(changed), inbox=office.inbox, case_states=office.case_states)
            drain(office.desk)
    assert 1 == sum(run.startswith("C-1~") for run in office.started)
    assert 1 == sum(run.startswith("C-2~") for run in office.started)


def test_a_case_that_comes_back_to_the_status_is_a_new_event(office: Office) -> None:
    office.event("C-1", "first", at=datetime.now(UTC))
    drain(office.desk)
    office.event("C-1", "left", status="Open", at=datetime.now(UTC) + timedelta(hours=1))
    office.event("C-1", "again", at=datetime.now(UTC) + timedelta(hours=2))
    drain(office.desk)
    assert 2 == len(office.started)


def test_an_edit_that_changes_no_status_is_no_event(office: Office) -> None:
    office.event("C-1", "k")
    drain(office.desk)
    later = datetime.now(UTC) + timedelta(days=1)
    notice_changes(
        _Listed([ChangedCase("C-1", "Reported", later, "missed_bin")]),
        inbox=office.inbox,
        case_states=office.case_states,
    )
    drain(office.desk)
    assert (1, [ArrivalState.HANDLED, ArrivalState.IGNORED]) == (len(office.started), office.states())


def test_while_airflow_is_away_nothing_is_lost(office: Office) -> None:
    office.event("C-1", "k")
    office.away = True
    drain(office.desk)
    assert [ArrivalState.PENDING] == office.states()
    office.away = False
    drain(office.desk)
    assert ([ArrivalState.HANDLED], 1) == (office.states(), len(office.started))


@pytest.mark.behaviour("W6")
def test_an_update_is_applied_to_the_case_that_holds_the_record(office: Office, whitespace: Whitespace) -> None:
    created = office.hub.call(office.hub.plan("C-1"))
    whitespace.set("whitespace/complete", worksheet_id=int(created.record_id or 0), outcome="Not Out")
    office.update(str(created.record_id), "k")
    drain(office.desk)
    assert "Complete" == office.hub.source.read("C-1").fields["worksheet_status"]
    assert [ArrivalState.HANDLED] == office.states()


def test_an_update_that_arrives_before_its_create_is_confirmed_waits(office: Office, whitespace: Whitespace) -> None:
    action = office.hub.plan("C-1")
    whitespace.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        office.hub.call(action)
    record_id = str(whitespace.worksheets[0]["worksheet_id"])
    office.update(record_id, "first", reference="C-1")
    office.update(record_id, "second", reference="C-1")
    drain(office.desk)
    assert [ArrivalState.PENDING, ArrivalState.PENDING] == office.states()
    office.hub.call(action, attempt=2)
    drain(office.desk)
    assert [ArrivalState.HANDLED, ArrivalState.HANDLED] == office.states()


def test_a_waiting_update_holds_back_only_its_own_record(office: Office, whitespace: Whitespace) -> None:
    office.hub.case("C-2")
    office.hub.plan("C-1")
    ready = office.hub.call(office.hub.plan("C-2"))
    office.update("4711", "waits", reference="C-1")
    office.update(str(ready.record_id), "ready")
    drain(office.desk)
    assert [ArrivalState.PENDING, ArrivalState.HANDLED] == office.states()


def test_entries_that_wait_do_not_keep_those_behind_them_from_their_turn(
    office: Office, whitespace: Whitespace
) -> None:
    """However many wait: the inbox is handled page by page, to its end."""
    office.hub.plan("C-1")
    for number in range(3):
        office.update(f"90{number}", f"u{number}", reference="C-1")
    office.event("C-1", "k", status="Closed")
    drain(office.desk, page_size=2)
    assert [*[ArrivalState.PENDING] * 3, ArrivalState.IGNORED] == office.states()


def test_of_two_events_on_one_page_the_later_status_is_remembered(office: Office) -> None:
    for number, status in enumerate(["Open", "Closed"]):
        office.event("C-1", f"k{number}", status=status, at=NOW + timedelta(minutes=number))
    drain(office.desk)
    assert "Closed" == office.case_states.status("local", "C-1")


def test_an_update_that_no_case_is_about_is_put_aside(office: Office) -> None:
    office.update("4711", "k", reference="nobody")
    drain(office.desk)
    assert [ArrivalState.IGNORED] == office.states()


def test_a_target_that_is_away_leaves_the_update_pending(office: Office, whitespace: Whitespace) -> None:
    created = office.hub.call(office.hub.plan("C-1"))
    office.update(str(created.record_id), "k")
    whitespace.set("faults", kind="status_503", times=1)
    drain(office.desk)
    assert [ArrivalState.PENDING] == office.states()
    drain(office.desk)
    assert [ArrivalState.HANDLED] == office.states()


def test_each_of_three_references_of_a_case_gets_its_own_update(office: Office, whitespace: Whitespace) -> None:
    """Two worksheets of one Service and one of another, in three References of one case."""
    whitespace.set("settings", duplicate_rule={"window_s": 0})
    services = {"worksheet": "289", "second": "289", "third": "285"}
    for reference, service in services.items():
        template = MISSED_BIN.replace("reference: worksheet", f"reference: {reference}").replace("289", service)
        if service == "285":  # food waste has other items and properties
            template = template.replace("{case.item_id}", "33").replace('key: "79"', 'key: "80"')
        office.hub.template(f"send_{reference}", template.replace("Missed bin", reference))
        back = WORKSHEET_BACK.replace("reference: worksheet", f"reference: {reference}")
        back = back.replace("_field: worksheet_", f"_field: {reference}_").replace(
            "Worksheet back", f"{reference} back"
        )
        office.hub.template(f"back_{reference}", back)
    (office.hub.folder / "whitespace" / "back.yaml").unlink()
    made = {name: office.hub.call(office.hub.plan("C-1", f"send_{name}")).record_id for name in services}

    known: dict[str, object] = {}
    for name, record_id in made.items():
        whitespace.set("whitespace/complete", worksheet_id=int(record_id or 0), outcome=f"Outcome of {name}")
        office.update(str(record_id), f"poke-{name}")
        drain(office.desk)
        known |= {f"{name}_number": record_id, f"{name}_status": "Complete"}
        fields = office.hub.source.read("C-1").fields
        shown = {key: value for key, value in fields.items() if key.endswith(("_number", "_status"))}
        assert known == shown
    assert 3 == len(set(made.values()))


def test_two_processes_do_not_handle_the_inbox_at_once(office: Office) -> None:
    office.event("C-1", "k")
    with office.inbox.draining() as held:
        assert held
        drain(office.desk)
    assert [ArrivalState.PENDING] == office.states()


def test_follow_up_steps_run_when_the_record_exists(office: Office) -> None:
    office.event("C-1", "k")
    drain(office.desk)
    assert 0 == office.follow_up()
    key = f"whitespace__create_worksheet:{office.started[0]}"
    action = office.hub.call(office.hub.plan("C-1", key=key, request_rule="send_crew"))
    assert 1 == office.follow_up()
    assert 0 == office.follow_up()
    assert "With the crew" == office.hub.source.read("C-1").status
    assert [("crew@example.org", f"Worksheet {action.record_id}", "For case C-1.")] == office.sent


def test_follow_up_steps_of_a_failure_run_when_it_definitely_failed(office: Office) -> None:
    office.hub.case("C-9", fields={"item_id": "no number"})
    office.event("C-9", "k")
    drain(office.desk)
    key = f"whitespace__create_worksheet:{office.started[0]}"
    with pytest.raises(Exception, match="problem"):
        office.hub.plan("C-9", key=key, request_rule="send_crew")
    assert 1 == office.follow_up()
    assert ("Needs attention", []) == (office.hub.source.read("C-9").status, office.sent)


def test_an_entry_that_fails_unforeseen_stops_no_other_and_is_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.hub.case("C-2")
    office.event("C-1", "poison")
    office.event("C-2", "good")
    start = office.start_run

    def surprise(dag_id: str, conf: dict[str, str], run_id: str) -> None:
        if conf["case"] == "C-1":
            raise KeyError("mind the dog")
        start(dag_id, conf, run_id)

    monkeypatch.setattr(office, "start_run", surprise)
    drain(office.desk)
    assert [ArrivalState.PENDING, ArrivalState.HANDLED] == office.states()
    for _ in range(MOST_SURPRISES):
        drain(office.desk)
    assert [ArrivalState.FAILED, ArrivalState.HANDLED] == office.states()
    assert "an unexpected KeyError" == office.inbox.latest()[-1].reason


def test_an_entry_that_failed_is_handled_once_more_when_a_person_asks(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a setting was corrected, say. One that did not fail stays as it is."""
    office.hub.case("C-2")
    office.event("C-2", "good")
    with monkeypatch.context() as broken:
        broken.setattr(office.hub.catalogue, "template", lambda *_: 1 / 0)
        office.event("C-1", "poison")
        for _ in range(MOST_SURPRISES):
            drain(office.desk)
    good, poison = (entry.id for entry in reversed(office.inbox.latest()))
    assert [ArrivalState.FAILED] * 2 == office.states()
    assert [poison] == office.inbox.again([poison, 999])
    drain(office.desk)
    assert [ArrivalState.FAILED, ArrivalState.HANDLED] == office.states()
    assert [good] == office.inbox.again([good, poison])


def test_a_mail_server_that_is_away_stops_no_other_follow_up(office: Office) -> None:
    for case in ("C-1", "C-3"):
        office.hub.case(case)
        office.event(case, case)
    drain(office.desk)
    for run_id in office.started:
        key = f"whitespace__create_worksheet:{run_id}"
        office.hub.call(office.hub.plan(run_id.partition("~")[0], key=key, request_rule="send_crew"))

    def away_for_the_first(to: str, subject: str, text: str) -> None:
        if "C-1" in text:
            raise OSError("mail server")

    assert 1 == follow_up(office.desk, send_email=away_for_the_first)
    assert 1 == office.follow_up()


class _Listed:
    name = "local"

    def __init__(self, cases: list[ChangedCase]) -> None:
        self._cases = cases

    def changed(self, since: datetime | None) -> list[ChangedCase]:
        return self._cases


def test_the_rules_file_of_the_installation_has_no_problems() -> None:
    path = Path(__file__).parents[2] / "include" / "rules.yaml"
    assert [] == inspect_rules(path.read_text("utf-8"))[1]
