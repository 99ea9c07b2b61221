"""Reads the project's files that are not code: Dockerfile, compose file, `.env` files and Markdown."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yaml"
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "plugins/casebridge/**/*.md", "simulators/**/*.md")
    for path in ROOT.glob(pattern)
)
"""Every page that people read."""


def name_of(path: Path) -> str:
    """The path within the project, as the id of a test."""
    return str(path.relative_to(ROOT))


# -- compose


@cache
def compose() -> dict[str, Any]:
    """The compose file with its anchors put in; variables stay as they are written."""
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def services() -> dict[str, dict[str, Any]]:
    """The services by name."""
    return dict(compose()["services"])


@dataclass(frozen=True)
class Variable:
    """A variable that compose puts in: `${NAME:-default}` or `${NAME:?message}`."""

    name: str
    default: str | None


def compose_variables() -> list[Variable]:
    """Every use of a variable in the compose file; `$$` is a dollar sign for the container."""
    text = re.sub(r"(?m)^\s*#.*$", "", COMPOSE.read_text()).replace("$$", "")
    found = re.findall(r"\$\{(\w+)(?::(-|\?)([^}]*))?\}", text)
    assert len(found) == text.count("$"), "a variable is not written as ${NAME:-default} or ${NAME:?message}"
    return [Variable(name, text if kind == "-" else None) for name, kind, text in found]


def env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env` file."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


# -- Dockerfile


def dockerfile() -> list[tuple[str, str]]:
    """The Dockerfile's instructions: the word and the rest, with continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / "Dockerfile").read_text())
    lines = [line.strip() for line in re.sub(r"\\\n\s*", " ", text).splitlines() if line.strip()]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def copied() -> Iterator[tuple[str, str]]:
    """What the Dockerfile copies: each source in the project, and where it goes in the image."""
    for word, rest in dockerfile():
        if word == "COPY":
            *sources, target = [part for part in shlex.split(rest) if not part.startswith("--")]
            for source in sources:
                yield source, target


def image_environment() -> dict[str, str]:
    """The variables that the image sets."""
    parts = [part for word, rest in dockerfile() if word == "ENV" for part in shlex.split(rest)]
    return dict(part.split("=", 1) for part in parts)


def is_ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps a path from the builder: of the patterns that match, the last one counts."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    ignored = False
    for line in lines:
        pattern, keep = line.removeprefix("!"), line.startswith("!")
        parents = [path, *(str(parent) for parent in Path(path).parents)]
        if any(fnmatch(one, pattern) or fnmatch(f"/{one}", pattern.replace("**", "*")) for one in parents):
            ignored = not keep
    return ignored


# -- Airflow's options


@cache
def airflow_options() -> set[tuple[str, str]]:
    """Every option of the installed Airflow and its providers: section and name, both in small letters."""
    spec = find_spec("airflow")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    sections: dict[str, Any] = yaml.safe_load((folder / "config_templates" / "config.yml").read_text())
    known = {(section, name) for section, about in sections.items() for name in about["options"]}
    for file in folder.glob("providers/*/get_provider_info.py"):
        declared = runpy.run_path(str(file))["get_provider_info"]().get("config") or {}
        known |= {(section, name) for section, about in declared.items() for name in about["options"]}
    return {(section.lower(), name.lower()) for section, name in known}


def is_airflow_option(variable: str) -> bool:
    """Whether `AIRFLOW__SECTION__OPTION` is an option that exists."""
    _, section, name = variable.split("__", 2)
    return (section.lower(), name.lower()) in airflow_options()


# -- Markdown


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Where it stands, as the id of a test."""
        return f"{name_of(self.page)}:{self.line}"


def blocks(page: Path, *languages: str) -> list[Block]:
    """The fenced blocks of a page in these languages."""
    text = page.read_text()
    found = []
    for match in re.finditer(r"(?ms)^```(\w*)\n(.*?)^```$", text):
        if match[1] in languages:
            found.append(Block(page, text.count("\n", 0, match.start()) + 1, match[1], match[2]))
    return found


def heredocs(script: str) -> list[tuple[str, str]]:
    """The files that a script writes with `cat > FILE <<'WORD'`: path and text."""
    return [(match[1], match[3]) for match in re.finditer(r"(?ms)^cat > (\S+) <<'(\w+)'\n(.*?)^\2$", script)]


def commands(script: str) -> list[list[str]]:
    """The simple commands of a shell script, without what they are connected by and redirected to."""
    script = re.sub(r"(?ms)<<'(\w+)'\n.*?^\1$", "", script).replace("\\\n", " ")
    found: list[list[str]] = []
    for line in script.splitlines():
        for inner in re.findall(r"\$\(([^)]*)\)", line):
            found += commands(inner)
        lexer = shlex.shlex(re.sub(r"\$\([^)]*\)", "", line), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        current: list[str] = []
        tokens = iter(lexer)
        for token in tokens:
            if token in {">", ">>", "<", "2>"}:
                next(tokens, None)
            elif set(token) <= set("();|&"):
                found.append(current)
                current = []
            elif current or "=" not in token or token.startswith("-"):
                current.append(token)
        found.append(current)
    return [command for command in found if command]


def anchors(page: Path) -> set[str]:
    """The anchors that a forge gives to the headings of a page."""
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text())
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
