"""What the docs say can be done: commands exist, links lead somewhere, figures are those of the code."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
import typer
import yaml
from cryptography.fernet import Fernet

from casebridge.cli.app import app
from casebridge.connectors import registry
from casebridge.connectors.whitespace.profile import read_profile
from casebridge.core import errors
from casebridge.core.case import CaseType
from casebridge.core.outcome import MEANING, Incoming, State
from casebridge.core.template_reader import read_template
from casebridge.settings import read_environment
from casebridge.sources.local import read_case_types
from casebridge.web.profile import read_profile as read_profile_of_inbox
from casebridge.web.settings import read_inbox_settings
from tests.packaging.files import (
    PAGES,
    ROOT,
    Block,
    anchors,
    blocks,
    commands,
    compose_variables,
    env_file,
    heredocs,
    is_airflow_option,
    name_of,
)

SCRIPTS = [block for page in PAGES for block in blocks(page, "sh")]
README = ROOT / "README.md"
OPERATIONS = ROOT / "docs" / "operations.md"
CONCEPTS = ROOT / "docs" / "concepts.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
WHITESPACE = ROOT / "plugins" / "casebridge" / "connectors" / "whitespace" / "README.md"
TARGETS = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
SHOWN_TARGETS = set(re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text()))
KNOWN_PROGRAMS = {"cd", "cat", "chmod", "cp", "do", "done", "eval", "export", "for", "git", "read", "sed", "sleep"}
# From the libraries of the system, or checked elsewhere.
KNOWN_PROGRAMS |= {"airflow", "docker", "openssl", "tr", "casebridge", "make", "python"}


@contextlib.contextmanager
def in_project() -> Iterator[None]:
    """Paths in the docs start at the project's folder."""
    before = Path.cwd()
    os.chdir(ROOT)
    yield
    os.chdir(before)


