"""What a person decides about an action in doubt."""

from __future__ import annotations

import pytest

from casebridge.core.errors import Conflict, InDoubtError, NotFound
from casebridge.core.outcome import State
from casebridge.store.action import Action
from tests.hub import Hub
from tests.simulators.client import Whitespace


@pytest.fixture
def doubtful(hub: Hub, whitespace: Whitespace) -> Action:
    hub.case("C-1")
    action = hub.plan("C-1")
    whitespace.set("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")
    with pytest.raises(InDoubtError):
        hub.call(action)
    return hub.ledger.action(action.id)


def test_an_adopted_record_is_stored_in_the_reference(hub: Hub, doubtful: Action, whitespace: Whitespace) -> None:
    decided = hub.decisions.adopt(doubtful.id, record_id="777", who="tester")
    assert (State.CONFIRMED, "777") == (decided.state, decided.record_id)
    assert ["777"] == [reference.record_id for reference in hub.references.of_case("C-1")]
    assert ("adopted", "tester") == (hub.log.story(doubtful.id)[-1].kind, hub.log.story(doubtful.id)[-1].who)
    hub.call(decided, attempt=2)
    assert [] == whitespace.worksheets


def test_a_record_of_another_action_cannot_be_adopted(hub: Hub, doubtful: Action) -> None:
    hub.case("C-2")
    other = hub.call(hub.plan("C-2"))
    with pytest.raises(Conflict, match="belongs to action"):
        hub.decisions.adopt(doubtful.id, record_id=str(other.record_id), who="tester")


def test_create_again_sends_it_without_a_look(hub: Hub, doubtful: Action, whitespace: Whitespace) -> None:
    hub.decisions.allow_again(doubtful.id, who="tester")
    confirmed = hub.call(doubtful, attempt=2)
    assert State.CONFIRMED == confirmed.state
    assert "GetWorksheetsByReference" not in [call["operation"] for call in whitespace.requests]


def test_a_closed_action_keeps_its_reason(hub: Hub, doubtful: Action) -> None:
    decided = hub.decisions.close(doubtful.id, who="tester", reason="collected by hand")
    assert (State.CLOSED, "collected by hand") == (decided.state, decided.reason)


def test_only_an_action_in_doubt_can_be_decided(hub: Hub) -> None:
    hub.case("C-3")
    confirmed = hub.call(hub.plan("C-3"))
    with pytest.raises(Conflict, match="it is confirmed"):
        hub.decisions.close(confirmed.id, who="tester", reason="-")


def test_nobody_decides_while_a_run_is_at_work(hub: Hub, doubtful: Action) -> None:
    with hub.ledger.claim(doubtful.id, attempt=2), pytest.raises(Conflict, match="at work"):
        hub.decisions.allow_again(doubtful.id, who="tester")


def test_an_action_that_does_not_exist_cannot_be_decided(hub: Hub) -> None:
    with pytest.raises(NotFound):
        hub.decisions.close("0" * 32, who="tester", reason="-")
