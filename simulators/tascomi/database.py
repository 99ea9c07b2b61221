"""The rows of every table, and the rules that hold between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from simulators.clock import Clock
from simulators.tascomi.errors import Refusal
from simulators.tascomi.settings import Settings
from simulators.tascomi.tables import TABLES, Row

_SAMPLE = Path(__file__).parent / "sample_data.yaml"


class Database:
    """All that a request or a person can read and change; each change is done whole or refused.

    Args:
        clock: Dates everything.
        settings: Gives the switches in force.
    """

    def __init__(self, clock: Clock, settings: Callable[[], Settings]) -> None:
        self._clock = clock
        self._settings = settings
        self._sample = yaml.safe_load(_SAMPLE.read_text(encoding="utf-8"))
        self.load()

    def load(self) -> None:
        """The rows of the sample data, and no others."""
        self._rows: dict[str, dict[int, Row]] = {name: {} for name in TABLES}
        sample = self._sample
        self._last_number: int = sample["last_number"]
        stamps = {"submit_date": sample["submit_date"], "last_updated": sample["submit_date"], "ceased": False}
        for name, table in TABLES.items():
            for given in sample["tables"][name]:
                row: Row = dict.fromkeys(table.columns)
                for key, value in {**stamps, **given}.items():
                    row[key] = table.columns[key].read(_text(value), self.now())
                self._rows[name][given["id"]] = row
        self._next_id = {name: max(rows) + 1 for name, rows in self._rows.items()}

    def now(self) -> datetime:
        """The wall time here, to the millisecond (FACT: timestamps may have a fraction)."""
        now = self._clock.local(self._settings().zone)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def rows(self, table: str) -> Iterable[Row]:
        """The rows of that table in order of creation."""
        return self._rows[table].values()

    def row(self, table: str, row_id: str) -> Row | None:
        """The row with that id, as it was sent."""
        finds = TABLES[table].columns["id"].finds(row_id, self.now())
        return next((row for row in self.rows(table) if finds(row["id"])), None)

    def insert(self, table: str, values: Row) -> Row:
        """A new row; it has the next id, and a Service Request its number.

        Raises:
            Refusal: A required value is missing, or an id is of no row.
        """
        now = self.now()
        row: Row = dict.fromkeys(TABLES[table].columns)
        row |= {"ceased": False, "submit_date": now, "last_updated": now, **values}
        self._check(table, row)
        row["id"] = row_id = self._next_id[table]
        self._next_id[table] += 1
        if table == "complaints":
            row["reference_number"] = self._number(now)
            row["received_date"] = row["received_date"] or now
        self._rows[table][row_id] = row
        return row

    def update(self, table: str, row: Row, values: Row) -> None:
        """Those values are in the row.

        Raises:
            Refusal: A required value would be gone, or an id is of no row.
        """
        self._check(table, {**row, **values})
        row |= {**values, "last_updated": self.now()}

    def delete(self, table: str, row: Row) -> None:
        """The row is gone.

        Raises:
            Refusal: Another row refers to it.
        """
        for other in TABLES.values():
            for column in other.columns.values():
                if column.to == table and any(
                    one[column.key] == row["id"] and one is not row for one in self.rows(other.name)
                ):
                    raise Refusal("validation", f"{table} {row['id']} is still used by {other.name}.{column.key}")
        self._rows[table] = {row_id: one for row_id, one in self._rows[table].items() if one is not row}

    def _check(self, table: str, row: Row) -> None:
        named = self._settings().table(table) or TABLES[table]
        for column in named.columns.values():
            value = row[column.key]
            if column.required and value is None:
                raise Refusal("validation", f"{column.name} is required")
            if column.to and value is not None and value not in self._rows[column.to]:
                raise Refusal("validation", f"{column.name} is no id in {column.to}")

    def _number(self, now: datetime) -> str:
        self._last_number += 1
        text = self._settings().number_format
        return text.replace("{year}", f"{now.year}").replace("{sequence}", f"{self._last_number:05}")


def _text(value: Any) -> str:
    """A value of the sample data as it would be sent."""
    return "" if value is None else str(value)
