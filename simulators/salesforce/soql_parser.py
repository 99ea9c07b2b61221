"""Reads SOQL: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql.htm.

As the vendor, it refuses AND beside OR without parentheses. HAVING, TYPEOF, WITH DATA CATEGORY, geolocation and
date functions are refused as unexpected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from simulators.salesforce.errors import Refusal
from simulators.salesforce.moments import read_moment
from simulators.salesforce.soql_query import (
    AllFields,
    AtLeastOne,
    Comparison,
    Condition,
    DateLiteral,
    Every,
    Function,
    Item,
    Literal,
    Not,
    Order,
    Path,
    Query,
)

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<moment>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))?(?![\w-]))
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    |(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
    |(?P<sign><=|>=|!=|<>|[=<>(),:])""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_COMPARES = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
_CLAUSES = frozenset({"WHERE", "WITH", "GROUP", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "USING", "HAVING", "UPDATE"})
_RELATIVE = re.compile(
    r"TODAY|YESTERDAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|QUARTER|YEAR)|(?:LAST|NEXT)_90_DAYS", re.ASCII
)
_COUNTED = re.compile(r"(?:LAST|NEXT)_N_DAYS|N_DAYS_AGO", re.ASCII)
_MAX_OFFSET = 2000
_DEEPEST = 40


@dataclass(frozen=True)
class Token:
    """One word of a query; ``kind`` is end after the last one."""

    kind: str
    text: str
    at: int


def malformed(text: str, at: int, message: str) -> Refusal:
    """The vendor's answer to a query that cannot be read, with the place marked."""
    return Refusal("MALFORMED_QUERY", f"\n{marked(text, at)}\n{message}")


def marked(text: str, at: int) -> str:
    """The line of the query around a place, a caret below it, and where that is."""
    before, line = text[:at], text[max(0, at - 40) : at + 40].replace("\n", " ")
    row, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
    return f"{line}\n{' ' * min(at, 40)}^\nERROR at Row:{row}:Column:{column}"


def tokens(text: str) -> list[Token]:
    """The words of a query.

    Raises:
        Refusal: MALFORMED_QUERY: something is no word of it.
    """
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            problem = "unexpected end of string" if text[at] == "'" else f"unexpected token: '{text[at]}'"
            raise malformed(text, at, problem)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), at))
        at = match.end()
    return [*found, Token("end", "<EOF>", len(text))]


def parse(text: str) -> Query:
    """The query that the text is.

    Raises:
        Refusal: MALFORMED_QUERY.
    """
    reader = Reader(text)
    query = reader.query()
    reader.expect_end()
    return query


