"""Finding the simulators: every module or folder here that has a ``create()`` is one."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator

_HERE = Path(__file__).parent


def names() -> list[str]:
    """The names that can be started, in alphabetical order, without importing any of them.

    A folder or module counts when its source defines ``create() -> ...``: importing every simulator to ask it
    would make starting one as slow as starting all.
    """
    found = []
    for module in pkgutil.iter_modules([str(_HERE)]):
        source = _HERE / module.name / "__init__.py" if module.ispkg else _HERE / f"{module.name}.py"
        if "\ndef create() ->" in source.read_text(encoding="utf-8"):
            found.append(module.name)
    return sorted(found)


def start(name: str) -> Simulator:
    """A new simulator of that name, holding its sample data."""
    simulator: Simulator = import_module(f"simulators.{name}").create()
    return simulator
