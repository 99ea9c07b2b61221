"""The list of promised behaviours, and the plugin that fails a run which leaves one of them unproven."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.behaviours import marked_tests, proofs, read_behaviours

PROJECT = Path(__file__).parents[2]
BEHAVIOURS = """\
common:
  title: Common
  behaviours: {C1: "One.", C2: "Two."}
yard:
  title: Yard
  behaviours: {Y1: "Not built yet."}
"""
PROVEN = """\
import pytest

@pytest.mark.behaviour("C1")
@pytest.mark.parametrize("number", [1, 2])
def test_one(number):
    assert number

class TestMore:
    @pytest.mark.behaviour("C2")
    def test_two(self):
        assert {two}
"""


class Project:
    """A small project whose tests carry marks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tests").mkdir()
        (folder / "tests" / "behaviours.yaml").write_text(BEHAVIOURS, "utf-8")
        (folder / "pytest.ini").write_text(
            "[pytest]\ntestpaths = tests\naddopts = --import-mode=importlib\nmarkers = behaviour(id): x\n", "utf-8"
        )
        self.tests(PROVEN.format(two=True))

    def tests(self, text: str) -> None:
        (self.folder / "tests" / "test_it.py").write_text(text, "utf-8")

    def run(self, *options: str) -> tuple[int, str]:
        plugins = ["tests.behaviour_plugin", "no:cacheprovider", *(["xdist"] if "-n" in options else [])]
        command = [sys.executable, "-m", "pytest", *(word for name in plugins for word in ("-p", name)), *options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"PYTHONPATH": str(PROJECT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    @property
    def results(self) -> dict[str, tuple[list[str], str]]:
        kept: dict[str, Any] = json.loads((self.folder / ".casebridge" / "behaviours.json").read_text("utf-8"))
        return {name: (result["behaviours"], result["outcome"]) for name, result in kept.items()}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_whole_run_that_proves_everything_built_passes_and_keeps_the_results(
    project: Project, options: list[str]
) -> None:
    code, _ = project.run(*options)

    assert 0 == code
    assert {
        "tests/test_it.py::test_one[1]": (["C1"], "passed"),
        "tests/test_it.py::test_one[2]": (["C1"], "passed"),
        "tests/test_it.py::TestMore::test_two": (["C2"], "passed"),
    } == project.results


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_whole_run_that_leaves_a_built_behaviour_unproven_fails(project: Project, options: list[str]) -> None:
    """Every test passes: it is the missing one that fails the run."""
    project.tests(PROVEN.format(two=True).replace('    @pytest.mark.behaviour("C2")\n', ""))

    code, said = project.run(*options)

    assert 1 == code
    assert "C2 has no passing test: Two." in said
    assert "C1 has" not in said
    assert "Y1" not in said


def test_a_failing_or_skipped_test_proves_nothing(project: Project) -> None:
    project.tests(PROVEN.format(two=False).replace("assert number", "pytest.skip()"))

    code, said = project.run()

    assert 1 == code
    assert "C1 has no passing test" in said
    assert "C2 has no passing test" in said
    assert {"skipped", "failed"} == {outcome for _, outcome in project.results.values()}


@pytest.mark.parametrize("options", [["-k", "one"], ["tests/test_it.py"], ["-m", "behaviour"], ["--collect-only"]])
def test_a_partial_run_asks_for_nothing(project: Project, options: list[str]) -> None:
    project.tests(PROVEN.format(two=True).replace('    @pytest.mark.behaviour("C2")\n', ""))

    code, said = project.run(*options)

    assert 0 == code
    assert "no passing test" not in said


def test_a_partial_run_renews_its_own_results_and_keeps_the_others(project: Project) -> None:
    project.run()
    project.tests(PROVEN.format(two=False))

    project.run("-k", "two")

    assert project.results["tests/test_it.py::TestMore::test_two"] == (["C2"], "failed")
    assert project.results["tests/test_it.py::test_one[1]"] == (["C1"], "passed")


def test_a_whole_run_forgets_tests_that_are_gone(project: Project) -> None:
    project.run()
    project.tests(PROVEN.format(two=True).replace("test_one", "test_first"))

    project.run()

    assert not any("test_one" in name for name in project.results)


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_mark_that_nobody_promised_is_an_error(project: Project, options: list[str]) -> None:
    project.tests(PROVEN.format(two=True).replace("C2", "C99"))

    code, said = project.run(*options)

    assert 0 != code
    assert 'there is no behaviour "C99" in tests/behaviours.yaml' in said


def test_the_list_tells_the_result_of_each_test_and_of_each_behaviour(project: Project) -> None:
    before = {proof.behaviour.id: proof.result for proof in proofs(project.folder)}
    project.tests(PROVEN.format(two=False))
    project.run()
    after = {proof.behaviour.id: proof for proof in proofs(project.folder)}

    assert {"C1": "not run", "C2": "not run", "Y1": "not built"} == before
    assert ("passed", "failed", "not built") == (after["C1"].result, after["C2"].result, after["Y1"].result)
    assert {"tests/test_it.py::test_one": "passed"} == after["C1"].tests


def test_a_mark_on_a_class_or_a_module_counts_for_its_tests(project: Project) -> None:
    project.tests(
        'import pytest\npytestmark = pytest.mark.behaviour("C1")\n\n'
        '@pytest.mark.behaviour("C2")\nclass TestIt:\n    def test_it(self):\n        assert True\n'
    )

    assert [("tests/test_it.py::TestIt::test_it", ["C1", "C2"])] == list(marked_tests(project.folder))
    assert 0 == project.run()[0]


def test_the_behaviours_of_what_is_built_are_known_and_those_of_the_rest_are_listed() -> None:
    behaviours = read_behaviours()

    assert [f"C{number}" for number in range(1, 15)] == [name for name in behaviours if name[0] == "C"]
    assert [f"W{number}" for number in range(1, 9)] == [name for name in behaviours if name[0] == "W"]
    assert {9, 11} == {sum(name[0] == letter for name in behaviours) for letter in "MTSV"}
    assert all(behaviour.built for behaviour in behaviours.values() if behaviour.id[0] in "CW")
    assert all(behaviour.sentence for behaviour in behaviours.values())


def test_the_command_lists_every_behaviour_for_people_and_for_scripts() -> None:
    ran = [
        subprocess.run(
            [sys.executable, "-m", "tests.behaviours", *options],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for options in ([], ["--json"])
    ]
    listed = json.loads(ran[1])

    assert list(read_behaviours()) == [one["id"] for one in listed]
    assert {"id", "sentence", "system", "built", "result", "tests"} == listed[0].keys()
    assert all(f"\n{one['id']} " in f"\n{ran[0]}" for one in listed)
    assert "are of systems that are not built." in ran[0] or all(one["built"] for one in listed)
