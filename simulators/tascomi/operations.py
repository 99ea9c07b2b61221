"""What each method does with a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.tascomi.access import Rights
from simulators.tascomi.columns import Value
from simulators.tascomi.database import Database
from simulators.tascomi.errors import Refusal, UnknownId
from simulators.tascomi.settings import Settings
from simulators.tascomi.tables import Row, Table

#: The methods of a resource's path, and of a path with an id.
COLLECTION_METHODS = ("GET", "PUT")
ROW_METHODS = ("GET", "POST", "DELETE")


@dataclass(frozen=True)
class Page:
    """One page of a listing; ``total`` is of all pages."""

    rows: list[dict[str, str | None]]
    number: int
    total: int


@dataclass(frozen=True)
class Asked:
    """One request to one table, by a key that is known.

    Attributes:
        row_id: The id in the path; None: there is none.
        given: Columns (and the page) with their texts, by names on the wire, from the query and the form together.
    """

    table: Table
    row_id: str | None
    given: Mapping[str, str]
    rights: Rights
    settings: Settings
    database: Database

    def list_rows(self) -> Page:
        """The page asked for, of the rows that have every value asked for, in order of their ids.

        With an id in the path, that row alone (ASSUMED: no client that does so is known).
        """
        self.rights.need("view", self.table.name)
        given = dict(self.given)
        page = _page(given.pop("page", "1"))
        if self.row_id is not None:
            given["id"] = self.row_id
        filters = self._filters(given)
        found = [row for row in self.database.rows(self.table.name) if all(finds(row[key]) for key, finds in filters)]
        size = self.settings.page_size
        here = found[(page - 1) * size : page * size]
        return Page([self._visible(row) for row in here], page, len(found))

    def create(self) -> dict[str, Any]:
        """A new row; its id and what was sent (FACT), or the whole row."""
        values = self._values()
        row = self.database.insert(self.table.name, values)
        shown = self._visible(row)
        if self.settings.create_answer == "sent":
            shown = {name: shown[name] for name in self._names(values) if name in shown}
        return {"id": str(row["id"]), **shown}

    def update(self) -> dict[str, Any]:
        """Only what was sent is changed; the id and those columns are answered (FACT)."""
        values = self._values()
        row = self._row()
        self.database.update(self.table.name, row, values)
        shown = self._visible(row)
        return {"id": str(row["id"]), **{name: shown[name] for name in self._names(values) if name in shown}}

    def delete(self) -> dict[str, Any]:
        """The row is gone; its id is answered (ASSUMED)."""
        self.rights.need("delete", self.table.name)
        row = self._row()
        self.database.delete(self.table.name, row)
        return {"id": str(row["id"])}

    def _row(self) -> Row:
        row = self.database.row(self.table.name, self.row_id or "")
        if row is None:
            raise UnknownId
        return row

    def _values(self) -> Row:
        self.rights.need("create_update", self.table.name)
        values = self.table.read(
            self.given, self.database.now(), ignore_unknown=self.settings.unknown_columns == "ignore"
        )
        for key in values:
            self.rights.need("create_update", self.table.name, key)
        return values

    def _names(self, values: Row) -> list[str]:
        return [self.table.columns[key].name for key in values]

    def _visible(self, row: Row) -> dict[str, str | None]:
        """The row without the columns that the key may not view."""
        hidden = {
            column.name
            for key, column in self.table.columns.items()
            if not self.rights.allow("view", self.table.name, key)
        }
        return {name: text for name, text in self.table.write(row).items() if name not in hidden}

    def _filters(self, given: Mapping[str, str]) -> list[tuple[str, Callable[[Value], bool]]]:
        """Columns that the key may view, each with what it finds. An unknown one is refused (ASSUMED) or ignored."""
        filters, now = [], self.database.now()
        for name, text in given.items():
            column = self.table.column(name)
            if column is not None:
                self.rights.need("view", self.table.name, column.key)
                filters.append((column.key, column.finds(text, now)))
            elif self.settings.unknown_columns == "refuse":
                raise Refusal("validation", f"{name} is not a column of {self.table.name}")
        return filters


def _page(text: str) -> int:
    page = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
    if page < 1:
        raise Refusal("bad_page")
    return page
