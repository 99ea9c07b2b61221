"""What a SOQL query says, read but not yet looked up in a schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

Literal: TypeAlias = str | bool | Decimal | datetime | date | None


@dataclass(frozen=True)
class DateLiteral:
    """A span of days named relative to today, such as LAST_N_DAYS:7."""

    name: str
    count: int | None = None


@dataclass(frozen=True)
class Path:
    """A field, or one of a parent: Contact.Account.Name. ``at`` is where it begins in the query."""

    parts: tuple[str, ...]
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Function:
    """An aggregate, such as COUNT(Id). Without an argument it is COUNT()."""

    name: str
    argument: Path | None


@dataclass(frozen=True)
class AllFields:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM)."""

    kind: str


@dataclass(frozen=True)
class Item:
    """One thing that is selected, and the name that it is given."""

    what: Path | Function | AllFields | Query
    alias: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A field, an operator in capitals, and what it is compared with: a value, several, or those of another query."""

    field: Path
    operator: str
    value: Literal | DateLiteral | tuple[Literal | DateLiteral, ...] | Query


@dataclass(frozen=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True)
class Every:
    """All conditions hold."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AtLeastOne:
    """One of the conditions holds."""

    conditions: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Not | Every | AtLeastOne


@dataclass(frozen=True)
class Order:
    """By which field the records are sorted, and where those without a value stand."""

    by: Path | Function
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """One SELECT."""

    items: tuple[Item, ...]
    entity: str
    alias: str | None = None
    where: Condition | None = None
    groups: tuple[Path, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
    at: int = field(default=0, compare=False)
