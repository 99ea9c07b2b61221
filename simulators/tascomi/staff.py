"""What people do in Tascomi itself: any row of any table, without regard to the rights of an API key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from simulators.fields import BadField, Fields
from simulators.simulator import Action
from simulators.tascomi.database import Database
from simulators.tascomi.errors import Refusal
from simulators.tascomi.settings import Settings
from simulators.tascomi.tables import TABLES, Row, Table


class Staff:
    """The admin calls of this vendor; each answers the row as the API would."""

    def __init__(self, database: Database, settings: Callable[[], Settings]) -> None:
        self._database = database
        self._settings = settings

    def actions(self) -> Mapping[str, Action]:
        """The calls by name."""
        return {"create": self.create, "update": self.update, "delete": self.delete}

    def create(self, fields: Fields) -> dict[str, Any]:
        """A new row: ``table``, ``fields``."""
        table = self._table(fields)
        values = self._values(table, fields)
        fields.end()
        with _refusals_name_fields():
            return table.write(self._database.insert(table.name, values))

    def update(self, fields: Fields) -> dict[str, Any]:
        """A row is changed: ``table``, ``id``, ``fields``."""
        table = self._table(fields)
        row = self._row(table, fields)
        values = self._values(table, fields)
        fields.end()
        with _refusals_name_fields():
            self._database.update(table.name, row, values)
        return table.write(row)

    def delete(self, fields: Fields) -> dict[str, Any]:
        """A row is gone: ``table``, ``id``."""
        table = self._table(fields)
        row = self._row(table, fields)
        fields.end()
        with _refusals_name_fields():
            self._database.delete(table.name, row)
        return table.write(row)

    def _table(self, fields: Fields) -> Table:
        name = fields.choice("table", TABLES)
        return self._settings().table(name) or TABLES[name]

    def _row(self, table: Table, fields: Fields) -> Row:
        given = str(fields.code("id"))
        row = self._database.row(table.name, given)
        if row is None:
            raise BadField(f'Field "id" must be the id of a row of {table.name}, not "{given[:40]}".')
        return row

    def _values(self, table: Table, fields: Fields) -> Row:
        group = fields.group("fields") or Fields({})
        given = {name: group.text(name, "") for name in group.names()}
        with _refusals_name_fields():
            return table.read(given, self._database.now(), ignore_unknown=False)


@contextmanager
def _refusals_name_fields() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise BadField(f'Field "fields": {refusal.detail}.') from None
