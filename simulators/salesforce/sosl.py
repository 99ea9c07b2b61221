"""Answers SOSL searches: FIND {words} IN PHONE FIELDS RETURNING Contact(Id, Name LIMIT 3).

Words are matched as tokens of a field, without regard to case: a field is split where it has spaces or punctuation
(FACT), so ``333 1234567`` is found by each of its two groups and not by both run together (ASSUMED; setting
``search_phone_digits``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from simulators.salesforce.errors import Refusal
from simulators.salesforce.org import Org
from simulators.salesforce.schema import Entity
from simulators.salesforce.soql import Evaluator
from simulators.salesforce.soql_parser import Reader
from simulators.salesforce.soql_query import Item, Path, Query
from simulators.salesforce.store import Record

_HEAD = re.compile(r"\s*FIND\s*\{((?:[^\\}]|\\.)*)\}\s*", re.IGNORECASE | re.DOTALL)
_SCOPE = re.compile(r"IN\s+(ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\s*", re.IGNORECASE)
_WORD = re.compile(r'\s+|"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<mark>[()])|(?P<word>(?:[^\s"()\\]|\\.)+)', re.DOTALL)
#: FACT: these mean something to a search and must have a backslash before them where they do not.
_RESERVED = frozenset("?&|!{}[]()^~*:\\\"'+-")
_MOST = 2000
_SEARCHED = ("Account", "Case", "Contact", "User", "ContentVersion")
SCOPES = ("ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR")
Holds = Callable[[set[str], str], bool]


@dataclass(frozen=True)
class Wanted:
    """What a search asks for in one object: as a query, whose condition comes on top of the words."""

    query: Query


def search(org: Org, text: str, version: str) -> list[dict[str, Any]]:
    """The records that a search in SOSL finds.

    Raises:
        Refusal: MALFORMED_SEARCH, INVALID_FIELD, INVALID_TYPE.
    """
    head = _HEAD.match(text)
    if head is None:
        raise _malformed("unexpected token: expecting FIND {search term}")
    at = head.end()
    scope = _SCOPE.match(text, at)
    wanted, limit = clauses(text[scope.end() if scope else at :])
    return _find(org, term(head[1]), scope[1].upper() if scope else "ALL", wanted, limit, (text, version))


def search_by_parameters(org: Org, asked: Any, version: str) -> list[dict[str, Any]]:
    """The records that a parameterized search finds: its words are plain text, its clauses are members.

    Raises:
        Refusal: MALFORMED_SEARCH, INVALID_FIELD, INVALID_TYPE.
    """
    words = asked.get("q")
    if not isinstance(words, str) or not words.strip():
        raise _malformed("No search term found. The search term must be enclosed in braces.")
    scope = str(asked.get("in") or "ALL").upper().removesuffix(" FIELDS")
    if scope not in SCOPES:
        raise _malformed(f"unexpected token: '{scope}'")
    general = _names(asked.get("fields"))
    wanted = []
    named = asked.get("sobjects")
    for one in named if isinstance(named, list) and named else list(_SEARCHED):
        about = one if isinstance(one, dict) else {"name": one}
        fields = ", ".join(_names(about.get("fields")) or general or ["Id"])
        parts = [f"{about.get('name')}({fields}"]
        parts += [f"WHERE {about['where']}"] if about.get("where") else []
        parts += [f"ORDER BY {about['orderBy']}"] if about.get("orderBy") else []
        most = about.get("limit") or asked.get("defaultLimit")
        parts += [f"LIMIT {most}"] if most else []
        wanted += clauses("RETURNING " + " ".join(parts) + ")")[0]
    most = asked.get("overallLimit")
    limit = int(most) if str(most or "").isdigit() else None
    return _find(org, _plain_term(words), scope, wanted, limit, (words, version))


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(part) for part in value] if isinstance(value, list) else []


class _Clauses(Reader):
    """What follows the words of a search."""

    def read(self) -> tuple[list[Wanted], int | None]:
        """What is asked for in each object, and how many records at most."""
        wanted = self._returning() if self.skip_word("RETURNING") else _everywhere()
        if self.skip_word("WITH"):
            self.path()
            if self.skip_sign("="):
                self.take()
        limit = self.whole_number() if self.skip_word("LIMIT") else None
        self.expect_end()
        return wanted, limit

    def _returning(self) -> list[Wanted]:
        wanted = [self._one()]
        while self.skip_sign(","):
            wanted.append(self._one())
        return wanted

    def _one(self) -> Wanted:
        at = self.token.at
        name = self.name()
        query = Query((Item(Path(("Id",))),), name, at=at)
        if not self.skip_sign("("):
            return Wanted(query)
        items = [Item(self.path())]
        while self.skip_sign(","):
            items.append(Item(self.path()))
        where = self.condition() if self.skip_word("WHERE") else None
        order = self.order()
        limit = self.whole_number() if self.skip_word("LIMIT") else None
        offset = self.whole_number() if self.skip_word("OFFSET") else 0
        self.need_sign(")")
        return Wanted(replace(query, items=tuple(items), where=where, order=order, limit=limit, offset=offset))


def clauses(text: str) -> tuple[list[Wanted], int | None]:
    """What is asked for in each object, and how many records at most.

    Raises:
        Refusal: MALFORMED_SEARCH.
    """
    try:
        return _Clauses(text).read()
    except Refusal as refusal:
        raise (_malformed(refusal.message) if refusal.code == "MALFORMED_QUERY" else refusal) from None


def _everywhere() -> list[Wanted]:
    return [Wanted(Query((Item(Path(("Id",))),), name)) for name in _SEARCHED]


def _find(
    org: Org, holds: Holds, scope: str, wanted: Iterable[Wanted], limit: int | None, source: tuple[str, str]
) -> list[dict[str, Any]]:
    visible = org.now() - timedelta(seconds=org.settings.search_lag_s)
    found: list[dict[str, Any]] = []
    for one in wanted:
        evaluator = _Filtered(org, *source)
        entity = evaluator.entity(one.query.entity)

        def matches(record: Record, entity: Entity = entity) -> bool:
            tokens, text = _tokens(org, entity, record, scope)
            return org.first_seen(record) <= visible and holds(tokens, text)

        evaluator.matches = matches
        found += evaluator.found(one.query).rows
    return found[: _MOST if limit is None else min(limit, _MOST)]


class _Filtered(Evaluator):
    """Evaluates what a search returns: only records that have its words."""

    matches: Callable[[Record], bool] = staticmethod(lambda record: True)

    def matching(self, query: Query, entity: Entity) -> list[Record]:
        """The records that have the words, and for which the condition holds."""
        return [record for record in super().matching(query, entity) if self.matches(record)]


def _tokens(org: Org, entity: Entity, record: Record, scope: str) -> tuple[set[str], str]:
    """The words of the fields that are searched, and all of them as one text."""
    tokens: set[str] = set()
    texts = []
    for field in entity.fields.values():
        value = record[field.name]
        in_scope = {
            "PHONE": field.kind == "phone",
            "EMAIL": field.kind == "email",
            "NAME": field.name in (entity.name_field, "FirstName", "LastName"),
            "SIDEBAR": field.kind in ("phone", "email") or field.name in (entity.name_field, "Subject"),
        }.get(scope, field.is_text)
        if not in_scope or not isinstance(value, str):
            continue
        parts = _split(value)
        tokens |= set(parts)
        if field.kind == "phone" and org.settings.search_phone_digits:
            tokens.add("".join(parts))
        texts.append(" ".join(parts))
    return tokens, "\n".join(texts)


def _split(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


# the words


def term(text: str) -> Holds:
    """What the words of a search hold for: words side by side must all be there; AND, OR, AND NOT; "phrases"."""
    words, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise _malformed(f"unexpected token: '{text[at]}'")
        at = match.end()
        if match.lastgroup:
            words.append((match.lastgroup, match[match.lastgroup]))
    if not words:
        raise _malformed("No search term found. The search term must be enclosed in braces.")
    return _Words(words).read()


def _plain_term(text: str) -> Holds:
    parts = [_token(part, part) for part in _split(text) if len(part) > 1]
    if not parts:
        raise _malformed("No search term found. The search term must be enclosed in braces.")
    return lambda tokens, whole: all(part(tokens, whole) for part in parts)


class _Words:
    """Reads words joined by AND, OR and AND NOT, of which AND binds closer."""

    def __init__(self, words: list[tuple[str, str]]) -> None:
        self._words = words

    def read(self) -> Holds:
        found = self._either()
        if self._words:
            raise _malformed(f"unexpected token: '{self._words[0][1]}'")
        return found

    def _next_is(self, *texts: str) -> bool:
        return bool(self._words) and self._words[0][0] != "phrase" and self._words[0][1].upper() in texts

    def _either(self) -> Holds:
        parts = [self._all()]
        while self._next_is("OR"):
            self._words.pop(0)
            parts.append(self._all())
        return lambda tokens, text: any(part(tokens, text) for part in parts)

    def _all(self) -> Holds:
        parts = [self._one()]
        while self._words and not self._next_is("OR", ")"):
            if self._next_is("AND"):
                self._words.pop(0)
            if self._next_is("NOT"):
                self._words.pop(0)
                parts.append(_negated(self._one()))
            else:
                parts.append(self._one())
        return lambda tokens, text: all(part(tokens, text) for part in parts)

    def _one(self) -> Holds:
        if not self._words:
            raise _malformed("unexpected token: '<EOF>'")
        kind, text = self._words.pop(0)
        if kind == "mark" and text == "(":
            inner = self._either()
            if not self._next_is(")"):
                raise _malformed("unexpected token: '<EOF>'")
            self._words.pop(0)
            return inner
        if kind == "mark" or text.upper() in ("AND", "OR", "NOT"):
            raise _malformed(f"unexpected token: '{text}'")
        if kind == "phrase":
            return _phrase(re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL))
        return _token(*_pattern(text))


def _negated(part: Holds) -> Holds:
    return lambda tokens, text: not part(tokens, text)


def _pattern(word: str) -> tuple[str, str]:
    """A word as a regular expression over normal tokens, and as it was written.

    Raises:
        Refusal: MALFORMED_SEARCH: a reserved character has no backslash, or a wildcard leads.
    """
    pattern, plain = "", ""
    for piece in re.findall(r"\\.|.", word, re.DOTALL):
        if piece in "*?":
            if not plain:
                raise _malformed(f"A wildcard cannot begin a search term: {word}")
            pattern += ".*" if piece == "*" else "."
            continue
        letter = piece[-1] if len(piece) == 2 else piece
        if len(piece) == 1 and letter in _RESERVED:
            raise _malformed(f"unexpected token: '{letter}'")
        pattern += re.escape(letter.casefold()) if letter.isalnum() or letter == "_" else " "
        plain += letter
    return pattern, plain


def _token(pattern: str, plain: str) -> Holds:
    """Every part of a word is a token; a word of a single letter is too short (FACT)."""
    parts = pattern.split()
    if not parts or len(plain) < 2:
        raise _malformed(f"search term must be longer than one character: {plain}")
    compiled = [re.compile(part, re.DOTALL) for part in parts]
    return lambda tokens, text: all(any(one.fullmatch(token) for token in tokens) for one in compiled)


def _phrase(phrase: str) -> Holds:
    words = " ".join(_split(phrase))
    if len(words) < 2:
        raise _malformed(f"search term must be longer than one character: {phrase}")
    return lambda tokens, text: any(f" {words} " in f" {line} " for line in text.split("\n"))


def _malformed(message: str) -> Refusal:
    return Refusal("MALFORMED_SEARCH", message)