UsageError = typer.BadParameter.__mro__[1]
"""What a wrong command line raises; typer has it under no public name."""


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words lead to, and the words that are left: its arguments."""
    command: Any = typer.main.get_command(app)
    for number, word in enumerate(words):
        if not hasattr(command, "commands"):
            return command, words[number:]
        if word == "--help":
            break
        if word not in command.commands:
            raise UsageError(f"there is no command {word}")
        command = command.commands[word]
    return command, []


def parse(words: list[str]) -> None:
    """Read a command line as `casebridge` would, and run nothing.

    Raises:
        UsageError: There is no such command or option, or an argument is missing or makes no sense.
    """
    command, arguments = command_of(words)
    if not hasattr(command, "commands") and "--help" not in arguments:
        with in_project():
            command.make_context("casebridge", list(arguments))


@pytest.mark.parametrize("block", SCRIPTS, ids=str)
def test_commands_exist(block: Block) -> None:
    """A command in the docs is a command that runs."""
    for program, *arguments in commands(block.text):
        if program == "docker" and "casebridge" in arguments:
            parse(arguments[arguments.index("casebridge") + 1 :])
        if program == "casebridge":
            parse(arguments)
        elif program == "make":
            assert arguments[0] in TARGETS, arguments[0]
        elif program == "python":
            assert find_spec(arguments[arguments.index("-m") + 1])
        assert program in KNOWN_PROGRAMS, f"{program} is neither checked nor expected"


@pytest.mark.parametrize(
    "arguments", [["aply"], ["apply", "x"], ["log", "--status", "x"], ["cases", "load", "none.yaml"]]
)
def test_a_wrong_command_would_be_noticed(arguments: list[str]) -> None:
    """The check above can fail."""
    with pytest.raises(UsageError):
        parse(arguments)


def test_shell_scripts_are_read_as_the_shell_reads_them() -> None:
    """Pipes, redirections, substitutions and files in place are no arguments."""
    script = "A=1 one --x 'a b' > file && two | three\ncat > f <<'END'\nfour\nEND\neval \"$(five six)\"\n"

    found = commands(script)

    assert [["one", "--x", "a b"], ["two"], ["three"]] == found[:3]
    assert [["cat"], ["five", "six"], ["eval"]] == found[3:]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_in_sentences_exist(page: Path) -> None:
    """A command that a sentence names exists too."""
    for named in re.findall(r"`casebridge ([a-z][^`]*)`", page.read_text()):
        command, _ = command_of([word for word in named.split() if re.fullmatch("[a-z][a-z0-9]*", word)])
        options = {option for one in command.params for option in one.opts}
        assert set(re.findall(r"--[a-z-]+", named)) <= options, f"casebridge {named}"
    for target in re.findall(r"`make ([a-z-]+)[^`]*`", page.read_text()):
        assert target in TARGETS, f"make {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the project, and a heading in it."""
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text())
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_paths_exist(page: Path) -> None:
    """A path in a sentence or a table is there."""
    folders = "dags|deploy|docs|include|plugins|requirements|simulators|stack|tests"
    for path in re.findall(rf"`((?:{folders})/[^`*<{{\s]*)`", page.read_text()):
        assert (ROOT / path).exists() or (ROOT / "simulators" / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_are_written_for_everybody(page: Path) -> None:
    """No paths of somebody's machine, and nothing unfinished."""
    text = page.read_text()

    assert not re.search(r"/(home|root|work|Users|tmp)/", text)
    assert not re.search(r"\b(TODO|FIXME|XXX|TBC|lorem)\b", text)


@pytest.fixture(scope="module")
def case_types() -> list[CaseType]:
    """The case types that the examples are about."""
    return list(read_case_types(ROOT / "include" / "cases"))


def templates() -> list[tuple[str, str]]:
    """Every whole template in the docs: where, and its text."""
    found = [(str(block), block.text) for page in PAGES for block in blocks(page, "yaml") if "rows:" in block.text]
    found += [(f"{block} {path}", text) for block in SCRIPTS for path, text in heredocs(block.text)]
    return found


@pytest.mark.parametrize(("where", "text"), templates())
def test_templates_in_the_docs_are_valid(where: str, text: str, case_types: list[CaseType]) -> None:
    """Who copies one gets one that works."""
    template = read_template(text, template_id="example", manifest=registry.manifest("whitespace"))

    known = {name for kind in case_types for part in (kind.fields, kind.dates) for name in part}
    sources = [row.source for row in template.rows] + [row.into for row in template.incoming_rows]
    assert {source.name for source in sources if source.kind in ("case_field", "case_date")} <= known, where


def test_the_template_that_is_explained_is_the_one_that_is_there() -> None:
    """The page quotes it."""
    quoted = blocks(CONCEPTS, "yaml")[0].text

    assert (ROOT / "include" / "mappings" / "whitespace" / "missed_bin.yaml").read_text() == quoted


def test_the_story_is_one_script() -> None:
    """A test of the whole stack runs what stands between the two marks."""
    story = re.findall(r"(?ms)^<!-- story -->\n```sh\n(.*?)^```\n<!-- /story -->$", README.read_text())

    assert len(story) == 1
    assert {"lint", "preview", "apply", "log", "references"} <= {one[1] for one in commands(story[0]) if len(one) > 1}


def test_json_in_the_docs_is_json() -> None:
    """Who copies it gets something that parses."""
    for page in PAGES:
        for block in blocks(page, "json"):
            json.loads(block.text)


def test_the_override_of_the_example_is_accepted() -> None:
    """The profile in the page of Whitespace names keys that exist."""
    read_profile(json.loads(blocks(WHITESPACE, "json")[0].text)["profile"])


def test_every_assumed_fact_is_named() -> None:
    """Each key of `profile.yaml` stands in the page with its default."""
    text = WHITESPACE.read_text()
    profile = yaml.safe_load((WHITESPACE.parent / "profile.yaml").read_text())

    for name, part in profile.items():
        keys = {f"{name}.{key}": values for key, values in part.items()} if isinstance(part, dict) else {name: part}
        for key, values in keys.items():
            row = re.search(rf"(?m)^\| `{re.escape(key)}` \|([^|]*)\|", text)
            assert row, key
            assert [str(value) for value in values] == re.findall(r"\w+", row[1]), key


def test_every_assumption_of_the_inbox_is_named() -> None:
    """Each key of its profile stands in the page with its default."""
    text = OPERATIONS.read_text()
    profile = read_profile_of_inbox().model_dump()["jadu_cxm"]

    for name, part in profile.items():
        for key, value in part.items() if isinstance(part, dict) else [("", part)]:
            shown = ", ".join(value) if isinstance(value, tuple) else value
            assert f"| `{f'{name}.{key}'.rstrip('.')}` | {f'`{shown}`' if shown else ''} |" in text, (name, key)


def test_every_setting_of_whitespace_is_named() -> None:
    """The page of Whitespace has every setting of its connection."""
    text = WHITESPACE.read_text()

    assert [] == [name for name in registry.settings_class("whitespace").model_fields if f"`{name}`" not in text]


def test_every_variable_is_documented() -> None:
    """Each variable that the code or the compose file reads is explained, with its default."""
    read: dict[str, str] = {}

    class Spy(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            read[name] = default
            return default

    read_environment(Spy())
    read_inbox_settings(Spy())
    text = OPERATIONS.read_text()

    assert len(read) >= 9
    for name in read:
        assert f"| `{name}` |" in text, name
    settings = read_environment({})
    assert f"| `CASEBRIDGE_RETRY_BASE_S` | {settings.retry_base_s:g} |" in text
    assert f"| `CASEBRIDGE_RETRY_CAP_S` | {settings.retry_cap_s:g} |" in text
    inbox = read_inbox_settings({})
    for name, value in (
        ("MAX_BYTES", inbox.max_bytes),
        ("WINDOW_MIN", inbox.window_min),
        ("RATE", inbox.rate),
        ("BURST", inbox.burst),
    ):
        assert f"| `CASEBRIDGE_INBOX_{name}` | {value:.0f} |" in text
    named = set(re.findall(r"\bCASEBRIDGE_[A-Z0-9_]+", " ".join(page.read_text() for page in PAGES)))
    in_compose = {variable.name for variable in compose_variables()}
    assert named <= set(read) | in_compose | {"CASEBRIDGE_CONNECTION_PASSWORD"}


def test_airflow_options_in_the_docs_exist() -> None:
    """A misspelt option is silently ignored by Airflow."""
    for page in PAGES:
        for name in re.findall(r"\bAIRFLOW__[A-Z_]+", page.read_text()):
            assert is_airflow_option(name), name


def test_the_figures_of_the_retries_are_those_of_the_code() -> None:
    """How long the retries span follows from the settings, the policy and the manifest."""
    settings = read_environment({})
    text = OPERATIONS.read_text()

    for retries in (registry.manifest("whitespace").retries, 10):
        waits = [min(settings.retry_base_s * 2**number, settings.retry_cap_s) for number in range(retries)]
        hours = sum(waits) / 3600
        assert re.search(rf"{retries} retries span {_short(hours / 2)} to {_short(hours)} hours", text)
    first, last = registry.manifest("whitespace").look_again_after
    assert f"looked for {first:g} s and {last / 60:g} minutes after the sending" in text


def _short(hours: float) -> str:
    return f"{hours:.1f}".removesuffix(".0")


def test_every_state_is_explained() -> None:
    """Who meets a state finds what it means, and its name in words."""
    text = CONCEPTS.read_text()

    for state in State:
        assert f"| `{state}` | {MEANING[state]} |" in text
    for incoming in Incoming:
        assert f"`{incoming}`" in text


def test_every_error_is_in_the_table() -> None:
    """The table "Situation, Raise" has every error that can be raised, and no other."""
    abstract = {"CasebridgeError", "RejectedError", "TransientError"}
    text = CONTRIBUTING.read_text()
    rows = re.findall(r"(?m)^\| [^|]+ \| `(\w+)`[^|]*\| [^|]+ \|$", text)
    table = [name for name in rows if hasattr(errors, name)]

    assert set(errors.__all__) - abstract == set(table)
    kinds = [issubclass(getattr(errors, name), errors.RejectedError) for name in table]
    assert [True] * 9 + [False] * 5 == kinds
    assert all(issubclass(getattr(errors, name), errors.TransientError) for name in table[9:13])


def test_every_exit_code_is_documented() -> None:
    """The codes of the command line's own docstring."""
    from casebridge.cli import app as module

    assert module.__doc__
    for code, meaning in re.findall(r"(?m)^(\d)  (.+)$", module.__doc__):
        assert f"| {code} | {meaning} |" in OPERATIONS.read_text()


def test_every_make_target_that_is_shown_is_explained() -> None:
    """`make help` lists no more than the docs tell of."""
    text = "".join(page.read_text() for page in (README, CONTRIBUTING, OPERATIONS))

    assert {"demo", "up", "test", "check", "proof", "bench", "behaviours", "lock", "format", "env"} <= SHOWN_TARGETS
    for target in SHOWN_TARGETS - {"help", "install", "down", "status", "clean"}:
        assert f"make {target}" in text, target


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes the secrets with openssl")
def test_the_secrets_are_made_as_the_docs_say(tmp_path: Path) -> None:
    """Run as it stands there, the script fills every empty variable, each with something of its own."""
    script = next(block for block in blocks(OPERATIONS, "sh") if ".env.example" in block.text).text
    shutil.copy(ROOT / ".env.example", tmp_path)

    subprocess.run(["sh", "-euc", script[: script.index("docker compose")]], cwd=tmp_path, check=True)

    before, after = env_file(ROOT / ".env.example"), env_file(tmp_path / ".env")
    made = [after[name] for name, value in before.items() if not value]
    assert {name: value for name, value in before.items() if value} == {n: after[n] for n in before if before[n]}
    assert len(made) == len(set(made))
    assert min(len(secret) for secret in made) >= 40
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    Fernet(after["AIRFLOW_FERNET_KEY"])


def test_the_picture_is_a_picture() -> None:
    """It is well formed, says what it shows, needs nothing from elsewhere, and has colours for a dark page."""
    text = (ROOT / "docs" / "one-action.svg").read_text()
    root = ElementTree.fromstring(text)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}

    assert root.tag.endswith("}svg")
    assert {"title", "desc"} <= names
    assert "script" not in names
    assert "prefers-color-scheme: dark" in text
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    for word in ("validate_mappings", "call_target", "apply_incoming", "Case", "Target", "Ledger", "Integration log"):
        assert f">{word}<" in text


def test_the_changelog_names_the_version() -> None:
    """What is not yet released is told as such."""
    text = (ROOT / "CHANGELOG.md").read_text()
    version = re.search(r'(?m)^version = "(.+)"$', (ROOT / "pyproject.toml").read_text())

    assert version
    assert "## [Unreleased]" in text
    assert version[1] in text


def test_the_licence_is_whole() -> None:
    """The full text, from the title to the end of the appendix."""
    text = (ROOT / "LICENSE").read_text()

    assert "Apache License" in text[:200]
    assert "Version 2.0, January 2004" in text
    assert text.rstrip().endswith("limitations under the License.")


def test_decisions_are_numbered_without_a_gap() -> None:
    """Each has its context, its decision and its consequences."""
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert [f"{number:04}" for number in range(1, len(pages) + 1)] == [page.name[:4] for page in pages]
    for number, page in enumerate(pages, 1):
        text = page.read_text()
        assert text.startswith(f"# {number}. ")
        assert ["Context", "Decision", "Consequences"] == re.findall(r"(?m)^## (.+)$", text)
