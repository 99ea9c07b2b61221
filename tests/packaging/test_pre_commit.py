"""The hooks before a commit: local, with the programs of `.venv`, and each one can be run."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_config

from tests.packaging.files import ROOT
from tests.packaging.test_docs import parse

FILE = ROOT / ".pre-commit-config.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(FILE.read_text())["repos"][0]["hooks"]


def test_the_file_is_what_pre_commit_reads() -> None:
    """Its own reader accepts it."""
    config = load_config(str(FILE))

    assert ["local"] == [repo["repo"] for repo in config["repos"]]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_downloads_nothing_and_runs_a_program_that_is_there(hook: dict[str, Any]) -> None:
    """The versions are those of the lock, so a hook and `make check` agree."""
    words = [word for word in shlex.split(hook["entry"]) if word != "env" and not re.match(r"[A-Z]+=", word)]

    assert hook["language"] == "system"
    assert (ROOT / words[0]).is_file()
    assert words[0].startswith(".venv/bin/")
    if words[0].endswith("/casebridge"):
        parse(words[1:])


def test_the_hooks_are_those_that_are_promised() -> None:
    """Style, format, types, layers, templates, and what is generated."""
    expected = {
        "ruff",
        "ruff-format",
        "mypy",
        "lint-imports",
        "casebridge-lint",
        "casebridge-schema",
        "casebridge-docs",
    }

    assert expected == {hook["id"] for hook in HOOKS}


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if "files" in hook], ids=lambda hook: hook["id"])
def test_a_hook_is_called_for_files_that_exist(hook: dict[str, Any]) -> None:
    """A pattern that fits nothing would keep a hook silent for ever."""
    pattern = re.compile(hook["files"])
    folders = ("plugins", "include", "docs", "stack", "simulators")
    paths = [str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]

    for alternative in hook["files"].split("|") if "(" not in hook["files"] else [hook["files"]]:
        assert any(re.search(alternative, path) for path in [*paths, "pyproject.toml"]), alternative
    assert any(pattern.search(path) for path in paths)
