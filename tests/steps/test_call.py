"""The create protocol: what each answer, and each lack of one, leads to."""

from __future__ import annotations

import pytest

from casebridge.core.errors import (
    Conflict,
    DuplicateRefused,
    InDoubtError,
    NeedsPerson,
    NotAuthorised,
    NotConfigured,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from casebridge.core.outcome import State
from tests.hub import Hub
from tests.simulators.client import Whitespace


def asked(whitespace: Whitespace, operation: str) -> int:
    return sum(1 for call in whitespace.requests if call["operation"] == operation)


@pytest.mark.behaviour("W1")
@pytest.mark.behaviour("C3")
def test_a_yes_stores_the_worksheet_id_in_the_reference(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.call(hub.plan("C-1"))
    (reference,) = hub.references.of_case("C-1")
    assert State.CONFIRMED == action.state
    assert ("worksheet", action.record_id, True) == (reference.name, reference.record_id, reference.current)
    assert 1 == len(whitespace.worksheets)
    assert ["sending", "confirmed"] == hub.kinds(action)


def test_a_confirmed_action_is_not_sent_again(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    first, second = hub.call(action), hub.call(action, attempt=2)
    assert first.record_id == second.record_id
    assert 1 == asked(whitespace, "CreateWorksheet")


@pytest.mark.behaviour("C13")
def test_connection_refused_is_a_plain_retry_without_a_look(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    with pytest.raises(Unreachable, match="connection refused"):
        hub.call(action, hub.connector(host="http://127.0.0.1:1"))
    held = hub.ledger.action(action.id)
    assert (State.PLANNED, False) == (held.state, held.maybe_sent)
    hub.call(action, attempt=2)
    assert 0 == asked(whitespace, "GetWorksheetsByReference")


@pytest.mark.parametrize("kind", ["cut_after_commit", "hang_after_commit", "malformed"])
def test_a_create_whose_answer_is_lost_is_found_again(hub: Hub, whitespace: Whitespace, kind: str) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    seconds = {"seconds": 3} if kind == "hang_after_commit" else {}
    whitespace.set("faults", kind=kind, times=1, operation="CreateWorksheet", **seconds)
    with pytest.raises(InDoubtError):
        hub.call(action, hub.connector(read_timeout_s=1))
    assert State.IN_DOUBT == hub.ledger.action(action.id).state
    found = hub.call(action, attempt=2)
    assert State.CONFIRMED == found.state
    assert [found.record_id] == [str(row["worksheet_id"]) for row in whitespace.worksheets]
    assert 1 == asked(whitespace, "CreateWorksheet")
    assert ["sending", "in_doubt", "sending"][:2] == hub.kinds(found)[:2]
    assert "found" == hub.kinds(found)[-1]
    assert [found.record_id] == [reference.record_id for reference in hub.references.of_case("C-1")]


def test_a_create_that_never_happened_is_created_after_the_last_look(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        hub.call(action, hub.connector(look_again_after=(0.1, 3600)))
    with pytest.raises(InDoubtError, match="nothing is sent again"):
        hub.call(action, hub.connector(look_again_after=(0.1, 3600)), attempt=2)
    assert [] == whitespace.worksheets
    confirmed = hub.call(action, hub.connector(look_again_after=(0.0, 0.0)), attempt=3)
    assert State.CONFIRMED == confirmed.state
    assert 1 == len(whitespace.worksheets)


def test_a_record_that_appears_late_is_still_found(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("settings", visibility_lag_s=3600)
    whitespace.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")
    waits = hub.connector(look_again_after=(0.1, 3600))
    with pytest.raises(InDoubtError):
        hub.call(action, waits)
    with pytest.raises(InDoubtError):
        hub.call(action, waits, attempt=2)
    whitespace.set("settings", visibility_lag_s=0)
    assert State.CONFIRMED == hub.call(action, waits, attempt=3).state
    assert 1 == len(whitespace.worksheets)


@pytest.mark.parametrize("status_fault", ["status_503"])
def test_a_server_error_on_a_create_is_in_doubt(hub: Hub, whitespace: Whitespace, status_fault: str) -> None:
    """A gateway that gives up may have passed the request on."""
    hub.case("C-1")
    whitespace.set("faults", kind=status_fault, times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError, match="HTTP 503"):
        hub.call(hub.plan("C-1"))


def test_a_pause_that_the_target_asks_for_is_kept(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="status_429", times=1, retry_after=17, operation="CreateWorksheet")
    with pytest.raises(Throttled) as raised:
        hub.call(action)
    assert 17 == raised.value.retry_after
    assert not hub.ledger.action(action.id).maybe_sent


@pytest.mark.behaviour("W7")
def test_a_second_worksheet_within_thirty_minutes_is_refused_and_not_retried(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    hub.call(hub.plan("C-1"))
    second = hub.plan("C-1", key="second")
    with pytest.raises(DuplicateRefused, match="30 minutes"):
        hub.call(second)
    held = hub.ledger.action(second.id)
    assert State.REFUSED == held.state
    assert "30 minutes" in held.reason
    assert 1 == len(whitespace.worksheets)


@pytest.mark.behaviour("W7")
def test_a_duplicate_refusal_after_a_lost_answer_is_no_failure_but_found(hub: Hub, whitespace: Whitespace) -> None:
    """The look-up saw nothing, the record appeared, and only then the target refused."""
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")
    connector = hub.connector(look_again_after=(0.0, 0.0))
    with pytest.raises(InDoubtError):
        hub.call(action, connector)
    whitespace.set(
        "faults", kind="business_error", times=1, operation="GetWorksheetsByReference", code=6, description="-"
    )
    confirmed = hub.call(action, connector, attempt=2)
    assert State.CONFIRMED == confirmed.state
    assert 2 == asked(whitespace, "CreateWorksheet")
    assert 1 == len(whitespace.worksheets)


@pytest.mark.behaviour("C11")
def test_a_refusal_by_the_target_is_kept_with_its_reason(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1", address={"uprn": "99999999"})
    action = hub.plan("C-1")
    with pytest.raises(RefusedByTarget):
        hub.call(action)
    held = hub.ledger.action(action.id)
    assert (State.REFUSED, False) == (held.state, held.maybe_sent)
    assert "Whitespace refused" in held.reason


def test_wrong_credentials_are_told_and_not_retried(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    with pytest.raises(NotAuthorised, match="user name and password"):
        hub.call(action, hub.connector(password="wrong"))
    assert State.REFUSED == hub.ledger.action(action.id).state


def test_a_web_page_instead_of_soap_is_told_and_looked_up_before_a_re_send(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="html_login", times=1, operation="CreateWorksheet")
    with pytest.raises(NotConfigured, match="web page"):
        hub.call(action)
    held = hub.ledger.action(action.id)
    assert (State.REFUSED, True) == (held.state, held.maybe_sent)
    hub.call(action, hub.connector(look_again_after=(0.0,)), attempt=2)
    assert 1 == asked(whitespace, "GetWorksheetsByReference")


def test_a_look_up_that_fails_never_leads_to_a_create(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        hub.call(action)
    whitespace.set("faults", kind="status_503", times=1, operation="GetWorksheetsByReference")
    with pytest.raises(Unreachable):
        hub.call(action, attempt=2)
    held = hub.ledger.action(action.id)
    assert (State.IN_DOUBT, True) == (held.state, held.maybe_sent)
    assert 1 == asked(whitespace, "CreateWorksheet")


def test_a_worksheet_of_another_service_is_left_to_a_person(hub: Hub, whitespace: Whitespace) -> None:
    """Somebody made it by hand with the case's reference; it may or may not be what we meant."""
    whitespace.create("C-1", service=78)
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        hub.call(action)
    with pytest.raises(NeedsPerson, match="casebridge resolve"):
        hub.call(action, attempt=2)
    assert State.NEEDS_PERSON == hub.ledger.action(action.id).state


def test_a_worksheet_that_another_action_made_is_never_adopted(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    first = hub.call(hub.plan("C-1"))
    whitespace.set("settings", duplicate_rule={"window_s": 0})
    second = hub.plan("C-1", key="second")
    whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        hub.call(second)
    confirmed = hub.call(second, hub.connector(look_again_after=(0.0,)), attempt=2)
    assert first.record_id != confirmed.record_id
    assert 2 == len(whitespace.worksheets)


def test_an_older_worksheet_is_never_adopted(hub: Hub, whitespace: Whitespace) -> None:
    whitespace.set("clock", now="2026-01-05T10:00:00Z")
    whitespace.create("C-1")
    whitespace.set("clock", now=None)
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        hub.call(action)
    hub.call(action, hub.connector(look_again_after=(0.0,)), attempt=2)
    assert 2 == len(whitespace.worksheets)


def test_the_last_try_without_an_answer_needs_a_person(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(NeedsPerson, match="retries are used up"):
        hub.call(action, attempt=16, last=True)
    assert State.NEEDS_PERSON == hub.ledger.action(action.id).state


def test_the_last_try_that_was_not_sent_has_failed(hub: Hub) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    with pytest.raises(Unreachable):
        hub.call(action, hub.connector(host="http://127.0.0.1:1"), attempt=16, last=True)
    held = hub.ledger.action(action.id)
    assert (State.FAILED, 16) == (held.state, held.tries)


def test_an_action_that_a_person_closed_is_not_sent(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        hub.call(action)
    hub.decisions.close(action.id, who="tester", reason="no longer wanted")
    with pytest.raises(Conflict, match="no longer wanted"):
        hub.call(action, attempt=2)
    assert [] == whitespace.worksheets


def test_an_integration_that_was_disabled_meanwhile_sends_nothing(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    with pytest.raises(NotConfigured, match="disabled"):
        hub.call(action, hub.connector(enabled=False))
    assert [] == whitespace.worksheets


def test_a_target_that_repeats_what_it_was_sent_does_not_put_it_into_the_log(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    action = hub.plan("C-1")
    text = "Message 'The lid is broken, mind the dog' is not allowed for UPRN 10001"
    whitespace.set("faults", kind="business_error", times=1, operation="CreateWorksheet", code=1, description=text)
    with pytest.raises(RefusedByTarget) as raised:
        hub.call(action)
    held = hub.ledger.action(action.id)
    for told in (str(raised.value), held.reason, *(event.text for event in hub.log.story(action.id))):
        assert "dog" not in told
        assert "10001" not in told
    assert "is not allowed for UPRN" in held.reason


def test_a_second_worksheet_in_one_reference_keeps_the_first_as_history(hub: Hub, whitespace: Whitespace) -> None:
    hub.case("C-1")
    whitespace.set("settings", duplicate_rule={"window_s": 0})
    first = hub.call(hub.plan("C-1"))
    second = hub.call(hub.plan("C-1", key="second"))
    held = [(reference.record_id, reference.current) for reference in hub.references.of_case("C-1")]
    assert [(second.record_id, True), (first.record_id, False)] == held
