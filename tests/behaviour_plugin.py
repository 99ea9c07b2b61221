"""Keeps the result of every test that proves a behaviour, and fails a whole run that leaves one unproven."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.behaviours import Behaviour, read_behaviours, read_results, results_file, unproven

_PROPERTY = "behaviour"


def pytest_configure(config: pytest.Config) -> None:
    """The recorder runs in the process that sees every report: with pytest-xdist not in its workers."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.pluginmanager.register(_Recorder(config), "casebridge_behaviours")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hands each mark to the reports, which travel between processes."""
    for item in items:
        item.user_properties += [(_PROPERTY, name) for mark in item.iter_markers("behaviour") for name in mark.args]


class _Recorder:
    """What became of the marked tests of this run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results: dict[str, dict[str, Any]] = {}
        self._missing: list[Behaviour] = []
        self._unknown: list[str] = []
        self._not_kept = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        names = sorted({str(value) for name, value in report.user_properties if name == _PROPERTY})
        if not names:
            return
        # Setup, call and teardown report one after the other: the first that is not passed decides.
        held = self._results.get(report.nodeid)
        if held is None or held["outcome"] == "passed":
            at = datetime.now(UTC).isoformat(timespec="seconds")
            self._results[report.nodeid] = {"behaviours": names, "outcome": report.outcome, "at": at}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        whole = self._is_whole(session, exitstatus)
        root = self._config.rootpath
        behaviours = read_behaviours(root)
        self._unknown = [
            f'{test}: there is no behaviour "{name}" in tests/behaviours.yaml'
            for test, result in self._results.items()
            for name in result["behaviours"]
            if name not in behaviours
        ]
        try:
            _keep(results_file(root), self._results if whole else read_results(root) | self._results)
        except OSError as problem:
            self._not_kept = f"the results could not be kept: {problem}"
        if whole:
            self._missing = unproven(behaviours, self._results)
        if (self._missing or self._unknown) and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines = [f"{behaviour.id} has no passing test: {behaviour.sentence}" for behaviour in self._missing]
        lines += [*self._unknown, *([self._not_kept] if self._not_kept else [])]
        if lines:
            terminalreporter.section("behaviours", red=True, bold=True)
        for line in lines:
            terminalreporter.line(line, red=True)

    def _is_whole(self, session: pytest.Session, exitstatus: int) -> bool:
        """Whether the run was of everything: no paths, no choice, and not broken off."""
        option = self._config.option
        chosen = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "maxfail")
        return (
            self._config.args_source is pytest.Config.ArgsSource.TESTPATHS
            and not any(getattr(option, name, None) for name in chosen)
            and not session.shouldstop
            and exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        )


def _keep(path: Path, results: dict[str, dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(results, indent=1, sort_keys=True), "utf-8")
    new.replace(path)
