"""Jadu CXM on the running Airflow: its form and Test button, an action on one of its cases, the polling of changes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from casebridge.airflow.hooks import source_hook_class
from casebridge.airflow.provider import get_provider_info
from casebridge.core.outcome import Incoming, State
from casebridge.sources import registry
from casebridge.sources.jadu_cxm.settings import JaduCxmSettings
from stack import connections
from stack.stack import Stack
from tests.airflow.actions import Actions
from tests.simulators.jadu_cxm.client import Cxm

pytestmark = pytest.mark.stack

CASE = "MBN001001"
POLL = "jadu_cxm"


@pytest.fixture
def cxm(stack: Stack) -> Iterator[Cxm]:
    """The simulator, and a connection that leads to it."""
    client = Cxm(stack.simulator_url("jadu_cxm"))
    connect(stack)
    yield client
    connect(stack)
    client.session.close()


def connect(stack: Stack, **settings: Any) -> None:
    fields = connections.source_fields("jadu_cxm", stack.simulator_url("jadu_cxm"))
    fields["extra"] = {**json.loads(fields["extra"]), **settings}
    stack.airflow.set_connection("jadu_cxm_default", "jadu_cxm", **fields)


def poll(stack: Stack) -> str:
    """Has the changes noticed, and says how the task ended."""
    run_id = stack.airflow.trigger_run(POLL)
    stack.airflow.wait_for_run(POLL, run_id, seconds=120)
    return str(stack.airflow.task_instance(POLL, run_id, "notice_changes")["state"])


def test_every_setting_of_every_source_is_a_field_of_its_form() -> None:
    described = {one["connection-type"]: one for one in get_provider_info()["connection-types"]}
    for name, spec in registry.connected().items():
        form = described[name]
        fields = set(form["conn-fields"]) | set(form["ui-field-behaviour"]["relabeling"])
        made = source_hook_class(name)
        assert set(registry.settings_class(name).model_fields) == fields
        assert (name, spec.title) == (made.conn_type, made.hook_name)
        assert form["hook-class-name"].endswith(f".{made.__name__}")
    assert "password" == described["jadu_cxm"]["conn-fields"]["user_password"]["schema"]["format"]
    assert "API key" == JaduCxmSettings.model_fields["password"].title


@pytest.mark.behaviour("C2")
def test_the_test_button_proves_the_key_and_the_user(cxm: Cxm, stack: Stack) -> None:
    right = connections.source_fields("jadu_cxm", cxm.url)
    wrong_user = {**right, "extra": json.dumps({**json.loads(right["extra"]), "user_password": "wrong"})}
    for fields, works, said in (
        (right, True, "let integration@example.org sign in"),
        ({**right, "password": "wrong"}, False, "does not accept"),
        (wrong_user, False, "does not let the user sign in"),
    ):
        answer = stack.airflow.test_connection("x", "jadu_cxm", **fields)
        assert (works, True) == (answer["status"], said in answer["message"]), answer


@pytest.mark.behaviour("C2")
def test_the_command_line_checks_and_saves_a_case_source(cxm: Cxm, stack: Stack) -> None:
    def casebridge(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["casebridge", *words], env=stack.environment | environment, capture_output=True, text=True, check=False
        )

    checked = casebridge("connections", "check", "jadu_cxm", "--json")
    assert [True] == [one["works"] for one in json.loads(checked.stdout)], checked.stderr
    save = ("connections", "save", "jadu_cxm", "--host", cxm.url, "--set", "api_name=council", "--connection", "cxm_2")
    refused = casebridge(*save, CASEBRIDGE_CONNECTION_PASSWORD="wrong")
    assert (2, True) == (refused.returncode, "nothing was saved" in refused.stderr)
    saved = casebridge(*save, CASEBRIDGE_CONNECTION_PASSWORD="demo-api-key")
    assert 0 == saved.returncode, saved.stderr
    shown = casebridge("preview", "missed_bin", CASE, "--source", "jadu_cxm", "--json")
    assert json.loads(shown.stdout)["would_be_sent"], shown.stderr


@pytest.mark.behaviour("C3")
@pytest.mark.behaviour("C8")
@pytest.mark.behaviour("C9")
def test_a_case_of_cxm_gets_its_worksheet_and_shows_it(actions: Actions, cxm: Cxm) -> None:
    action = actions.perform(CASE, source="jadu_cxm")
    assert (State.CONFIRMED, Incoming.APPLIED) == (action.state, action.incoming), action.reason
    shown = cxm.record(CASE)["values"]
    assert (action.record_id, "Open") == (shown["worksheet_number"], shown["worksheet_status"])
    assert "None yet" == shown["worksheet_outcome"]
    assert "worksheet_due" in shown
    held = actions.installation.references.of_case(CASE, "jadu_cxm")
    assert [action.record_id] == [one.record_id for one in held if one.current]
    assert f"{cxm.url}/q/case/{CASE}/timeline" == action.case_url


def test_a_case_that_cxm_does_not_have_takes_one_try(actions: Actions, cxm: Cxm) -> None:
    action = actions.perform("XXX000001", source="jadu_cxm")
    assert (State.REFUSED, True) == (action.state, "has no case XXX000001" in action.reason)
    assert 1 == actions.tries(action.run_id, "validate_mappings")


def test_polling_puts_changes_into_the_inbox(actions: Actions, cxm: Cxm, stack: Stack) -> None:
    assert "success" == poll(stack)  # from here on changes count, if it was the first
    cxm.act("transition", case="STC001001", transition="send-to-contractor")
    assert "success" == poll(stack)
    arrived = [one.arrival for one in actions.installation.inbox.latest() if one.arrival.subject == "STC001001"]
    assert "In progress" in [one.details["status"] for one in arrived]


@pytest.mark.behaviour("C1")
@pytest.mark.parametrize("settings", [{"enabled": False}, {"changes_filter": ""}])
def test_polling_is_skipped_where_there_is_nothing_to_poll(stack: Stack, cxm: Cxm, settings: dict[str, Any]) -> None:
    connect(stack, **settings)
    assert "skipped" == poll(stack)


def test_polling_is_skipped_without_a_connection(stack: Stack, cxm: Cxm) -> None:
    stack.airflow.request("DELETE", "/connections/jadu_cxm_default")
    run_id = stack.airflow.trigger_run(POLL)
    stack.airflow.wait_for_run(POLL, run_id, seconds=120)
    assert "skipped" == stack.airflow.task_instance(POLL, run_id, "notice_changes")["state"]
    log = str(stack.airflow.task_log(POLL, run_id, "notice_changes", 1))
    assert 'no Airflow connection "jadu_cxm_default"' in log
