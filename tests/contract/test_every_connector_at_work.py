"""What every connector does, run against its own simulator. A new folder is tested without a new line here.

What is needed of a system stands in its scenario. A rule is proved of every connector whose `quality.yaml` says that it
is done: nobody can say so in vain.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests
import urllib3
import yaml

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.errors import (
    CasebridgeError,
    ClockSkew,
    InDoubtError,
    InvalidMapping,
    InvalidTemplate,
    NeedsPerson,
    NotAuthorised,
    NotConfigured,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from casebridge.core.manifest import ReferenceUse
from casebridge.core.outcome import Incoming, State
from casebridge.core.template_reader import read_template
from casebridge.settings import PROJECT
from casebridge.steps.outcome import outcome_line
from casebridge.store.action import Action
from tests.connectors.broken_wire import BrokenWire
from tests.connectors.parts import MemoryParts
from tests.connectors.scenario import Example, examples, sample_cases, sample_templates, scenario
from tests.connectors.trial import Trial
from tests.contract.quality import PROVED, RULES, proves, proves_of_actions

SYSTEMS = sorted(registry.manifests())
TESTS = PROJECT / "tests" / "connectors"

FAULTS: dict[str, tuple[dict[str, Any], type[CasebridgeError], bool]] = {
    "slow": ({"seconds": 1}, InDoubtError, True),
    "hang_after_commit": ({"seconds": 1}, InDoubtError, True),
    "cut_after_commit": ({}, InDoubtError, True),
    "cut_before_commit": ({}, InDoubtError, True),
    "malformed": ({}, InDoubtError, True),
    "status_503": ({}, InDoubtError, True),
    "status_429": ({"retry_after": 7}, Throttled, False),
    "html_login": ({}, NotConfigured, True),
    "wrong_credentials": ({}, NotAuthorised, False),
    "business_error": ({"description": "No, not today"}, RefusedByTarget, False),
}
"""What the simulator does to a write -> the error that tells of it, and whether the write may have happened.

