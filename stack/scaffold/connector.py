"""Writing a connector: every file in `files/` is one of its files, with its name in the path and in the text."""

from __future__ import annotations

import importlib
import json
import keyword
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, StrictUndefined

TEMPLATES = Path(__file__).parent / "files"
SUFFIX = ".jinja"
PLACE = "NAME"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TITLE = re.compile(r"\w[\w .,&/()'+-]*")
LONGEST_NAME = 30
LONGEST_TITLE = 40


class BadName(Exception):
    """A connector of that name or title cannot be written; the text says why."""


@dataclass(frozen=True)
class Written:
    """What was written, as paths below the project.

    Attributes:
        files: Every file.
        tops: The folders and files that hold nothing else: deleting them takes the connector back.
    """

    files: list[str]
    tops: list[str]


def write_connector(project: Path, name: str, title: str = "") -> Written:
    """A connector stands in the project, with simulator, DAGs, templates, samples, tests and docs. No file is changed.

    Args:
        project: The project's folder.
        name: Its word in code, YAML and DAG ids.
        title: What people call it; made of the name when empty.

    Raises:
        BadName: The name or the title cannot be used. Nothing was written.
    """
    title = title.strip() or name.replace("_", " ").title()
    _check(name, title)
    texts = _texts(name, title)
    generated = [f"include/mappings/{name}/template.schema.json", f"docs/connectors/{name}.md"]
    tops = sorted({_top(path, name) for path in (*texts, *generated)})
    if taken := [path for path in tops if (project / path).exists()]:
        raise BadName(f'the name "{name}" is taken: {", ".join(taken)} is there. Choose another.')
    for path, text in texts.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, "utf-8")
    _format(project, [path for path in texts if path.endswith(".py")])
    _generate(project, name)
    return Written(sorted([*texts, *generated]), tops)


def _check(name: str, title: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise BadName(
            f'"{name}" cannot be the name of a connector: write small letters, digits and single underscores, '
            f"a letter first, at most {LONGEST_NAME} characters, as in make connector NAME=confirm"
        )
    if keyword.iskeyword(name) or find_spec(name) is not None:
        # Airflow puts the DAG folder on Python's path: a DAG file of that name would hide the module.
        raise BadName(f'"{name}" is a word or a module of Python already. Choose another name.')
    if not _TITLE.fullmatch(title) or len(title) > LONGEST_TITLE:
        raise BadName(
            f'"{title}" cannot be a title: write letters, digits, spaces and simple punctuation, '
            f"at most {LONGEST_TITLE} characters"
        )


def _texts(name: str, title: str) -> dict[str, str]:
    environment = Environment(  # noqa: S701 -- it writes code and YAML, not HTML
        variable_start_string="«", variable_end_string="»", undefined=StrictUndefined, keep_trailing_newline=True
    )
    values = {
        "name": name,
        "NAME": name.upper().replace("_", "-"),
        "title": title,
        "class": "".join(part.capitalize() for part in name.split("_")),
        "host": name.replace("_", "-"),
    }
    found = {}
    for path in sorted(TEMPLATES.rglob(f"*{SUFFIX}")):
        place = path.relative_to(TEMPLATES).as_posix().removesuffix(SUFFIX)
        found[place.replace(PLACE, name)] = environment.from_string(path.read_text("utf-8")).render(values)
    return found


def _top(path: str, name: str) -> str:
    """The part of a path up to the one that carries the name."""
    parts = path.split("/")
    last = next(number for number, part in enumerate(parts) if part.split(".")[0] == name)
    return "/".join(parts[: last + 1])


def _format(project: Path, paths: list[str]) -> None:
    """Imports stand in an order, and lines break, by how long the name is."""
    for command in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *paths], cwd=project, check=True)


def _generate(project: Path, name: str) -> None:
    """Writes what `casebridge schema` and `casebridge docs` write, for this one."""
    importlib.invalidate_caches()
    from casebridge.connectors import registry
    from casebridge.core.manual import describe_connector
    from casebridge.core.schema import template_schema

    manifest = registry.manifest(name)
    fields = registry.settings_class(name).model_fields
    settings = [(key, field.title or key, field.description or "") for key, field in fields.items()]
    schema = json.dumps(template_schema(manifest), indent=2, ensure_ascii=False) + "\n"
    (project / "include" / "mappings" / name / "template.schema.json").write_text(schema, "utf-8")
    (project / "docs" / "connectors" / f"{name}.md").write_text(describe_connector(manifest, settings), "utf-8")
