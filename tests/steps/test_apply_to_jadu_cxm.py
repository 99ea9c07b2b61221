"""The third step with Jadu CXM as the case source: the case shows the record and what the target says of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from casebridge.core.errors import NotConfigured, RefusedByTarget, Unreachable
from casebridge.core.outcome import Incoming, State
from casebridge.sources import registry
from casebridge.steps.receive import receive_update
from casebridge.store.action import ActionRequest
from tests.hub import Hub
from tests.simulators.client import Whitespace
from tests.simulators.jadu_cxm.client import Cxm

CASE = "MBN001001"
FROM_CXM = """\
name: From CXM
type: create_worksheet
reference: worksheet
rows:
  - {to: service_id, text: "289"}
  - {to: worksheet_message, case_field: details}
  - {to: worksheet_due_date, case_date: due}
  - {to: service_property, key: "79", case_field: bin_was_out}
  - {to: service_item_quantity, key: "{case.item_id}", text: "1"}
"""
STATUS_BACK = """\
name: Status back
type: worksheet
reference: worksheet
rows:
  - {from: status, case_field: worksheet_status}
  - {from: due_date, case_date: worksheet_due}
"""


@pytest.fixture
def cxm(jadu_cxm_process: str) -> Iterator[Cxm]:
    client = Cxm(jadu_cxm_process)
    client.set("reset")
    yield client
    client.set("reset")
    client.session.close()


@pytest.fixture
def cxm_hub(hub: Hub, cxm: Cxm) -> Hub:
    values = {
        "host": cxm.url,
        "api_name": "council",
        "password": "demo-api-key",
        "reference_fields": {"worksheet": "worksheet-number"},
    }
    hub.source = registry.source("jadu_cxm", values, where="jadu_cxm_default")
    hub.template("from_cxm", FROM_CXM)
    return hub


def edits(cxm: Cxm) -> int:
    return sum(one["operation"] == "edit_case" for one in cxm.get("requests")["requests"])


@pytest.mark.behaviour("C3")
@pytest.mark.behaviour("C9")
def test_the_case_shows_the_record_and_its_data(cxm_hub: Hub, cxm: Cxm) -> None:
    cxm_hub.template("back", STATUS_BACK)
    action = cxm_hub.call(cxm_hub.plan(CASE, "from_cxm"))

    assert Incoming.APPLIED == cxm_hub.apply(action)

    values = cxm.record(CASE)["values"]
    assert (action.record_id, "Open") == (values["worksheet_number"], values["worksheet_status"])
    assert "2026-01-16T23:59:00Z" == values["worksheet_due"]


def test_the_case_shows_the_record_without_any_incoming_template(cxm_hub: Hub, cxm: Cxm) -> None:
    action = cxm_hub.call(cxm_hub.plan(CASE, "from_cxm"))

    assert Incoming.NONE == cxm_hub.apply(action)
    assert Incoming.NONE == cxm_hub.apply(action)

    assert action.record_id == cxm.record(CASE)["values"]["worksheet_number"]
    assert 1 == edits(cxm)


def test_the_record_is_on_the_case_even_when_the_target_cannot_be_read(
    cxm_hub: Hub, cxm: Cxm, whitespace: Whitespace
) -> None:
    cxm_hub.template("back", STATUS_BACK)
    action = cxm_hub.call(cxm_hub.plan(CASE, "from_cxm"))
    whitespace.set("faults", kind="status_503", times=1)

    with pytest.raises(Unreachable):
        cxm_hub.apply(action)

    assert action.record_id == cxm.record(CASE)["values"]["worksheet_number"]


def test_a_case_system_that_is_away_is_tried_again(cxm_hub: Hub, cxm: Cxm) -> None:
    action = cxm_hub.call(cxm_hub.plan(CASE, "from_cxm"))
    cxm.set("faults", kind="cut_before_commit", operation="edit_case")

    with pytest.raises(Unreachable):
        cxm_hub.apply(action)

    cxm_hub.apply(action)
    assert action.record_id == cxm.record(CASE)["values"]["worksheet_number"]


def test_a_field_that_cannot_be_written_is_told_until_it_can(cxm_hub: Hub, cxm: Cxm) -> None:
    good = cxm_hub.source
    wrong = {"worksheet": "no_such_field"}
    values = good.settings.model_copy(update={"reference_fields": wrong})  # type: ignore[attr-defined]
    action = cxm_hub.call(cxm_hub.plan(CASE, "from_cxm"))
    cxm_hub.source = type(good)(values)
    with pytest.raises(RefusedByTarget, match="no_such_field"):
        cxm_hub.apply(action)
    held = cxm_hub.ledger.action(action.id)
    assert (State.CONFIRMED, Incoming.FAILED) == (held.state, held.incoming)

    cxm_hub.source = good
    cxm_hub.apply(action)

    assert Incoming.NONE == cxm_hub.ledger.action(action.id).incoming


def test_an_update_of_an_older_record_does_not_take_the_place_of_the_newer(
    cxm_hub: Hub, cxm: Cxm, whitespace: Whitespace
) -> None:
    """The Reference holds the newest; both are updated."""
    whitespace.set("settings", duplicate_rule={"window_s": 0})
    cxm_hub.template("back", STATUS_BACK)
    older = cxm_hub.call(cxm_hub.plan(CASE, "from_cxm", key="first"))
    newer = cxm_hub.call(cxm_hub.plan(CASE, "from_cxm", key="second"))
    cxm_hub.apply(older)
    cxm_hub.apply(newer)
    request = ActionRequest("inbox:1", "whitespace", "worksheet", "worksheet", "", "", "")

    receive_update(
        request,
        str(older.record_id),
        ledger=cxm_hub.ledger,
        references=cxm_hub.references,
        catalogue=cxm_hub.catalogue,
        source=lambda _: cxm_hub.source,
        connector=cxm_hub.connector(),
    )

    assert newer.record_id == cxm.record(CASE)["values"]["worksheet_number"]


def test_a_disabled_case_source_refuses_the_plan_and_says_so(cxm_hub: Hub) -> None:
    good = cxm_hub.source
    cxm_hub.source = type(good)(good.settings.model_copy(update={"enabled": False}))  # type: ignore[attr-defined]

    with pytest.raises(NotConfigured, match="disabled in its settings"):
        cxm_hub.plan(CASE, "from_cxm")

    (action,) = cxm_hub.log.latest(case_reference=CASE)
    assert (State.REFUSED, True) == (action.state, "disabled" in action.reason)