A refused connection is not among them: whether it is met while connecting or later is chance.
"""

EXCEPTIONS: list[tuple[Exception, type[CasebridgeError], bool]] = [
    (requests.ConnectTimeout(), Unreachable, False),
    (requests.exceptions.ProxyError(), Unreachable, False),
    (requests.exceptions.InvalidURL(), NotConfigured, False),
    (requests.exceptions.TooManyRedirects(), NotConfigured, False),
    (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"), Unreachable, False),
    (requests.ConnectionError(urllib3.exceptions.NewConnectionError(None, "refused")), Unreachable, False),
    (requests.exceptions.SSLError(), InDoubtError, True),
    (requests.ReadTimeout(), InDoubtError, True),
    (requests.exceptions.ChunkedEncodingError(), InDoubtError, True),
    (requests.exceptions.ContentDecodingError(), InDoubtError, True),
    (requests.ConnectionError("reset"), InDoubtError, True),
    (requests.RequestException(), InDoubtError, True),
]
"""What `requests` raises in place of an answer to a write -> the error that tells of it."""

STATUSES: dict[int, tuple[type[CasebridgeError], bool]] = {
    302: (NotConfigured, False),
    401: (NotAuthorised, False),
    403: (NotAuthorised, False),
    405: (NotConfigured, False),
    408: (InDoubtError, True),
    429: (Throttled, False),
    500: (InDoubtError, True),
    502: (InDoubtError, True),
    503: (InDoubtError, True),
    504: (InDoubtError, True),
}
"""The HTTP status of an answer to a write, without a word in it -> the error that tells of it."""


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_outgoing_action_has_an_example_that_its_simulator_carries_out(system: str) -> None:
    """Without a scenario nothing below could be known of a connector."""
    known = scenario(system)

    assert system == known.system
    assert [one.name for one in registry.manifest(system).outgoing] == [one.action for one in known.examples]


def test_every_rule_of_quality_is_proved_by_a_test() -> None:
    assert set(RULES) == set(PROVED)


@pytest.mark.parametrize(("system", "action"), examples())
def test_the_samples_are_carried_out_and_brought_back(trial: Trial, example: Example) -> None:
    """The sample template and case of each action do what they say, with what the simulator holds."""
    planned = trial.ready(example, "C-1")
    before, known = trial.counts(example), trial.ids(example)

    done = trial.perform(planned)

    assert State.CONFIRMED == done.state
    assert dict(example.makes) == {kind: count - before[kind] for kind, count in trial.counts(example).items()}
    assert done.incoming is not Incoming.FAILED
    if trial.scenario.kind(example).reference is ReferenceUse.STORES:
        assert {done.record_id} == trial.ids(example) - known


# Mandatory mappings


@proves_of_actions("mandatory_mappings_refused")
def test_a_template_without_a_mandatory_mapping_is_refused_and_nothing_is_sent(trial: Trial, example: Example) -> None:
    kind = trial.scenario.kind(example)
    wanted = [{field.name} for field in kind.fields.values() if field.mandatory and field.otherwise is None]
    wanted += [set(group.fields) for group in kind.groups]
    trial.ready(example, "C-1")
    trial.simulate("reset")
    for number, names in enumerate(wanted):
        template = yaml.safe_load(sample_templates(trial.system)[example.template])
        template["rows"] = [row for row in template["rows"] if row["to"] not in names]
        trial.template(f"without_{number}", yaml.safe_dump({**template, "name": f"Without {number}"}))
        with pytest.raises((InvalidTemplate, InvalidMapping)):
            trial.plan("C-1", f"without_{number}", action_type=kind.name, record=kind.record)
    assert [] == trial.simulated("requests")["requests"]


# Errors


@proves_of_actions("errors_translated")
def test_each_failure_of_a_write_is_told_by_one_error_that_knows_whether_it_may_have_happened(
    trial: Trial, example: Example
) -> None:
    """A wrong "it did not happen" makes a second record; a wrong "it may have" asks a person for nothing."""
    kind = trial.scenario.kind(example)
    told, expected = {}, {}
    for name, (more, error, happened) in FAULTS.items():
        trial.simulate("reset")
        planned = trial.ready(example, f"C-{name}")
        code = {"code": trial.scenario.refusal} if name == "business_error" else {}
        times = {"times": trial.scenario.logins} if name == "wrong_credentials" else {}
        trial.fault(name, example, **more, **code, **times)
        told[name] = _told(trial.connector(read_timeout_s=0.5), kind, planned)
        expected[name] = (error.__name__, happened)

    assert expected == told


@proves_of_actions("errors_translated")
def test_each_error_of_the_transport_is_told_in_the_same_way(trial: Trial, example: Example) -> None:
    planned = trial.ready(example, "C-1")
    kind = trial.scenario.kind(example)
    position = _position_of_the_write(trial, example, planned)
    table: list[tuple[Exception | int, type[CasebridgeError], bool]] = [
        *EXCEPTIONS,
        *((status, error, happened) for status, (error, happened) in STATUSES.items()),
    ]
    told, expected = {}, {}
    for number, (failure, error, happened) in enumerate(table, 2):
        trial.simulate("reset")
        planned = trial.ready(example, f"C-{number}")
        times = trial.scenario.logins if failure == requests.codes.unauthorized else 1
        connector = trial.connector(BrokenWire(position, failure, times=times))
        told[repr(failure)] = _told(connector, kind, planned)
        expected[repr(failure)] = (error.__name__, happened)

    assert expected == told


def _told(connector: Any, kind: Any, planned: Action) -> tuple[str, bool]:
    try:
        connector.send(kind, planned.payload, MemoryParts())
    except ClockSkew as error:  # how credentials that hold the time are refused near the mark of a minute
        return NotAuthorised.__name__, error.may_have_happened
    except CasebridgeError as error:
        return type(error).__name__, error.may_have_happened
    return "no error", True


def _operations(trial: Trial) -> list[str]:
    return [request["operation"] for request in trial.simulated("requests")["requests"]]


def _position_of_the_write(trial: Trial, example: Example, planned: Action) -> int:
    """Which of an action's requests is the first that writes, counted from 0."""
    before = len(_operations(trial))
    trial.connector().send(trial.scenario.kind(example), planned.payload, MemoryParts())
    return _operations(trial)[before:].index(example.operation)


# Retries


