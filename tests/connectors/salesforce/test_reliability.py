"""Killed around each remote write, or met by a twin: one contact, one case, every comment once and in order."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from casebridge.core.errors import InDoubtError, TransientError
from casebridge.core.outcome import State
from casebridge.settings import PROJECT
from casebridge.store.action import Action
from tests.connectors.scenario import Example
from tests.connectors.trial import Trial
from tests.reliability.conftest import repeats
from tests.simulators.witiop.client import Witiop

WRITES = ("contact", "case", "comments 1", "comments 2", "file 1", "file 2")
TEXTS = [("ok" if number % 5 == 0 else f"line {number}") for number in range(250)]


@pytest.fixture
def system() -> str:
    return "salesforce"


@pytest.fixture
def action() -> str:
    return "create_case"


@pytest.fixture
def files(desk: Witiop) -> list[dict[str, Any]]:
    """Two files that the desk holds."""
    given = [
        {"name": "a.png", "mime": "image/png", "size": 2000},
        {"name": "b.pdf", "mime": "application/pdf", "size": 3000},
    ]
    shown = desk.act(
        "open", id=90, customer={"number": "+447700900555"}, messages=[{"text": "x", "attachments": given}]
    )
    assert shown
    listed = desk.read("/api/conversations/90").json()["messages"][0]["attachments"]
    return [
        {"id": one["id"], "name": one["name"], "url": one["url"], "media_type": one["mime"], "size": one["size"]}
        for one in listed
    ]


def conversation(number: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    """A case with more messages than one request holds, of a new customer. Two of them are sent each second."""
    messages = [
        {
            "id": str(at),
            "author": "customer",
            "sent_at": f"2024-05-01T10:{at // 120:02}:{at // 2 % 60:02}+00:00",
            "text": text,
            "attachments": files if at == 7 else [],
        }
        for at, text in enumerate(TEXTS)
    ]
    return {"messages": messages, "person": {"phone": number}}


def kept(trial: Trial, case_id: str | None) -> tuple[int, list[str], list[str]]:
    """How many cases, which comments and which files there are of a conversation."""
    held = trial.simulated("records")
    found = [one for one in held["CaseComment"] if one["ParentId"] == case_id]
    shown = [one["CommentBody"] for one in sorted(found, key=lambda one: (one["CreatedDate"], one["Id"]))]
    versions = [one["PathOnClient"] for one in held["ContentVersion"] if one["FirstPublishLocationId"] == case_id]
    return len([one for one in held["Case"] if one["Id"] == case_id]), shown, sorted(versions)


def expected() -> list[str]:
    return [text if at != 7 else f"{text}\n[file: a.png]\n[file: b.pdf]" for at, text in enumerate(TEXTS)]


def points() -> Iterator[tuple[int, str]]:
    for write in range(1, len(WRITES) + 1):
        yield write, "after"
        yield write, "before"


@pytest.mark.proof
@pytest.mark.parametrize(("write", "moment"), list(points()))
def test_kill_9_around_each_remote_write(
    trial: Trial, example: Example, database_url: str, files: list[dict[str, Any]], write: int, moment: str
) -> None:
    """What the org guards by itself is switched off: casebridge alone must save us."""
    trial.simulate("settings", **trial.scenario.unguarded)
    for turn in range(repeats(1, 20)):
        number = f"+4477009{write:02}{turn:03}"
        action = trial.ready(example, f"{moment}-{write}-{turn}", **conversation(number, files))
        before = trial.simulated("records")
        arguments = [database_url, str(trial.folder), trial.simulator_url, action.id, str(write), moment]
        command = [sys.executable, "-m", "tests.connectors.salesforce.victim", *arguments]
        assert -signal.SIGKILL == subprocess.run(command, cwd=PROJECT, check=False).returncode

        done = trial.perform(action)

        assert State.CONFIRMED == done.state
        assert (1, expected(), ["a.png", "b.pdf"]) == kept(trial, done.record_id)
        after = trial.simulated("records")
        assert {"Contact": 1, "Case": 1, "ContentVersion": 2} == {
            kind: len(after[kind]) - len(before[kind]) for kind in ("Contact", "Case", "ContentVersion")
        }


@pytest.mark.proof
@pytest.mark.parametrize("operation", ["create_Contact", "composite", "composite_sobjects", "create_ContentVersion"])
@pytest.mark.parametrize("kind", ["cut_after_commit", "cut_before_commit", "status_503", "malformed"])
def test_an_answer_that_is_lost_doubles_and_loses_nothing(
    trial: Trial, example: Example, files: list[dict[str, Any]], operation: str, kind: str
) -> None:
    trial.simulate("settings", **trial.scenario.unguarded)
    action = trial.ready(example, "C-1", **conversation("+447700900666", files))
    before = len(trial.simulated("records")["Contact"])
    trial.simulate("faults", kind=kind, operation=operation, times=2)

    done = trial.perform(action)

    assert (1, expected(), ["a.png", "b.pdf"]) == kept(trial, done.record_id)
    assert before + 1 == len(trial.simulated("records")["Contact"])


@pytest.mark.proof
def test_two_conversations_of_one_new_customer_make_one_contact(trial: Trial, example: Example) -> None:
    """They are closed in the same moment, and the org has no unique field."""
    trial.simulate("settings", **trial.scenario.unguarded)
    for turn in range(repeats(3, 50)):
        number = f"+44770091{turn:04}"
        before = len(trial.simulated("records")["Contact"])
        actions = [
            trial.ready(example, f"{turn}-{one}", messages=[], person={"phone": number}) for one in ("first", "second")
        ]
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            ended = [run.result() for run in [pool.submit(_run, trial, action, start) for action in actions]]

        assert [State.CONFIRMED, State.CONFIRMED] == [one.state for one in ended]
        assert before + 1 == len(trial.simulated("records")["Contact"])
        assert ended[0].record_id != ended[1].record_id


def _run(trial: Trial, action: Action, start: threading.Barrier) -> Action:
    connector = trial.connector()
    start.wait(30)
    for attempt in range(1, 10):
        try:
            return trial.call(action, connector, attempt=attempt)
        except (TransientError, InDoubtError):
            continue
    raise AssertionError("it never ended")


def test_a_warning_is_kept_with_the_confirmed_action(
    trial: Trial, example: Example, files: list[dict[str, Any]]
) -> None:
    """The run is partial: who reads the log learns which file is a link."""
    gone = [{**files[0], "url": files[0]["url"].replace(files[0]["id"], "m999")}]
    done = trial.perform(trial.ready(example, "C-1", **conversation("+447700900777", gone)))

    assert State.CONFIRMED == done.state
    assert "partial: 1 as links" in done.reason
    assert ["file_as_link"] == [problem.rule for problem in done.problems]
