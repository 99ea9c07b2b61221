"""The half of the command line that needs neither a database nor Airflow: scripts and CI rely on its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from casebridge.cli.app import exit_code
from casebridge.connectors import registry
from casebridge.core.errors import (
    CasebridgeError,
    Conflict,
    InDoubtError,
    InvalidMapping,
    InvalidTemplate,
    NeedsPerson,
    NotAuthorised,
    NotConfigured,
    RefusedByTarget,
    Unreachable,
)

PROJECT = Path(__file__).parents[3]
CORRECT = 'name: Correct\ntype: create_worksheet\nreference: worksheet\nrows:\n  - {to: service_id, text: "289"}\n'
WRONG = CORRECT.replace("289", "Refuse").replace("Correct", "Wrong")
TWICE = '  - {to: service_property, key: "80", text: a}\n'


class Ran:
    """What a command said."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.errors = done.stderr

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def casebridge(*words: str | Path, mappings: Path | None = None) -> Ran:
    """Runs the command as a user does, without a database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CASEBRIDGE_")}
    environment["PYTHONPATH"] = str(PROJECT / "plugins")
    if mappings is not None:
        environment["CASEBRIDGE_MAPPINGS"] = str(mappings)
        environment["CASEBRIDGE_RULES"] = str(mappings / "no-rules.yaml")
    command = [sys.executable, "-m", "casebridge.cli", *map(str, words)]
    return Ran(subprocess.run(command, capture_output=True, text=True, check=False, env=environment))


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    (tmp_path / "whitespace").mkdir()
    (tmp_path / "whitespace" / "correct.yaml").write_text(CORRECT, "utf-8")
    return tmp_path


def test_lint_says_how_many_templates_are_without_a_remark(mappings: Path) -> None:
    ran = casebridge("lint", mappings=mappings)

    assert (0, "1 files checked, 1 without a remark.\n") == (ran.code, ran.out)


def test_lint_of_the_templates_that_come_with_casebridge_has_no_remark() -> None:
    ran = casebridge("lint", "--strict", "--json")

    assert 0 == ran.code
    assert [[]] * len(ran.json) == [finding["problems"] for finding in ran.json]


def test_lint_tells_a_mistake_with_its_file_and_line_as_editors_understand_it(mappings: Path) -> None:
    path = mappings / "whitespace" / "wrong.yaml"
    path.write_text(WRONG, "utf-8")

    ran = casebridge("lint", mappings=mappings)

    assert 1 == ran.code
    assert f'{path}:5: error: row 1, "Service Id": the manual text "Refuse" is not a whole number.' in ran.out
    assert "2 files checked, 1 without a remark." in ran.out


def test_lint_of_one_file_tells_of_that_file_only(mappings: Path) -> None:
    (mappings / "whitespace" / "wrong.yaml").write_text(WRONG, "utf-8")

    assert 0 == casebridge("lint", mappings / "whitespace" / "correct.yaml", mappings=mappings).code
    assert 1 == casebridge("lint", mappings / "whitespace", mappings=mappings).code


def test_lint_as_json_is_a_list_of_files_with_their_problems(mappings: Path) -> None:
    (mappings / "whitespace" / "wrong.yaml").write_text(WRONG, "utf-8")

    ran = casebridge("lint", "--json", mappings=mappings)

    assert 1 == ran.code
    assert [("correct", 0), ("wrong", 1)] == [(found["template"], len(found["problems"])) for found in ran.json]
    assert {"file", "system", "template", "problems"} == ran.json[1].keys()
    assert {
        "rule": "text_type",
        "message": 'the manual text "Refuse" is not a whole number.',
        "way_out": "Correct it.",
        "row": 1,
        "field": "Service Id",
        "origin": "",
        "line": 5,
        "severity": "error",
    } == ran.json[1]["problems"][0]


def test_lint_fails_for_a_warning_only_when_it_is_strict(mappings: Path) -> None:
    (mappings / "whitespace" / "correct.yaml").write_text(CORRECT + TWICE + TWICE, "utf-8")

    lenient, strict = casebridge("lint", mappings=mappings), casebridge("lint", "--strict", mappings=mappings)

    assert (0, 1) == (lenient.code, strict.code)
    assert "warning: row 3" in lenient.out


def test_lint_checks_the_names_of_case_details_without_a_database(mappings: Path) -> None:
    path = mappings / "whitespace" / "correct.yaml"
    path.write_text(CORRECT + "  - {to: worksheet_message, case_field: detials}\n", "utf-8")

    ran = casebridge("lint", mappings=mappings)

    assert 1 == ran.code
    assert 'Did you mean "details"?' in ran.out


@pytest.mark.parametrize("command", ["schema", "docs"])
def test_what_is_generated_from_the_manifests_is_checked_in_as_it_is_generated(command: str) -> None:
    """Run `casebridge schema` and `casebridge docs` after a change to a manifest or to the settings of a connector."""
    ran = casebridge(command, "--check")

    assert (0, "") == (ran.code, ran.out)


@pytest.mark.parametrize(("command", "name"), [("schema", "{}/template.schema.json"), ("docs", "{}.md")])
def test_what_is_out_of_date_is_named_and_nothing_is_written_by_a_check(
    tmp_path: Path, command: str, name: str
) -> None:
    paths = [tmp_path / name.format(system) for system in registry.manifests()]

    checked = casebridge(command, "--check", "--folder", tmp_path)

    assert 1 == checked.code
    assert [f"out of date: {path}" for path in paths] == checked.out.splitlines()
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("command", "name"), [("schema", "{}/template.schema.json"), ("docs", "{}.md")])
def test_what_is_generated_is_written_once_and_then_current(tmp_path: Path, command: str, name: str) -> None:
    assert 0 == casebridge(command, "--folder", tmp_path).code
    assert all((tmp_path / name.format(system)).is_file() for system in registry.manifests())
    assert (0, "") == (
        casebridge(command, "--check", "--folder", tmp_path).code,
        casebridge(command, "--folder", tmp_path).out,
    )


def test_every_system_has_a_pool_of_its_own() -> None:
    """A slow system holds up its own calls only."""
    ran = casebridge("pools", "--slots", "4")

    assert 0 == ran.code
    assert [f"casebridge_{system}" for system in registry.manifests()] == list(ran.json)
    assert all(pool["slots"] == 4 and pool["description"] for pool in ran.json.values())


def test_a_pool_that_is_there_is_left_out(tmp_path: Path) -> None:
    """One without slots is that of a paused system: importing it again would undo the pause."""
    there = tmp_path / "there.json"
    there.write_text('{"default_pool": {"slots": 128}, "casebridge_whitespace": {"slots": 0}}', "utf-8")
    ran = casebridge("pools", "--but", there)

    assert {f"casebridge_{system}" for system in registry.manifests()} - {"casebridge_whitespace"} == set(ran.json)


def test_a_pool_without_slots_is_refused() -> None:
    assert 2 == casebridge("pools", "--slots", "0").code


@pytest.mark.parametrize("words", [["preview", "missed_bni", "CASE-1"], ["preview", "whitespace/missed_bni", "CASE-1"]])
def test_a_misspelt_template_is_a_sentence_and_no_traceback(words: list[str]) -> None:
    ran = casebridge(*words)

    assert 2 == ran.code
    assert "" == ran.out
    assert ran.errors.startswith("NotConfigured: there is no mapping template")
    assert 'Did you mean "missed_bin"?' in ran.errors
    assert "Traceback" not in ran.errors


def test_an_error_is_json_for_a_script_that_asks_for_it() -> None:
    ran = casebridge("preview", "missed_bni", "CASE-1", "--json")

    assert 2 == ran.code
    assert "NotConfigured" == ran.json["error"]
    assert 'Did you mean "missed_bin"?' in ran.json["message"]


def test_a_broken_template_is_told_with_every_problem(mappings: Path) -> None:
    (mappings / "whitespace" / "wrong.yaml").write_text(WRONG, "utf-8")

    ran = casebridge("preview", "wrong", "CASE-1", "--json", mappings=mappings)

    assert (1, "InvalidTemplate") == (ran.code, ran.json["error"])
    assert "is not a whole number" in ran.json["message"]


def test_a_missing_database_is_told_with_the_variable_that_names_it() -> None:
    ran = casebridge("log")

    assert 2 == ran.code
    assert "CASEBRIDGE_DATABASE_URL is not set" in ran.errors
    assert "Traceback" not in ran.errors


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (InvalidMapping("m", []), 1),
        (InvalidTemplate("t", []), 1),
        (RefusedByTarget("no"), 1),
        (NotConfigured("no"), 2),
        (NotAuthorised("no"), 2),
        (Conflict("no"), 2),
        (Unreachable("no"), 3),
        (InDoubtError("?"), 4),
        (NeedsPerson("?"), 4),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_exit_code_says_what_to_do_next(error: CasebridgeError, expected: int) -> None:
    assert expected == exit_code(error)


def test_a_command_that_does_not_exist_is_a_wrong_command() -> None:
    assert 2 == casebridge("lnit").code
