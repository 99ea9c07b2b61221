"""The tables, as ``tables.yaml`` describes them, and what they are called on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from simulators.tascomi.columns import BadValue, Column, Value
from simulators.tascomi.errors import Refusal

Row = dict[str, Value]


@dataclass(frozen=True)
class Table:
    """One table, which is one resource of the API.

    Attributes:
        name: Its name, also in the path.
        columns: Its columns by their names in ``tables.yaml``.
        references: The columns that hold a reference of the caller's, for faults and the list of calls.
    """

    name: str
    columns: Mapping[str, Column]
    references: tuple[str, ...]

    def column(self, wire_name: str) -> Column | None:
        """The column of that name on the wire."""
        return next((column for column in self.columns.values() if column.name == wire_name), None)

    def renamed(self, names: Mapping[str, str]) -> Table:
        """The same table with other names on the wire."""
        return replace(
            self, columns={key: replace(column, name=names.get(key, key)) for key, column in self.columns.items()}
        )

    def read(self, given: Mapping[str, str], now: datetime, *, ignore_unknown: bool) -> Row:
        """The values to write, by the columns' names in ``tables.yaml``.

        Args:
            given: What was sent, by names on the wire.
            now: The wall time that ``now`` means.
            ignore_unknown: Whether a column that is not there, or that only Tascomi sets, is left out or refused.

        Raises:
            Refusal: A column cannot be written, or not with that value.
        """
        values: Row = {}
        for name, text in given.items():
            column = self.column(name)
            if column is None or column.system:
                if not ignore_unknown:
                    raise Refusal("validation", f"{name} is not a column of {self.name} that can be written")
                continue
            try:
                values[column.key] = column.read(text, now)
            except BadValue:
                raise Refusal("validation", f"{name} must be {column.type}") from None
        return values

    def write(self, row: Row) -> dict[str, str | None]:
        """The row as it is answered."""
        return {column.name: column.write(row[key]) for key, column in self.columns.items()}


def _column(key: str, described: str | dict[str, Any]) -> Column:
    return Column(key, key, described) if isinstance(described, str) else Column(key, key, **described)


def _tables() -> dict[str, Table]:
    read = yaml.safe_load((Path(__file__).parent / "tables.yaml").read_text(encoding="utf-8"))
    return {
        name: Table(
            name,
            {key: _column(key, one) for key, one in {**read["common_columns"], **described["columns"]}.items()},
            tuple(described.get("references", ())),
        )
        for name, described in read["tables"].items()
    }


#: Every table, under the names of ``tables.yaml``.
TABLES: Mapping[str, Table] = _tables()