class Reader:
    """Goes through the words of one query, or of a clause of a search."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    # words

    @property
    def token(self) -> Token:
        """The next word."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """The next word, which is behind us now."""
        token = self.token
        if token.kind != "end":
            self._next += 1
        return token

    def unexpected(self, token: Token | None = None) -> Refusal:
        """The next word may not stand here."""
        found = token or self.token
        return malformed(self.text, found.at, f"unexpected token: '{found.text}'")

    def is_word(self, *words: str) -> bool:
        """Whether the next word is one of these."""
        return self.token.kind == "name" and self.token.text.upper() in words

    def skip_word(self, *words: str) -> bool:
        """Whether the next word was one of these, and is behind us now."""
        found = self.is_word(*words)
        if found:
            self.take()
        return found

    def need_word(self, *words: str) -> str:
        """The next word, which must be one of these."""
        if not self.is_word(*words):
            raise self.unexpected()
        return self.take().text.upper()

    def skip_sign(self, sign: str) -> bool:
        """Whether the next word was that sign, and is behind us now."""
        found = self.token.kind == "sign" and self.token.text == sign
        if found:
            self.take()
        return found

    def need_sign(self, sign: str) -> None:
        """The next word must be that sign."""
        if not self.skip_sign(sign):
            raise self.unexpected()

    def name(self) -> str:
        """A name without dots."""
        if self.token.kind != "name" or "." in self.token.text:
            raise self.unexpected()
        return self.take().text

    def whole_number(self) -> int:
        """A whole number that is not negative."""
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.unexpected()
        return int(self.take().text)

    def path(self) -> Path:
        """A field."""
        if self.token.kind != "name":
            raise self.unexpected()
        token = self.take()
        return Path(tuple(token.text.split(".")), token.at)

    def expect_end(self) -> None:
        """Nothing follows."""
        if self.token.kind != "end":
            raise self.unexpected()

    # clauses

    def query(self) -> Query:
        """SELECT ... FROM ... and what follows."""
        self.need_word("SELECT")
        items = [self._item()]
        while self.skip_sign(","):
            items.append(self._item())
        self.need_word("FROM")
        at = self.token.at
        entity = self.path()
        alias = None
        if self.token.kind == "name" and not self.is_word(*_CLAUSES):
            self.skip_word("AS")
            alias = self.name()
        if self.skip_word("USING"):
            self.need_word("SCOPE")
            self.name()
        where = self.condition() if self.skip_word("WHERE") else None
        if self.skip_word("WITH"):
            self.need_word("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE")
        groups = self._groups()
        order = self.order()
        limit = self.whole_number() if self.skip_word("LIMIT") else None
        offset = self._offset()
        if self.skip_word("FOR"):
            self.need_word("VIEW", "REFERENCE", "UPDATE")
        all_rows = self.skip_word("ALL")
        if all_rows:
            self.need_word("ROWS")
        return Query(tuple(items), str(entity), alias, where, groups, order, limit, offset, all_rows, at)

    def _offset(self) -> int:
        if not self.skip_word("OFFSET"):
            return 0
        offset = self.whole_number()
        if offset > _MAX_OFFSET:
            raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MAX_OFFSET}")
        return offset

    def _item(self) -> Item:
        if self.skip_sign("("):
            query = self._nested_query()
            self.need_sign(")")
            return Item(query)
        path = self.path()
        if not self.skip_sign("("):
            alias = None
            if self.token.kind == "name" and not self.is_word("FROM"):
                alias = self.name()
            return Item(path, alias)
        what: Function | AllFields
        if str(path).upper() == "FIELDS":
            what = AllFields(self.need_word("ALL", "STANDARD", "CUSTOM"))
            self.need_sign(")")
            return Item(what)
        what = self._function(path)
        alias = self.name() if self.token.kind == "name" and not self.is_word("FROM") else None
        return Item(what, alias)

    def _function(self, name: Path) -> Function:
        called = str(name).upper()
        if called not in _AGGREGATES:
            raise malformed(self.text, name.at, f"Unknown function: {name}")
        argument = None if called == "COUNT" and self.token.text == ")" else self.path()
        self.need_sign(")")
        return Function(called, argument)

    def _nested_query(self) -> Query:
        self._enter()
        query = self.query()
        self._depth -= 1
        return query

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise malformed(self.text, self.token.at, "The query is nested too deeply")

    def _groups(self) -> tuple[Path, ...]:
        if not self.skip_word("GROUP"):
            return ()
        self.need_word("BY")
        groups = [self.path()]
        while self.skip_sign(","):
            groups.append(self.path())
        return tuple(groups)

    def order(self) -> tuple[Order, ...]:
        """ORDER BY, or nothing."""
        if not self.skip_word("ORDER"):
            return ()
        self.need_word("BY")
        orders = [self._order()]
        while self.skip_sign(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        path: Path | Function = self.path()
        if isinstance(path, Path) and self.skip_sign("("):
            path = self._function(path)
        descending = self.is_word("DESC")
        self.skip_word("ASC", "DESC")
        # FACT of the vendor's reference: records without a value come first in ascending order, last in descending.
        nulls_last = descending
        if self.skip_word("NULLS"):
            nulls_last = self.need_word("FIRST", "LAST") == "LAST"
        return Order(path, descending, nulls_last)

    # conditions

    def condition(self) -> Condition:
        """Conditions joined by AND or by OR, never by both without parentheses."""
        conditions = [self._one_condition()]
        joined = self.token.text.upper() if self.is_word("AND", "OR") else ""
        while joined and self.skip_word(joined):
            conditions.append(self._one_condition())
        if self.is_word("AND", "OR"):
            raise self.unexpected()
        if len(conditions) == 1:
            return conditions[0]
        return Every(tuple(conditions)) if joined == "AND" else AtLeastOne(tuple(conditions))

    def _one_condition(self) -> Condition:
        self._enter()
        try:
            if self.skip_word("NOT"):
                return Not(self._one_condition())
            if self.skip_sign("("):
                condition = self.condition()
                self.need_sign(")")
                return condition
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Comparison:
        field = self.path()
        token = self.take()
        word = token.text.upper()
        if token.kind == "sign" and token.text in _COMPARES:
            return Comparison(field, _COMPARES[token.text], self._value())
        if token.kind == "name" and word == "LIKE":
            if self.token.kind != "string":
                raise self.unexpected()
            return Comparison(field, "LIKE", like_pattern(self.take().text))
        if token.kind == "name" and word in ("IN", "NOT"):
            if word == "NOT":
                self.need_word("IN")
                word = "NOT IN"
            return Comparison(field, word, self._values())
        raise self.unexpected(token)

    def _values(self) -> tuple[Literal | DateLiteral, ...] | Query:
        self.need_sign("(")
        found: tuple[Literal | DateLiteral, ...] | Query
        if self.is_word("SELECT"):
            found = self._nested_query()
        else:
            values = [self._value()]
            while self.skip_sign(","):
                values.append(self._value())
            found = tuple(values)
        self.need_sign(")")
        return found

    def _value(self) -> Literal | DateLiteral:
        token = self.take()
        match token.kind:
            case "string":
                return plain_text(token.text)
            case "number":
                return Decimal(token.text)
            case "moment":
                return self._moment(token)
            case "name":
                return self._named_value(token)
        raise self.unexpected(token)

    def _moment(self, token: Token) -> date | datetime:
        try:
            moment = read_moment(token.text)
        except ValueError:
            raise malformed(self.text, token.at, f"unexpected token: '{token.text}'") from None
        return moment if "T" in token.text else moment.astimezone(UTC).date()

    def _named_value(self, token: Token) -> Literal | DateLiteral:
        word = token.text.upper()
        if word in ("TRUE", "FALSE", "NULL"):
            return {"TRUE": True, "FALSE": False, "NULL": None}[word]
        if _RELATIVE.fullmatch(word):
            return DateLiteral(word)
        if _COUNTED.fullmatch(word):
            self.need_sign(":")
            return DateLiteral(word, self.whole_number())
        raise malformed(self.text, token.at, "Bind variables only allowed in Apex code")


def plain_text(quoted: str) -> str:
    """What a quoted text says."""
    return _unescaped(quoted, {"%": "%", "_": "_"})


def like_pattern(quoted: str) -> str:
    """What a quoted text says to LIKE: there, a backslash stays before %, _ and itself."""
    return _unescaped(quoted, {"%": "\\%", "_": "\\_", "\\": "\\\\"})


def _unescaped(quoted: str, special: dict[str, str]) -> str:
    known = _ESCAPES | special

    def meant(match: re.Match[str]) -> str:
        letter = match[1].lower()
        if letter not in known:
            raise Refusal(
                "MALFORMED_QUERY", f"Invalid string literal {quoted}. Illegal character sequence '{match[0]}'"
            )
        return known[letter]

    return re.sub(r"\\(.)", meant, quoted[1:-1], flags=re.DOTALL)
