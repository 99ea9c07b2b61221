"""Names of case fields: CXM reads in snake_case and writes in kebab-case; casebridge knows snake_case only."""

from __future__ import annotations

from collections.abc import Mapping


def snake(name: str) -> str:
    """The name as casebridge knows it: `missed-bin` is `missed_bin`."""
    return name.strip().replace("-", "_").replace(" ", "_").lower()


def kebab(name: str, written_as: Mapping[str, str] | None = None) -> str:
    """The name as CXM takes it: `worksheet_number` is written `worksheet-number`, `first_name` `sys-first-name`."""
    known = snake(name)
    return (written_as or {}).get(known) or known.replace("_", "-")
