"""`make connector` gives a connector that passes everything, in a copy of the project, and can be taken back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack.scaffold.connector import TEMPLATES, BadName, write_connector

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
NAME = "confirm"


def run(project: Path, *command: str) -> str:
    """What a command prints in the copy; it must succeed."""
    environment = {**os.environ, "PYTHONPATH": "plugins:."}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project as it is committed, and what has changed of it since, without a connector more."""
    project = tmp_path_factory.mktemp("copy") / "project"
    project.mkdir()
    for path in run(ROOT, "git", "ls-files", "-z").split("\0"):
        if path and (ROOT / path).is_file():
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, project / path)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    run(project, "git", "init", "--quiet")
    run(project, "git", "add", "--all")
    run(project, "git", *identity, "commit", "--quiet", "--message", "Copy")
    return project


@pytest.fixture(scope="module")
def scaffolded(copy: Path) -> tuple[Path, str]:
    """The copy with a new connector, and what the command said."""
    return copy, run(copy, sys.executable, "-m", "stack.scaffold", NAME, "--title", "")


def test_a_new_connector_changes_no_file_and_passes_everything(scaffolded: tuple[Path, str]) -> None:
    """Its own tests, the contract suite, style, types and layers; then its deletion leaves nothing behind."""
    project, said = scaffolded
    files, _, rest = said.partition("\n\n")
    status = run(project, "git", "status", "--porcelain", "--untracked-files=all").splitlines()
    assert sorted(f"?? {path}" for path in files.splitlines()) == sorted(status)

    python = [path for path in files.splitlines() if path.endswith(".py")]
    run(project, sys.executable, "-m", "ruff", "check", *python)
    run(project, sys.executable, "-m", "ruff", "format", "--check", *python)
    run(project, sys.executable, "-m", "mypy", f"plugins/casebridge/connectors/{NAME}", f"simulators/{NAME}")
    run(project, str(BIN / "lint-imports"), "--no-cache")
    run(project, sys.executable, "-m", "casebridge.cli", "lint", "--strict", f"include/mappings/{NAME}")
    own = [f"tests/connectors/{NAME}", f"tests/simulators/{NAME}"]
    every = ["tests/contract", "tests/reliability"]
    tests = run(project, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *own, *every, "-k", NAME)
    assert "passed" in tests

    for path in rest.rsplit("rm -r ", 1)[1].split():
        found = project / path
        shutil.rmtree(found) if found.is_dir() else found.unlink()
    assert "" == run(project, "git", "status", "--porcelain")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "as in make connector NAME=confirm"),
        ("Confirm", "small letters"),
        ("a__b", "single underscores"),
        ("../x", "small letters"),
        ("x" * 31, "at most 30"),
        ("class", "word or a module of Python"),
        ("requests", "word or a module of Python"),
        ("whitespace", "is taken"),
        ("jadu_cxm", "is taken"),
        ("inbox", "is taken"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_before_anything_is_written(name: str, why: str) -> None:
    with pytest.raises(BadName, match=why):
        write_connector(ROOT, name)


@pytest.mark.parametrize("title", ['a"b', "a\nb", "{a}", "x" * 41])
def test_a_title_that_would_break_a_file_is_refused(title: str) -> None:
    with pytest.raises(BadName, match="cannot be a title"):
        write_connector(ROOT, NAME, title)


def test_a_long_name_and_a_title_of_its_own_are_written_well(tmp_path: Path) -> None:
    """Lines break and imports stand in order whatever the name, and the title is no YAML or Python."""
    project = tmp_path / "project"
    shutil.copytree(ROOT / "plugins", project / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "stack", project / "stack", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("docs/connectors", "include/mappings", "simulators", "dags"):
        (project / folder).mkdir(parents=True)
    shutil.copy2(ROOT / "pyproject.toml", project)

    title = "R&D's 2nd (Desk), No. 1+1 - a/b"
    said = run(project, sys.executable, "-m", "stack.scaffold", "a_very_long_name_of_a_connecto", "--title", title)

    python = [path for path in said.splitlines() if path.endswith(".py")]
    run(project, sys.executable, "-m", "ruff", "check", *python)
    run(project, sys.executable, "-m", "ruff", "format", "--check", *python)
    page = project / "docs" / "connectors" / "a_very_long_name_of_a_connecto.md"
    assert title in page.read_text("utf-8")


def test_every_file_that_is_written_stands_where_its_template_stands() -> None:
    """A newcomer finds what a connector is made of by looking at one folder."""
    assert [] == [path for path in TEMPLATES.rglob("*") if path.is_file() and path.suffix != ".jinja"]