@pytest.fixture(scope="session")
def dag_retries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """The retries of the tasks of every DAG by its id, read in a process of its own: Airflow is slow to import."""
    program = (
        "import json, runpy\n"
        "from casebridge.connectors import registry\n"
        "from airflow.sdk import DAG\n"
        "read = [runpy.run_path(f'dags/{system}.py') for system in registry.manifests()]\n"
        "dags = [value for names in read for value in names.values() if isinstance(value, DAG)]\n"
        "print(json.dumps({dag.dag_id: [task.retries for task in dag.tasks] for dag in dags}))\n"
    )
    home = {"AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")), "PYTHONPATH": f"{PROJECT}/plugins:{PROJECT}"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, env=os.environ | home, capture_output=True, text=True, check=True
    )
    read: dict[str, list[int]] = json.loads(done.stdout.splitlines()[-1])
    return read


@proves("retry_limit")
def test_the_retries_of_the_manifest_are_those_of_every_task(system: str, dag_retries: dict[str, list[int]]) -> None:
    manifest = registry.manifest(system)

    for action in manifest.actions:
        assert {manifest.retries} == set(dag_retries[f"{system}__{action}"])


@proves("retry_limit")
def test_the_last_try_asks_a_person_or_fails(system: str, trial: Trial) -> None:
    """After it nobody would look again, and a doubt must not be forgotten."""
    example = trial.scenario.examples[0]
    action = trial.ready(example, "C-1")
    last = registry.manifest(system).retries + 1
    trial.fault("cut_after_commit", example)

    with pytest.raises(NeedsPerson):
        trial.call(action, attempt=last, last=True)
    assert State.NEEDS_PERSON == trial.ledger.action(action.id).state


# Lost answers


@proves_of_actions("in_doubt_look_up")
def test_a_write_whose_answer_was_lost_is_found_again_or_left_to_a_person(trial: Trial, example: Example) -> None:
    """Never a second record: not even where the target would take it."""
    kind = trial.scenario.kind(example)
    trial.simulate("settings", **trial.scenario.unguarded)
    action = trial.ready(example, "C-1")
    before = trial.counts(example)
    trial.fault("cut_after_commit", example)
    with pytest.raises(InDoubtError):
        trial.call(action)
    assert State.IN_DOUBT == trial.ledger.action(action.id).state

    if kind.found_by is None and not (kind.repeatable or kind.in_parts):
        with pytest.raises(NeedsPerson):
            trial.call(action, attempt=2)
    else:
        assert State.CONFIRMED == trial.call(action, attempt=2).state

    assert dict(example.makes) == {name: count - before[name] for name, count in trial.counts(example).items()}


# Running again


@proves_of_actions("clear_is_safe")
def test_running_any_task_again_changes_nothing_in_the_target(trial: Trial, example: Example) -> None:
    """Whoever clears a task in Airflow need not think about it."""
    action = trial.ready(example, "C-1")
    done = trial.perform(action)
    held, sent = _held(trial), _operations(trial).count(example.operation)
    case = trial.source.read("C-1")

    trial.plan("C-1", example.template, action_type=done.action_type, record=done.record)
    trial.call(action)
    trial.apply(action)

    assert held == _held(trial)
    assert sent == _operations(trial).count(example.operation)
    again = trial.ledger.action(action.id)
    assert replace(done, fence=again.fence, updated_at=again.updated_at) == again
    assert case == trial.source.read("C-1")


def _held(trial: Trial) -> dict[str, Any]:
    held: dict[str, Any] = trial.simulated("records")
    return {kind: records for kind, records in held.items() if kind not in trial.scenario.passing}


# Personal data

LONG = 8
"""A value with fewer characters, such as "Yes" or an id, would be met by chance."""


