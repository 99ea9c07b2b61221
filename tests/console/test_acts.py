"""What people do by hand: done with their own rights, and told in the story with their name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from casebridge.console.airflow_port import Pool
from casebridge.core.drift import Drift
from casebridge.core.errors import InvalidMapping
from casebridge.core.outcome import State
from casebridge.core.record import Receipt
from casebridge.store.action import Action, ActionRequest
from casebridge.store.findings import Drifted
from tests.console.desk import Browser, PaperAirflow
from tests.console.findings import found
from tests.hub import MISSED_BIN, Hub
from tests.simulators.client import Whitespace

PLANTED = "Mrs Planted Resident of 7 Hidden Lane"


def refused(hub: Hub, case: str = "C-1") -> Action:
    """An action that was refused for its mappings."""
    hub.case(case, fields={"item_id": "blue box", "details": PLANTED})
    with pytest.raises(InvalidMapping):
        hub.plan(case)
    return hub.log.latest()[0]


def in_doubt(hub: Hub, case: str = "C-1") -> Action:
    """An action that a person must decide."""
    action = hub.plan_only(case)
    with hub.ledger.claim(action.id, attempt=1) as claim:
        claim.intend()
        claim.needs_person("no answer came")
    return hub.ledger.action(action.id)


def who(hub: Hub, action: Action) -> list[tuple[str, str]]:
    """The kinds of deeds by hand in a story, and who did them."""
    return [(event.kind, event.who) for event in hub.log.story(action.id) if event.who]


@pytest.mark.behaviour("C11")
@pytest.mark.behaviour("C12")
def test_the_story_tells_every_problem_at_its_row(looker: Browser, hub: Hub) -> None:
    page = looker.get(f"/actions/{refused(hub).id}").text
    at_row = re.search(r"service_item_quantity.*?</li>", page, re.S)
    assert at_row is not None
    assert "is not a whole number" in at_row[0]
    assert "Task log" in page


def test_a_retry_goes_on_with_the_same_run(operator: Browser, hub: Hub, airflow: PaperAirflow) -> None:
    """What was never planned begins at its first task; what was planned is sent as it was planned."""
    first, second = refused(hub), hub.plan_only("C-2")
    operator.post(f"/actions/{first.id}/retry")
    operator.post(f"/actions/{second.id}/retry")
    assert [(first.run_id, ()), (second.run_id, ("call_target",))] == [(one[1], one[2]) for one in airflow.cleared]
    assert [("retried", "operator")] == who(hub, first)


def test_what_is_confirmed_is_not_tried_again(operator: Browser, hub: Hub, airflow: PaperAirflow) -> None:
    action = hub.call(hub.plan_only("C-1"))
    operator.post(f"/actions/{action.id}/retry", status=409)
    assert [] == airflow.cleared


@pytest.mark.parametrize(("template", "pinned"), [("today", False), ("original", True)])
def test_an_action_is_run_again_with_the_chosen_template(
    operator: Browser, hub: Hub, airflow: PaperAirflow, template: str, pinned: bool
) -> None:
    action = hub.call(hub.plan_only("C-1"))
    hub.template("missed_bin", MISSED_BIN.replace('"289"', '"290"'))
    page = operator.get(f"/actions/{action.id}/again").text
    assert ("289", "289", "290") == tuple(re.findall(r'class="value">(\d{3})<', page))[:3]
    operator.post(f"/actions/{action.id}/again", template=template)
    ((dag, conf, _),) = airflow.started
    assert ("whitespace__create_worksheet", "C-1", "missed_bin") == (dag, conf["case"], conf["template"])
    assert (action.template_digest if pinned else None) == conf.get("template_version")
    assert [("run_again", "operator")] == who(hub, action)


def test_a_deed_that_airflow_refuses_is_told_and_not_written_down(
    operator: Browser, hub: Hub, airflow: PaperAirflow
) -> None:
    """The rights of Airflow decide, not ours."""
    action = refused(hub)
    airflow.refuses = True
    assert "Forbidden" in operator.post(f"/actions/{action.id}/retry", status=409).text
    assert [] == who(hub, action)


@pytest.mark.parametrize(
    ("filled_in", "state"),
    [
        ({"decision": "adopt", "record_id": "424242"}, State.CONFIRMED),
        ({"decision": "create_again"}, State.PLANNED),
        ({"decision": "close", "reason": "not wanted any more"}, State.CLOSED),
    ],
)
def test_a_person_decides_about_an_action_in_doubt(
    operator: Browser, hub: Hub, airflow: PaperAirflow, filled_in: dict[str, str], state: State
) -> None:
    action = in_doubt(hub)
    operator.post(f"/actions/{action.id}/decide", **filled_in)
    assert state is hub.ledger.action(action.id).state
    assert {"operator"} == {name for _, name in who(hub, action)}
    assert (state is State.CLOSED) == (airflow.cleared == [])


def unconfirmed(hub: Hub, case: str = "C-1") -> Action:
    """An action that has left by e-mail, in a part of it."""
    action = hub.plan_only(case)
    with hub.ledger.claim(action.id, attempt=1) as claim:
        claim.intend()
        claim.parts.intend("update", "update")
        claim.parts.confirm("update", "update", Receipt(""))
        claim.unconfirmed(Receipt("4711", url="https://tickets.example.org/4711"), reason="sent by e-mail")
    return hub.ledger.action(action.id)


def test_what_is_sent_and_unconfirmed_is_found_and_shown(looker: Browser, hub: Hub) -> None:
    action = unconfirmed(hub)
    hub.plan_only("C-2")
    page = looker.get("/log", state="unconfirmed").text
    assert ["C-1"] == re.findall(r'href="/cases/local/([^"]+)"', page)
    for path in ("/", "/log", f"/actions/{action.id}", "/cases/local/C-1"):
        assert "sent, unconfirmed" in looker.get(path).text, path
    assert '"state": "unconfirmed", "counts"' in looker.get("/").text


@pytest.mark.parametrize(
    ("filled_in", "state"),
    [
        ({"decision": "adopt", "record_id": "4711"}, State.CONFIRMED),
        ({"decision": "create_again"}, State.PLANNED),
        ({"decision": "close", "reason": "nobody answered"}, State.CLOSED),
    ],
)
def test_a_person_decides_what_became_of_an_unconfirmed_action(
    operator: Browser, hub: Hub, filled_in: dict[str, str], state: State
) -> None:
    """What is sent again has no part that counts as done; a confirmed record keeps its address."""
    action = unconfirmed(hub)
    assert 'name="record_id" value="4711"' in operator.get(f"/actions/{action.id}").text
    operator.post(f"/actions/{action.id}/retry", status=409)
    operator.post(f"/actions/{action.id}/again", status=409)
    operator.post(f"/actions/{action.id}/decide", **filled_in)
    decided = hub.ledger.action(action.id)
    assert state is decided.state
    assert (state is State.PLANNED) == (hub.ledger.parts(action.id) == [])
    assert "https://tickets.example.org/4711" == decided.record_url


def received(hub: Hub) -> Action:
    """An update of a record that the inbox took, and whose telling the case system needs a person."""
    made = hub.call(hub.plan_only("C-1"))
    (reference,) = hub.references.of_case("C-1")
    request = ActionRequest(
        key="inbox:1",
        system="whitespace",
        action_type="worksheet",
        record="worksheet",
        case_source="",
        case_reference="",
        template="",
        dag_id="inbox",
        run_id="scheduled__1",
    )
    action = hub.ledger.open_update(request, key="inbox:1", reference=reference)
    assert made.record_id == action.record_id
    return action


def test_a_decided_update_of_the_inbox_clears_no_run(operator: Browser, hub: Hub, airflow: PaperAirflow) -> None:
    """Its run handled other messages as well; the inbox takes it up again. The part in doubt is in the case system."""
    action = received(hub)
    with hub.ledger.claim(action.id, attempt=1) as claim:
        claim.parts.intend("case update text", "task")
        claim.needs_person("nobody can tell whether the text arrived")
    page = operator.get(f"/actions/{action.id}").text
    assert "whether Local cases holds the task of case C-1, the part “case update text”" in page
    operator.post(f"/actions/{action.id}/decide", decision="adopt", record_id="7")
    (part,) = hub.ledger.parts(action.id)
    assert ("7", "confirmed") == (part.record_id, part.state)
    operator.post(f"/actions/{action.id}/retry", status=409)
    assert [] == airflow.cleared


def test_an_unconfirmed_update_is_confirmed_with_the_record_that_it_was_about(
    operator: Browser, hub: Hub, airflow: PaperAirflow
) -> None:
    """The action that made the record has it too; nothing would send the update again."""
    action = received(hub)
    with hub.ledger.claim(action.id, attempt=1) as claim:
        claim.unconfirmed(Receipt(action.record_id or ""), reason="the case system was told by e-mail")
    assert "Send it again" not in operator.get(f"/actions/{action.id}").text
    operator.post(f"/actions/{action.id}/decide", status=409, decision="create_again")
    operator.post(f"/actions/{action.id}/decide", decision="adopt", record_id=action.record_id)
    assert State.CONFIRMED is hub.ledger.action(action.id).state
    assert [] == airflow.cleared


def test_the_parts_of_an_action_are_told_with_their_records(looker: Browser, hub: Hub) -> None:
    action = hub.plan_only("C-1")
    with hub.ledger.claim(action.id, attempt=1) as claim:
        claim.intend()
        claim.parts.intend("first contact", "contact")
        claim.parts.confirm("first contact", "contact", Receipt("81", url="https://x.example.org/81", detail="linked"))
        claim.parts.intend("second contact", "contact")
        claim.needs_person("the second contact was not answered")
    page = looker.get(f"/actions/{action.id}").text
    rows = re.findall(r'data-is="Part">(.*?)</tr>', page)
    assert 2 == len(rows)
    assert all(told in rows[0] for told in ("first contact", ">confirmed<", "https://x.example.org/81", "linked"))
    assert all(told in rows[1] for told in ("second contact", ">sent, not answered<", "contact"))


@pytest.mark.parametrize("filled_in", [{"decision": "adopt"}, {"decision": "close"}, {"decision": "forget"}])
def test_half_a_decision_is_none(operator: Browser, hub: Hub, filled_in: dict[str, str]) -> None:
    action = in_doubt(hub)
    status = 404 if filled_in["decision"] == "forget" else 409
    operator.post(f"/actions/{action.id}/decide", status=status, **filled_in)
    assert State.NEEDS_PERSON is hub.ledger.action(action.id).state


def test_a_selection_does_for_each_what_fits_it(operator: Browser, hub: Hub, airflow: PaperAirflow) -> None:
    """What does not fit one action is done for the others, and each answer is told."""
    first, second, third = refused(hub, "C-1"), refused(hub, "C-2"), hub.call(hub.plan_only("C-3"))
    asked: dict[str, Any] = {"deed": "retry", "id": [first.id, second.id, third.id]}
    assert "2 of 3 actions" in operator.post("/selection", **asked).text
    assert "2 of 3 done" in operator.post("/selection/do", **asked).text
    assert {first.run_id, second.run_id} == {run for _, run, _ in airflow.cleared}


def test_a_selection_may_be_all_that_a_search_finds(operator: Browser, hub: Hub) -> None:
    for number in range(3):
        in_doubt(hub, f"D-{number}")
    refused(hub)
    filled_in = {"deed": "close", "every": "1", "state": "needs_person"}
    assert "3 of 3 actions" in operator.post("/selection", **filled_in).text
    operator.post("/selection", status=409, deed="close")


def test_a_paused_system_has_no_slots_and_gets_back_those_it_had(
    operator: Browser, hub: Hub, airflow: PaperAirflow
) -> None:
    """Tasks then wait for a slot: nothing is lost and no try is spent."""
    operator.post("/integrations/whitespace/pause")
    assert 0 == airflow.pools["whitespace"].slots
    assert "Paused by <strong>operator</strong>" in operator.get("/integrations/whitespace").text
    operator.post("/integrations/whitespace/pause", status=409)
    operator.post("/integrations/whitespace/resume")
    assert Pool(12, "Calls at a time", 0, 0) == airflow.pools["whitespace"]
    assert ["resume", "pause"] == [deed.kind for deed in hub_deeds(hub)]


def hub_deeds(hub: Hub) -> list[Any]:
    """What was done to Whitespace by hand, the newest first."""
    from casebridge.store.operator_acts import OperatorActs

    return OperatorActs(hub.database).latest("whitespace")


@pytest.mark.behaviour("C2")
def test_settings_that_do_not_connect_are_not_saved_and_the_page_says_why(
    operator: Browser, hub: Hub, airflow: PaperAirflow, whitespace: Whitespace
) -> None:
    filled_in = {
        "enabled": "yes",
        "host": whitespace.url,
        "login": "WSAPI_DEMO",
        "face": "asmx",
        "timezone": "Europe/London",
    }
    page = operator.post("/integrations/whitespace/settings", status=422, password="wrong-secret", **filled_in).text
    assert "nothing was saved" in page
    assert "user name and password" in page
    assert {} == airflow.saved
    assert "wrong-secret" not in page
    operator.post("/integrations/whitespace/settings", **filled_in)
    kind, fields = airflow.saved["whitespace_default"]
    assert ("whitespace", "demo-password") == (kind, fields["password"])
    assert ["saved"] == [deed.kind for deed in hub_deeds(hub)]


def test_a_kept_secret_is_not_sent_to_another_address(
    operator: Browser, airflow: PaperAirflow, whitespace: Whitespace
) -> None:
    """Who may change an address must not be able to read the password with a server of their own."""
    filled_in = {"enabled": "yes", "host": "http://127.0.0.1:1", "login": "WSAPI_DEMO", "face": "asmx"}
    page = operator.post("/integrations/whitespace/settings", status=422, **filled_in).text
    assert "must be given anew" in page
    assert {} == airflow.saved


def test_a_secret_never_comes_out(operator: Browser) -> None:
    assert "demo-password" not in operator.get("/integrations/whitespace").text


@pytest.mark.behaviour("C1")
def test_disabled_settings_are_saved_without_a_call(operator: Browser, airflow: PaperAirflow) -> None:
    operator.post("/integrations/whitespace/disable")
    assert '"enabled": false' in airflow.saved["whitespace_default"][1]["extra"]


def test_the_connection_can_be_checked(operator: Browser, hub: Hub) -> None:
    assert "11 Services" in operator.post("/integrations/whitespace/check").text
    assert ["works"] == [deed.kind for deed in hub_deeds(hub)]


def test_a_preview_shows_field_by_field_what_would_change_and_writes_nothing(
    operator: Browser, hub: Hub, whitespace: Whitespace
) -> None:
    hub.call(hub.plan_only("C-1"))
    hub.case("C-1", fields={"details": "Now it says something else", "bin_was_out": "Yes", "item_id": "22"})
    before = whitespace.worksheets
    page = operator.get("/templates/whitespace/missed_bin/preview", case="C-1", ask="true").text
    row = re.search(r"Worksheet Message.*?</tr>", page, re.S)
    assert row is not None
    assert "The lid is broken, mind the dog" in row[0]
    assert "Now it says something else" in row[0]
    assert "changes" in row[0]
    assert "Missed Collection Plastics &amp; Glass" in page
    assert "This would be sent." in page
    due = re.search(r"Worksheet Due Date.*?</tr>", page, re.S)
    assert due is not None
    assert "changes" not in due[0]
    assert before == whitespace.worksheets


def test_a_preview_tells_what_is_missing(operator: Browser, hub: Hub) -> None:
    hub.case("C-1", fields={"item_id": "blue box"})
    page = operator.get("/templates/whitespace/missed_bin/preview", case="C-1").text
    assert "This would be refused." in page
    assert "left out: the case gives nothing" in page
    assert (
        "There is no" in page or "no case" in operator.get("/templates/whitespace/missed_bin/preview", case="NONE").text
    )


def test_the_form_gives_the_yaml_of_a_template_that_is_there(operator: Browser, hub: Hub) -> None:
    """What the form makes of a template means the same as the template."""
    page = operator.get("/templates/build", system="whitespace", like="missed_bin").text
    cells = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("key", "detail", "default", "format")
    }
    chosen = {
        name: re.findall(rf'name="{name}">.*?<option value="([^"]*)" selected', page) for name in ("field", "source")
    }
    rows = {name: [one.replace("&#34;", '"') for one in values] for name, values in {**cells, **chosen}.items()}
    head = {"system": "whitespace", "type": "create_worksheet", "name": "Missed bin", "reference": "worksheet"}
    made = operator.post("/templates/build", **head, **rows, map=[""] * 5).text
    assert "Nothing is wrong with it" in made
    text = re.search(r'<pre id="made"[^>]*>(.*?)</pre>', made, re.S)
    assert text is not None
    lines = [line for line in text[1].replace("&#34;", '"').splitlines() if line and not line.startswith("#")]
    assert MISSED_BIN.splitlines()[4:] == lines[4:]


def test_planted_values_reach_nobody_without_the_right(looker: Browser, operator: Browser, hub: Hub) -> None:
    """Names, addresses and what people write stay with those who work on the actions."""
    hub.case("C-1", fields={"details": PLANTED, "bin_was_out": "Yes", "item_id": "22"}, person={"name": PLANTED})
    action = hub.call(hub.plan("C-1"))
    refused(hub, "C-2")
    with hub.ledger.claim(action.id, attempt=2) as claim:
        claim.parts.intend("first contact", "contact")
    (finding,) = found(hub, Drifted(Drift.MISSING_IN_TARGET, action.record_id or "", action.id))
    paths = [
        "/",
        "/log",
        "/log.csv",
        "/log/rows",
        f"/actions/{action.id}",
        f"/actions/{action.id}/again",
        "/cases/local/C-1?details=true",
        "/integrations/whitespace",
        "/templates/whitespace/missed_bin/preview?case=C-1&ask=true",
        "/findings",
        f"/findings/{finding.id}",
        f"/run?dag_id={action.dag_id}&run_id={action.run_id}",
    ]
    for path in paths:
        answer = looker.get(path)
        assert "Planted" not in answer.text, path
        assert "Planted" not in str(answer.headers), path
    assert "first contact" in looker.get(f"/actions/{action.id}").text
    looker.get(f"/actions/{action.id}/record", status=403)
    assert "Planted" in operator.get(f"/actions/{action.id}").text


@pytest.mark.behaviour("C3")
def test_a_case_page_shows_several_references_of_a_case(looker: Browser, hub: Hub, whitespace: Whitespace) -> None:
    """A case may need several records; its reference may hold a slash, as planning references do."""
    whitespace.set("settings", duplicate_rule={"window_s": 0})
    hub.case("C/1")
    hub.call(hub.plan("C/1"))
    hub.template("second", MISSED_BIN.replace("reference: worksheet", "reference: second"))
    hub.call(hub.plan("C/1", "second"))
    page = looker.get("/cases/local/C%2F1").text
    assert {"worksheet", "second"} <= set(re.findall(r'data-is="Reference">([^<]+)<', page))
