"""API keys, and what each may do with which table and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from simulators.fields import BadField, Fields
from simulators.tascomi.errors import Refusal
from simulators.tascomi.tables import TABLES

#: View and Create & Update are the vendor's (FACT); that deleting is a right of its own is ASSUMED.
RIGHTS = ("view", "create_update", "delete")
#: What the integration of the vendor's partner asks for (View of all: INFERRED).
_DEFAULT = {name: ("view", "create_update") if name in ("complaints", "contacts") else ("view",) for name in TABLES}


@dataclass(frozen=True)
class Rights:
    """What a key may do: by table, and by ``table.column`` where a column has other rights than its table."""

    granted: Mapping[str, tuple[str, ...]]

    def allow(self, right: str, table: str, column: str | None = None) -> bool:
        """Whether that may be done."""
        whole = self.granted.get(table, ())
        return right in (whole if column is None else self.granted.get(f"{table}.{column}", whole))

    def need(self, right: str, table: str, column: str | None = None) -> None:
        """That may be done.

        Raises:
            Refusal: It may not.
        """
        if not self.allow(right, table, column):
            where = table if column is None else f"{table}.{column}"
            raise Refusal("no_rights", f"{right.replace('_', ' and ')} {where}")

    def changed(self, fields: Fields) -> Rights:
        """These rights with those of the named tables and columns replaced; null takes a column's own away."""
        granted = dict(self.granted)
        for name in fields.names():
            table, dot, column = name.partition(".")
            if table not in TABLES or (dot and column not in TABLES[table].columns):
                raise BadField(f'Field "rights.{name}" is no table and no column of one.')
            given = fields.value(name)
            if given is None and dot:
                granted.pop(name, None)
                continue
            if not isinstance(given, list) or not all(isinstance(one, str) and one in RIGHTS for one in given):
                raise BadField(f'Field "rights.{name}" must be a list of some of {", ".join(RIGHTS)}.')
            granted[name] = tuple(given)
        return Rights(granted)


DEFAULT_RIGHTS = Rights(_DEFAULT)


@dataclass(frozen=True)
class OtherKey:
    """A key beside that of the credentials."""

    private_key: str
    rights: Rights

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {"private_key": self.private_key, "rights": asdict(self.rights)["granted"]}


def change_keys(keys: Mapping[str, OtherKey], fields: Fields) -> dict[str, OtherKey]:
    """The keys with the named ones set; null takes one away. A new one begins with the default rights."""
    changed = dict(keys)
    for public_key in fields.names():
        entry = fields.group(public_key)
        if entry is None:
            changed.pop(public_key, None)
            continue
        before = changed.get(public_key)
        private_key = entry.text("private_key", before.private_key) if before else entry.text("private_key")
        rights, given = before.rights if before else DEFAULT_RIGHTS, entry.group("rights")
        changed[public_key] = OtherKey(private_key, rights.changed(given) if given else rights)
        entry.end()
    return changed
