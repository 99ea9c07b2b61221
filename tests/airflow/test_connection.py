"""The connection: its form, its Test button, and saving that connects first."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from airflow.sdk import Connection

from casebridge.airflow.hooks import connection_values, hook_class
from casebridge.airflow.provider import get_provider_info
from casebridge.connectors import registry
from casebridge.connectors.whitespace.settings import WhitespaceSettings
from stack.stack import Stack
from tests.airflow.actions import Actions

pytestmark = pytest.mark.stack


def casebridge(stack: Stack, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["casebridge", *arguments], env=stack.environment | environment, capture_output=True, text=True, check=False
    )


def test_every_setting_is_a_field_of_the_form() -> None:
    hook = _described("whitespace")
    fields = set(hook["conn-fields"]) | set(hook["ui-field-behaviour"]["relabeling"])
    assert set(WhitespaceSettings.model_fields) == fields
    assert "Base URL" == hook["ui-field-behaviour"]["relabeling"]["host"]
    assert ["asmx", "wcf"] == hook["conn-fields"]["face"]["schema"]["enum"]


def _described(system: str) -> dict[str, Any]:
    return next(one for one in get_provider_info()["connection-types"] if one["connection-type"] == system)


@pytest.mark.behaviour("C2")
def test_the_test_button_proves_the_credentials(actions: Actions, stack: Stack) -> None:
    url = stack.simulator_url("whitespace")
    right = stack.airflow.test_connection("x", "whitespace", host=url, login="WSAPI_DEMO", password="demo-password")
    wrong = stack.airflow.test_connection("x", "whitespace", host=url, login="WSAPI_DEMO", password="wrong")
    assert (True, True) == (right["status"], "11 Services" in right["message"])
    assert (False, True) == (wrong["status"], "user name and password" in wrong["message"])


@pytest.mark.behaviour("C2")
def test_settings_that_do_not_connect_are_not_saved(actions: Actions, stack: Stack) -> None:
    url = stack.simulator_url("whitespace")
    options = ("--host", url, "--login", "WSAPI_DEMO", "--connection", "whitespace_saved")
    refused = casebridge(stack, "connections", "save", "whitespace", *options, CASEBRIDGE_CONNECTION_PASSWORD="wrong")
    assert 2 == refused.returncode
    assert "nothing was saved" in refused.stderr
    assert "user name and password" in refused.stderr
    assert 404 == stack.airflow.send("GET", "/connections/whitespace_saved").status_code
    saved = casebridge(
        stack, "connections", "save", "whitespace", *options, CASEBRIDGE_CONNECTION_PASSWORD="demo-password"
    )
    assert 0 == saved.returncode, saved.stderr
    assert 200 == stack.airflow.send("GET", "/connections/whitespace_saved").status_code


@pytest.mark.behaviour("C2")
def test_settings_of_a_disabled_integration_are_saved_without_a_call(actions: Actions, stack: Stack) -> None:
    options = ("--host", "http://127.0.0.1:1", "--login", "x", "--password", "y", "--connection", "whitespace_later")
    saved = casebridge(stack, "connections", "save", "whitespace", *options, "--set", "enabled=false")
    assert 0 == saved.returncode, saved.stderr


def test_the_check_says_json_and_nothing_else(actions: Actions, stack: Stack) -> None:
    checked = casebridge(stack, "connections", "check", "whitespace", "--json")
    assert [True] == [one["works"] for one in json.loads(checked.stdout)], checked.stderr
    assert 0 == checked.returncode


def test_live_lint_compares_with_the_services_of_the_target(actions: Actions, stack: Stack) -> None:
    assert 0 == casebridge(stack, "lint", "--live").returncode


def test_a_connection_may_be_given_as_airflow_splits_an_address() -> None:
    given = Connection(
        conn_id="x",
        conn_type="whitespace",
        host="h.example",
        schema="http",
        port=81,
        login="l",
        password="p",
        extra='{"face": "wcf"}',
    )
    values = connection_values(given)
    assert {"host": "http://h.example:81", "login": "l", "password": "p", "face": "wcf"} == values


def test_each_system_has_a_hook_class_of_its_own() -> None:
    for system, manifest in registry.manifests().items():
        made = hook_class(system)
        assert (system, manifest.connection.default) == (made.conn_type, made.default_conn_name)
        assert _described(system)["hook-class-name"].endswith(f".{made.__name__}")
