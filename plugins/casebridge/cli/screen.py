"""How the command line shows things: tables for people, JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casebridge.core.problem import Problem, Severity

SCREEN = Console()
if not SCREEN.is_terminal:
    SCREEN = Console(width=200)  # a file or a pipe has no width; 80 would fold every cell
PLAIN = Console(highlight=False, markup=False, no_color=True)
ERRORS = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


def show_json(value: Any) -> None:
    """Prints JSON, a date as ISO text."""
    PLAIN.print(json.dumps(value, indent=2, default=str, ensure_ascii=False), soft_wrap=True)


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str | Text]], *, empty: str) -> None:
    """Prints a table, or a sentence when there are no rows."""
    if not rows:
        SCREEN.print(empty)
        return
    table = Table(title=title, title_justify="left", header_style="bold", show_lines=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text, so that a bracket in a message is a bracket and no markup.
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    SCREEN.print(table)


def show_problems(problems: Sequence[Problem], *, where: str = "") -> None:
    """Prints problems, a line each, with file and line in the form that editors understand."""
    for problem in problems:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        place = f"{where}:{problem.line}: " if where and problem.line else f"{where}: " if where else ""
        line = Text(place) + Text(problem.severity, style=colour) + Text(f": {problem}")
        SCREEN.print(line, soft_wrap=True)
