"""How a start is told to whoever waits for it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn


class Progress(Protocol):
    """Hears of each step of a start or stop."""

    def step(self, title: str) -> AbstractContextManager[None]:
        """Enclose one step; leaving it by an exception means that it failed."""
        ...

    def note(self, line: str) -> None:
        """Say something that people should know."""
        ...


class Silence:
    """Tells nobody: for tests and benchmarks."""

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Do the step."""
        yield

    def note(self, line: str) -> None:
        """Drop the line."""


class Terminal:
    """Tells a person: a spinner with the seconds while a step runs, one line when it is done.

    Where the output is no terminal, in CI or a file, only the lines.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        if console is None and not self.console.is_terminal:
            self.console = Console(highlight=False, width=160)  # a file has no width; 80 would fold every cell

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show the step while it runs, and how long it took."""
        started = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Bars(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bars:
            bars.add_task(title)
            try:
                yield
            except BaseException:
                self.console.print(f"[red]✗[/] {title} ({time.monotonic() - started:.1f} s)")
                raise
        self.console.print(f"[green]✓[/] {title} ({time.monotonic() - started:.1f} s)")

    def note(self, line: str) -> None:
        """Print the line as it is."""
        self.console.print(line, markup=False, soft_wrap=True)
