"""The integration log, searched: by what people know of an action, page by page, quick however long the log is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from casebridge.core.errors import NotFound
from casebridge.core.outcome import State
from casebridge.core.problem import Problem
from casebridge.store.database import Database
from casebridge.store.tables import WORDS, actions

_LISTED = (
    "id",
    "created_at",
    "ended_at",
    "updated_at",
    "system",
    "action_type",
    "record",
    "case_source",
    "case_reference",
    "case_url",
    "template",
    "reference",
    "state",
    "incoming",
    "reason",
    "problems",
    "tries",
    "record_id",
    "record_url",
    "dag_id",
    "run_id",
)
_STREAMED_ROWS = 1000


@dataclass(frozen=True)
class Search:
    """What to look for; what is empty does not matter.

    Attributes:
        case: The case reference number.
        reference: The name of a Reference, or the id of the record in one.
        system: The target system.
        action: The action type.
        template: The mapping template.
        states: One of these states.
        words: Words of the reason or of a problem; `"a phrase"`, `or` and `-without` are understood.
        since: Asked for at this moment or later, with offset.
        until: Asked for before this moment, with offset.
        systems: The systems that may be seen at all; None for every one.
        references: The known names of References: a text that is none of them is the id of a record.
    """

    case: str = ""
    reference: str = ""
    system: str = ""
    action: str = ""
    template: str = ""
    states: tuple[State, ...] = ()
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    systems: frozenset[str] | None = None
    references: frozenset[str] = frozenset()

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The search in SQL."""
        table = actions.c
        found: list[sa.ColumnElement[bool]] = []
        for column, value in (
            (table.case_reference, self.case),
            (table.system, self.system),
            (table.action_type, self.action),
            (table.template, self.template),
            (table.reference if self.reference in self.references else table.record_id, self.reference),
        ):
            if value:
                found.append(column == value)
        if self.systems is not None:
            found.append(table.system.in_(sorted(self.systems)))
        if self.states:
            found.append(table.state.in_(self.states))
        if self.words:
            words = sa.func.websearch_to_tsquery(sa.text("'simple'::regconfig"), self.words)
            found.append(sa.literal_column(f"({WORDS})").op("@@")(words))
        if self.since is not None:
            found.append(table.created_at >= self.since)
        if self.until is not None:
            found.append(table.created_at < self.until)
        return found


@dataclass(frozen=True)
class Listed:
    """An action as the log lists it, without its payload. Times are in UTC."""

    id: str
    created_at: datetime
    ended_at: datetime | None
    updated_at: datetime
    system: str
    action_type: str
    record: str
    case_source: str
    case_reference: str
    case_url: str
    template: str
    reference: str
    state: State
    incoming: str
    reason: str
    problems: tuple[Problem, ...]
    tries: int
    record_id: str | None
    record_url: str
    dag_id: str
    run_id: str

    @classmethod
    def from_row(cls, row: sa.RowMapping) -> Listed:
        """The action in a row of the table."""
        problems = tuple(Problem.from_json(problem) for problem in row["problems"])
        return cls(**{**row, "state": State(row["state"]), "problems": problems})


@dataclass(frozen=True)
class Page:
    """Some of what was found, the newest first.

    Attributes:
        rows: The actions.
        older: Where the next page begins; "" when this is the last one.
    """

    rows: tuple[Listed, ...]
    older: str = ""


class LogSearch:
    """Searches the ledger.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, search: Search, *, after: str = "", limit: int = 50) -> Page:
        """A page of what is found. However far one pages, a page costs the same.

        Args:
            search: What to look for.
            after: The `older` of the page before; "" for the first.
            limit: How many at most.

        Raises:
            NotFound: `after` is not the end of any page.
        """
        conditions = search.conditions()
        if after:
            at, action_id = _place(after)
            conditions.append(sa.tuple_(actions.c.created_at, actions.c.id) < sa.tuple_(sa.literal(at), action_id))
        query = _listed().where(*conditions).limit(limit + 1)
        with self._database.connect() as connection:
            rows = [Listed.from_row(row) for row in connection.execute(query).mappings()]
        if len(rows) <= limit:
            return Page(tuple(rows))
        last = rows[limit - 1]
        return Page(tuple(rows[:limit]), f"{last.created_at.astimezone(UTC).isoformat()}~{last.id}")

    def ids(self, search: Search, *, limit: int) -> list[str]:
        """The ids of what is found, the newest first."""
        query = sa.select(actions.c.id).where(*search.conditions()).order_by(*_newest_first()).limit(limit)
        with self._database.connect() as connection:
            return list(connection.execute(query).scalars())

    def every(self, search: Search) -> Iterator[Listed]:
        """Everything that is found, the newest first; read as it is asked for, so that memory stays small."""
        query = _listed().where(*search.conditions()).execution_options(yield_per=_STREAMED_ROWS)
        with self._database.connect() as connection:
            for row in connection.execute(query).mappings():
                yield Listed.from_row(row)


def _listed() -> sa.Select[tuple[object, ...]]:
    return sa.select(*(actions.c[name] for name in _LISTED)).order_by(*_newest_first())


def _newest_first() -> tuple[sa.UnaryExpression[object], ...]:
    return actions.c.created_at.desc(), actions.c.id.desc()


def _place(after: str) -> tuple[datetime, str]:
    at, _, action_id = after.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NotFound("there is no such page of the log; begin with the first one")
    return moment, action_id