@proves_of_actions("nothing_personal_in_logs")
def test_no_value_of_a_case_is_logged_or_kept_beside_its_payload(
    trial: Trial, example: Example, caplog: pytest.LogCaptureFixture
) -> None:
    """Log, error texts, run note, the story in the ledger; even when the target repeats what it was sent."""
    caplog.set_level(logging.INFO)
    planned = trial.ready(example, "C-1")
    assert planned.payload is not None
    sent = {value for value in planned.payload.private_values() if len(value) >= LONG}
    texts: list[str] = []
    for number, (name, (more, _, _)) in enumerate(FAULTS.items()):
        given = {**more, "code": trial.scenario.refusal} if name == "business_error" else more
        given = (
            {**given, "description": f"Not possible: {' / '.join(sorted(sent))}"} if "description" in given else given
        )
        action = trial.ready(example, f"C-{number}-{name.replace('_', '-')}")
        trial.fault(name, example, **given)
        try:
            trial.call(action, trial.connector(read_timeout_s=0.5))
        except CasebridgeError as error:
            texts.append(str(error))
        texts += _shown(trial, action)
        trial.simulate("reset")
    texts += _shown(trial, trial.perform(trial.ready(example, "C-last")))
    texts += [record.getMessage() for record in caplog.records]
    texts += [record.exc_text or "" for record in caplog.records]

    assert sent
    private = sent | _long_values(sample_cases()[example.case], shown=_ids(planned.payload.public))
    assert {} == {value: text for value in private for text in texts if value in text}


def _long_values(details: Mapping[str, Any], *, shown: set[str]) -> set[str]:
    """The values of a case that nobody may log: all but the target's own ids, and what is too short to tell apart."""
    values = {str(value) for part in ("fields", "person", "address") for value in details[part].values()}
    return {value for value in values if len(value) >= LONG and not _ids([value]) <= shown}


def _ids(texts: Iterable[str]) -> set[str]:
    return {one.strip() for text in texts for one in text.split(",")}


def _shown(trial: Trial, action: Action) -> list[str]:
    now = trial.ledger.action(action.id)
    story = [event.text for event in trial.log.story(action.id)]
    return [now.reason, outcome_line(now), repr(now), json.dumps(now.problems, default=str), *story]


# The connection


@proves("connection_check_proves_credentials")
def test_the_check_of_a_connection_proves_its_credentials(system: str, trial: Trial) -> None:
    assert len(trial.connector().check().split()) >= 3, "a sentence says what was proved"

    right = trial.simulated("credentials")
    trial.simulate("credentials", **{name: f"other-{value}" for name, value in right.items()})
    with pytest.raises((NotAuthorised, ClockSkew)) as refused:
        trial.connector().check()
    assert [] == [value for name, value in right.items() if "user" not in name and value in str(refused.value)]


@proves("connection_check_proves_credentials")
def test_the_check_of_a_connection_tells_what_is_wrong_with_its_address(system: str, trial: Trial) -> None:
    """Nothing listens there."""
    values = {**trial.connector().settings.model_dump(), "host": "http://127.0.0.1:1"}
    values = {name: getattr(value, "get_secret_value", lambda value=value: value)() for name, value in values.items()}
    with pytest.raises(Unreachable):
        registry.connector(system, values, where="test").check()


@proves("assumed_facts_overridable")
def test_what_is_assumed_can_be_overridden_and_a_fact_that_does_not_exist_is_told(system: str, trial: Trial) -> None:
    assert (PROJECT / "plugins" / "casebridge" / "connectors" / system / "profile.yaml").is_file()
    with pytest.raises(NotConfigured, match="no_such_fact"):
        trial.connector(profile={"no_such_fact": 1}).check()


# What is there or is not


@proves("golden_wire_files")
def test_what_is_sent_is_compared_with_golden_files(system: str) -> None:
    files = {path.name for path in (TESTS / system / "wire").iterdir()}
    tests = "".join(path.read_text("utf-8") for path in (TESTS / system).glob("test_*.py"))

    assert files
    assert 'Path(__file__).parent / "wire"' in tests


@proves("live_template_check")
def test_the_live_check_of_a_template_finds_nothing_wrong_with_the_samples(system: str, trial: Trial) -> None:
    connector: Any = trial.connector()
    manifest = registry.manifest(system)

    assert type(connector).check_template is not ConnectorBase.check_template
    for name, text in sample_templates(system).items():
        template = read_template(text, template_id=name, manifest=manifest)
        assert [] == [problem for problem in connector.check_template(template) if problem.stops]


@proves("incoming_updates")
def test_what_the_target_pushes_is_taken_by_a_sender_of_its_own(system: str) -> None:
    assert (PROJECT / "plugins" / "casebridge" / "web" / "senders" / f"{system}.py").is_file()


@proves("record_page")
def test_a_record_has_a_page_without_a_setting_for_it(system: str, trial: Trial) -> None:
    for action in registry.manifest(system).outgoing:
        assert "17" in trial.connector().record_url(action.record, "17")
