"""The operations: each module holds those of one theme, each operation is one function."""

from __future__ import annotations

import importlib
import pkgutil

from simulators.whitespace.operations.registry import OPERATIONS

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["OPERATIONS"]
