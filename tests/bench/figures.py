"""A measured figure, a table of them, and the file that keeps them."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """Something that was measured.

    Attributes:
        name: What was measured.
        value: How much.
        unit: Of what.
        beside: The same of the thing it is compared with, measured in the same run.
        compared_with: What that thing is.
        aim: What the ratio should be at most, or the value where there is nothing beside it.
        note: What one must know to read it.
    """

    name: str
    value: float
    unit: str
    beside: float | None = None
    compared_with: str = ""
    aim: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value divided by the one beside it."""
        return self.value / self.beside if self.beside else None

    @property
    def missed(self) -> bool:
        """Whether there is an aim, and it is not reached."""
        measured = self.value if self.beside is None else self.ratio
        return self.aim is not None and measured is not None and measured > self.aim


def show(console: Console, title: str, figures: Iterable[Figure]) -> None:
    """Print figures as a table."""
    table = Table("what", "measured", "beside it", "ratio", "aim", title=title, title_justify="left", expand=True)
    for name in ("measured", "beside it", "ratio", "aim"):
        next(column for column in table.columns if column.header == name).justify = "right"
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        table.add_row(
            f"{figure.name}\n[dim]{figure.note}[/dim]" if figure.note else figure.name,
            f"{_short(figure.value)} {figure.unit}",
            ""
            if figure.beside is None
            else f"{_short(figure.beside)} {figure.unit}\n[dim]{figure.compared_with}[/dim]",
            f"[red]{ratio}[/red]" if figure.missed else ratio,
            "" if figure.aim is None else f"≤ {figure.aim:g}",
        )
    console.print(table)


def write(file: Path, results: dict[str, list[Figure]]) -> None:
    """Write all figures to a JSON file, with what is needed to compare two of them."""
    content = {
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "benchmarks": {
            name: [asdict(figure) | {"ratio": figure.ratio} for figure in figures] for name, figures in results.items()
        },
    }
    file.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
