"""Answers SOQL queries from the org's records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from simulators.salesforce import values
from simulators.salesforce.date_spans import span
from simulators.salesforce.errors import Refusal
from simulators.salesforce.ids import normal_id
from simulators.salesforce.org import Org
from simulators.salesforce.schema import Entity, Field
from simulators.salesforce.soql_parser import marked, parse
from simulators.salesforce.soql_query import (
    AllFields,
    AtLeastOne,
    Comparison,
    Condition,
    DateLiteral,
    Every,
    Function,
    Item,
    Not,
    Order,
    Path,
    Query,
)
from simulators.salesforce.store import Record

_ORDERING = ("<", "<=", ">", ">=")
_MOST_FIELDS = 200
_ASK_WSDL = "Please reference your WSDL or the describe call for the appropriate names."
_ASK_FIELD = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. " + _ASK_WSDL
)
_ASK_RELATIONSHIP = (
    "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship "
    "name. " + _ASK_WSDL
)


@dataclass(frozen=True)
class Found:
    """What a query has found: rows as the API answers them, or only how many."""

    total: int
    rows: list[dict[str, Any]]


def run(org: Org, text: str, version: str, *, deleted_too: bool = False) -> Found:
    """The answer to a query.

    Raises:
        Refusal: MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE and others of the vendor's.
    """
    query = parse(text)
    return Evaluator(org, text, version, deleted_too=deleted_too or query.all_rows).found(query)


def external_values(text: str) -> list[str]:
    """The texts that a query compares custom fields with: the caller's own references."""
    try:
        query = parse(text)
    except Refusal:
        return []
    return [
        value
        for one in _comparisons(query.where)
        if str(one.field).endswith("__c")
        for value in (one.value if isinstance(one.value, tuple) else (one.value,))
        if isinstance(value, str)
    ]


def _comparisons(condition: Condition | None) -> Iterable[Comparison]:
    match condition:
        case Comparison():
            yield condition
        case Not():
            yield from _comparisons(condition.condition)
        case Every() | AtLeastOne():
            for one in condition.conditions:
                yield from _comparisons(one)


class Evaluator:
    """Evaluates the queries of one text, as one user sees the org."""

    def __init__(self, org: Org, text: str, version: str, *, deleted_too: bool = False) -> None:
        self._org = org
        self._text = text
        self._version = version
        self._deleted_too = deleted_too
        self._now = org.now()

    # what is there

    def entity(self, name: str) -> Entity:
        """The object of that name.

        Raises:
            Refusal: INVALID_TYPE.
        """
        entity = self._org.schema.entity(name)
        if entity is None:
            at = max(0, self._text.find(name))
            message = (
                f"\n{marked(self._text, at)}\nsObject type '{name}' is not supported. If you are attempting to use a "
                "custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the "
                "describe call for the appropriate names."
            )
            raise Refusal("INVALID_TYPE", message)
        return entity

    def _records(self, entity: Entity) -> Iterable[Record]:
        store = self._org.store
        return store.with_deleted(entity.name) if self._deleted_too else store.all(entity.name)

    def _parts(self, path: Path, query: Query, entity: Entity) -> tuple[str, ...]:
        """The parts of a path, without the alias or the name of the object itself."""
        own = {entity.name.lower(), (query.alias or entity.name).lower()}
        return path.parts[1:] if len(path.parts) > 1 and path.parts[0].lower() in own else path.parts

    def field(self, path: Path, query: Query, entity: Entity) -> Field:
        """The field that a path ends at.

        Raises:
            Refusal: INVALID_FIELD.
        """
        *through, last = self._parts(path, query, entity)
        for name in through:
            link = entity.parent(name)
            if link is None:
                raise self._invalid(
                    path,
                    f"Didn't understand relationship '{name}' in field path. {_ASK_RELATIONSHIP}",
                )
            entity = self._target(link, last)
        found = entity.field(last)
        if found is None:
            raise self._invalid(
                path,
                f"No such column '{last}' on entity '{entity.name}'. {_ASK_FIELD}",
            )
        return found

    def _target(self, link: Field, wanted: str) -> Entity:
        """The object that a reference leads to; of several, the first that has the wanted field."""
        targets = [self._org.schema.entities[name] for name in link.to]
        return next((one for one in targets if one.field(wanted)), targets[0])

    def _invalid(self, path: Path, message: str) -> Refusal:
        return Refusal("INVALID_FIELD", f"\n{marked(self._text, path.at)}\n{message}")

    def value(self, record: Record | None, path: Path, query: Query, entity: Entity) -> Any:
        """What a path leads to from a record."""
        *through, last = self._parts(path, query, entity)
        for name in through:
            link = entity.parent(name)
            if record is None or link is None:
                return None
            record, entity = self._follow(record, link, last)
        field = entity.field(last)
        return record[field.name] if record is not None and field is not None else None

    def _follow(self, record: Record, link: Field, wanted: str) -> tuple[Record | None, Entity]:
        key = record[link.name]
        entity = self._org.schema.of_id(key) if key else None
        if entity is None:
            return None, self._target(link, wanted)
        return self._org.store.get(entity.name, key), entity

    # answering

    def found(self, query: Query) -> Found:
        """What the query finds.

        Raises:
            Refusal: It asks for what is not there.
        """
        entity = self.entity(query.entity)
        records = self.matching(query, entity)
        if any(isinstance(item.what, Function) for item in query.items) or query.groups:
            return self._aggregated(query, entity, records)
        for item in query.items:
            self._check_item(item, query, entity)
        chosen = self._limited(self._sorted(records, query, entity), query)
        rows = [self.row(record, query, entity) for record in chosen]
        return Found(len(rows), rows)

    def matching(self, query: Query, entity: Entity) -> list[Record]:
        """The records for which the query's condition holds."""
        if query.where is None:
            return list(self._records(entity))
        holds = self._test(query.where, query, entity)
        return [record for record in self._records(entity) if holds(record)]

    def _limited(self, records: list[Any], query: Query) -> list[Any]:
        end = None if query.limit is None else query.offset + query.limit
        return records[query.offset : end]

    def _check_item(self, item: Item, query: Query, entity: Entity) -> None:
        match item.what:
            case Path():
                if item.alias is not None:
                    raise self._unexpected_alias(item)
                self.field(item.what, query, entity)
            case AllFields() as every:
                if every.kind != "STANDARD" and (query.limit is None or query.limit > _MOST_FIELDS):
                    raise Refusal(
                        "MALFORMED_QUERY",
                        f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_FIELDS}",
                    )
            case Query() as nested:
                self._child(nested, entity)

    def _unexpected_alias(self, item: Item) -> Refusal:
        message = f"only aggregate expressions use field aliasing: '{item.alias}'"
        return Refusal("MALFORMED_QUERY", message)

    def _child(self, nested: Query, parent: Entity) -> tuple[Entity, Field]:
        child = self._org.schema.child(parent, nested.entity)
        if child is None:
            raise Refusal(
                "INVALID_TYPE",
                f"\n{marked(self._text, nested.at)}\nDidn't understand relationship '{nested.entity}' in FROM part of "
                f"query call. {_ASK_RELATIONSHIP}",
            )
        for item in nested.items:
            if isinstance(item.what, Path):
                self.field(item.what, nested, child[0])
        return child

    def row(self, record: Record, query: Query, entity: Entity) -> dict[str, Any]:
        """A record as the API answers it: its selected fields, those of its parents within them."""
        row = self._attributes(record, entity)
        for item in query.items:
            match item.what:
                case Path() as path:
                    self._place(row, record, self._parts(path, query, entity), entity)
                case AllFields() as every:
                    for field in entity.fields.values():
                        custom = field.name.endswith("__c")
                        if every.kind == "ALL" or custom == (every.kind == "CUSTOM"):
                            row[field.name] = self._shown(record, field, entity)
                case Query() as nested:
                    row[nested.entity] = self._nested(record, nested, entity)
        return row

    def _attributes(self, record: Record, entity: Entity) -> dict[str, Any]:
        url = f"/services/data/{self._version}/sobjects/{entity.name}/{record['Id']}"
        return {"attributes": {"type": entity.name, "url": url}}

    def _place(self, row: dict[str, Any], record: Record, parts: tuple[str, ...], entity: Entity) -> None:
        *through, last = parts
        for name in through:
            link = entity.parent(name)
            if link is None or link.relationship is None:
                return
            parent, entity = self._follow(record, link, last)
            if parent is None:
                row[link.relationship] = None
                return
            row = row.setdefault(link.relationship, self._attributes(parent, entity))
            record = parent
        field = entity.field(last)
        if field is not None:
            row[field.name] = self._shown(record, field, entity)

    def _shown(self, record: Record, field: Field, entity: Entity) -> Any:
        if field.kind == "blob":
            return f"/services/data/{self._version}/sobjects/{entity.name}/{record['Id']}/{field.name}"
        return values.write(record[field.name])

    def _nested(self, record: Record, nested: Query, parent: Entity) -> dict[str, Any] | None:
        entity, link = self._child(nested, parent)
        matching = [one for one in self.matching(nested, entity) if one[link.name] == record["Id"]]
        chosen = self._limited(self._sorted(matching, nested, entity), nested)
        if not chosen:
            return None
        rows = [self.row(one, nested, entity) for one in chosen]
        return {"totalSize": len(rows), "done": True, "records": rows}

    # aggregates

    def _aggregated(self, query: Query, entity: Entity, records: list[Record]) -> Found:
        first = query.items[0].what
        if len(query.items) == 1 and first == Function("COUNT", None):
            if query.groups:
                raise Refusal("MALFORMED_QUERY", "COUNT() cannot be used with GROUP BY")
            return Found(len(self._limited(records, query)), [])
        grouped = [str(group).lower() for group in query.groups]
        for item in query.items:
            if isinstance(item.what, Path):
                field = self.field(item.what, query, entity)
                if str(item.what).lower() not in grouped:
                    raise Refusal("MALFORMED_QUERY", f"Field must be grouped or aggregated: {field.name}")
            elif isinstance(item.what, Function) and item.what.argument is not None:
                self.field(item.what.argument, query, entity)
            else:
                raise Refusal("MALFORMED_QUERY", "Grouped query cannot select this")
        for group in query.groups:
            self._filterable(self.field(group, query, entity), group, "grouped")
        groups: dict[tuple[Any, ...], list[Record]] = {}
        for record in records:
            key = tuple(self.value(record, group, query, entity) for group in query.groups)
            groups.setdefault(key, []).append(record)
        if not query.groups:
            groups.setdefault((), [])
        members = list(groups.values())
        for order in reversed(query.order):
            members.sort(key=self._group_key(order, query, entity), reverse=order.descending)
        rows = [self._group_row(query, entity, group) for group in self._limited(members, query)]
        return Found(len(rows), rows)

    def _group_key(self, order: Order, query: Query, entity: Entity) -> Callable[[list[Record]], Any]:
        def key(group: list[Record]) -> Any:
            if isinstance(order.by, Function):
                value = self._aggregate(order.by, query, entity, group)
            else:
                value = self.value(group[0], order.by, query, entity) if group else None
            return (value is not None, _folded(value) if value is not None else 0)

        return key

    def _group_row(self, query: Query, entity: Entity, group: list[Record]) -> dict[str, Any]:
        row: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        unnamed = 0
        for item in query.items:
            if isinstance(item.what, Function):
                name = item.alias or f"expr{unnamed}"
                unnamed += item.alias is None
                row[name] = values.write(self._aggregate(item.what, query, entity, group))
            elif isinstance(item.what, Path):
                field = self.field(item.what, query, entity)
                value = self.value(group[0], item.what, query, entity) if group else None
                row[item.alias or field.name] = values.write(value)
        return row

    def _aggregate(self, function: Function, query: Query, entity: Entity, group: list[Record]) -> Any:
        if function.argument is None:
            return len(group)
        argument = function.argument
        found = [one for record in group if (one := self.value(record, argument, query, entity)) is not None]
        match function.name:
            case "COUNT":
                return len(found)
            case "COUNT_DISTINCT":
                return len({_folded(one) for one in found})
            case "MIN" | "MAX":
                return (min if function.name == "MIN" else max)(found, key=_folded, default=None)
        if self.field(argument, query, entity).kind not in ("integer", "double"):
            raise self._invalid(argument, f"field {argument} does not support aggregate operator {function.name}")
        total = float(sum(found))
        return (total if function.name == "SUM" else total / len(found)) if found else None

    # order

    def _sorted(self, records: list[Record], query: Query, entity: Entity) -> list[Record]:
        compares = []
        for order in query.order:
            if isinstance(order.by, Function):
                raise Refusal("MALFORMED_QUERY", "Aggregates cannot be used in ORDER BY without GROUP BY")
            self._filterable(self.field(order.by, query, entity), order.by, "sorted")
            compares.append(self._comparer(order, order.by, query, entity))

        def compare(one: Record, other: Record) -> int:
            return next((result for each in compares if (result := each(one, other))), 0)

        return sorted(records, key=cmp_to_key(compare)) if compares else records

    def _comparer(self, order: Order, by: Path, query: Query, entity: Entity) -> Callable[[Record, Record], int]:
        def compare(one: Record, other: Record) -> int:
            left, right = self.value(one, by, query, entity), self.value(other, by, query, entity)
            if left is None or right is None:
                null_first = int(right is None) - int(left is None)
                return -null_first if order.nulls_last else null_first
            left, right = _folded(left), _folded(right)
            result = int(left > right) - int(left < right)
            return -result if order.descending else result

        return compare

    def _filterable(self, field: Field, path: Path, what: str) -> None:
        if not field.filterable:
            raise self._invalid(path, f"field '{field.name}' can not be {what} in a query call")

    # conditions

    def _test(self, condition: Condition, query: Query, entity: Entity) -> Callable[[Record], bool]:
        """What decides about a record; everything is checked before the first one."""
        match condition:
            case Not():
                inner = self._test(condition.condition, query, entity)
                return lambda record: not inner(record)
            case Every():
                all_tests = [self._test(one, query, entity) for one in condition.conditions]
                return lambda record: all(test(record) for test in all_tests)
            case AtLeastOne():
                any_tests = [self._test(one, query, entity) for one in condition.conditions]
                return lambda record: any(test(record) for test in any_tests)
        return self._comparison(condition, query, entity)

    def _comparison(self, one: Comparison, query: Query, entity: Entity) -> Callable[[Record], bool]:
        field = self.field(one.field, query, entity)
        self._filterable(field, one.field, "filtered")
        holds = self._holds(one, field)
        return lambda record: holds(self.value(record, one.field, query, entity))

    def _holds(self, one: Comparison, field: Field) -> Callable[[Any], bool]:
        if isinstance(one.value, Query):
            members = self._members(one.value, one.field, field)
            return lambda value: (value in members) == (one.operator == "IN")
        if isinstance(one.value, tuple):
            tests = [self._single("=", value, one.field, field) for value in one.value]
            return lambda value: any(test(value) for test in tests) == (one.operator == "IN")
        return self._single(one.operator, one.value, one.field, field)

    def _members(self, query: Query, path: Path, field: Field) -> set[Any]:
        if field.kind not in ("id", "reference"):
            raise self._invalid(
                path, f"The left operand '{field.name}' of a semi-join must be an ID or a reference field"
            )
        entity = self.entity(query.entity)
        if len(query.items) != 1 or not isinstance(query.items[0].what, Path):
            raise Refusal("MALFORMED_QUERY", "A semi-join selects exactly one field")
        selected = query.items[0].what
        if self.field(selected, query, entity).kind not in ("id", "reference"):
            raise self._invalid(selected, "The selected field of a semi-join must be an ID or a reference field")
        return {self.value(record, selected, query, entity) for record in self.matching(query, entity)} - {None}

    def _single(self, operator: str, wanted: Any, path: Path, field: Field) -> Callable[[Any], bool]:
        if operator == "LIKE":
            if not field.is_text:
                raise Refusal(
                    "INVALID_QUERY_FILTER_OPERATOR",
                    f"\n{marked(self._text, path.at)}\ninvalid operator on {field.kind} field",
                )
            pattern = _like(wanted)
            return lambda value: value is not None and pattern.fullmatch(value) is not None
        if wanted is None:
            if operator not in ("=", "!="):
                raise self._invalid(path, f"operator {operator} cannot be used with null")
            return lambda value: (value is None) == (operator == "=")
        if isinstance(wanted, DateLiteral | date):
            return self._in_time(operator, wanted, path, field)
        wanted = self._typed(wanted, operator, path, field)
        if operator in _ORDERING:
            return lambda value: value is not None and _ordered(operator, _folded(value), wanted)
        # An empty text is stored as none at all.
        return lambda value: (
            (("" if value is None and field.is_text else _folded(value)) == wanted) == (operator == "=")
        )

    def _typed(self, wanted: Any, operator: str, path: Path, field: Field) -> Any:
        """The value in the field's own type.

        Raises:
            Refusal: INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR.
        """
        if field.kind in ("id", "reference"):
            known = normal_id(wanted) if isinstance(wanted, str) else None
            if wanted != "" and known is None:
                message = f"\n{marked(self._text, path.at)}\ninvalid ID field: {wanted}"
                raise Refusal("INVALID_QUERY_FILTER_OPERATOR", message)
            return _folded(known) if known else ""
        if field.is_text and isinstance(wanted, str):
            return _folded(wanted)
        if field.kind == "boolean" and isinstance(wanted, bool) and operator in ("=", "!="):
            return wanted
        if field.kind in ("integer", "double") and isinstance(wanted, Decimal):
            return wanted
        kind = (
            "string"
            if field.is_text
            else {"double": "double", "integer": "int"}.get(field.kind, field.kind.replace("datetime", "dateTime"))
        )
        quotes = "should be enclosed in quotes" if field.is_text else "should not be enclosed in quotes"
        raise self._invalid(
            path, f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes}"
        )

    def _in_time(self, operator: str, wanted: DateLiteral | date, path: Path, field: Field) -> Callable[[Any], bool]:
        if field.kind != "datetime":
            self._typed(wanted, operator, path, field)
        if isinstance(wanted, datetime):
            return lambda value: operator == "!=" if value is None else _ordered(operator, value, wanted)
        if not isinstance(wanted, DateLiteral):
            # FACT of the vendor's reference: a date-time field is not compared with a date.
            raise self._invalid(
                path,
                f"value of filter criterion for field '{field.name}' must be of type dateTime and should not be "
                "enclosed in quotes",
            )
        try:
            first, after = span(wanted, self._now)
        except (OverflowError, ValueError):
            raise self._invalid(path, f"{wanted.name}: the number of days is too large") from None
        tests: dict[str, Callable[[datetime], bool]] = {
            "=": lambda value: first <= value < after,
            "!=": lambda value: not first <= value < after,
            "<": lambda value: value < first,
            "<=": lambda value: value < after,
            ">": lambda value: value >= after,
            ">=": lambda value: value >= first,
        }
        return lambda value: operator == "!=" if value is None else tests[operator](value)


def _ordered(operator: str, value: Any, wanted: Any) -> bool:
    results = {
        "=": value == wanted,
        "!=": value != wanted,
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
    }
    return bool(results[operator])


def _folded(value: Any) -> Any:
    """The value as it is compared: texts without regard to case."""
    return value.casefold() if isinstance(value, str) else value


def _like(pattern: str) -> re.Pattern[str]:
    """% stands for any text, _ for any character; a backslash takes either by its letter."""
    parts = re.findall(r"\\.|%|_|[^\\%_]+", pattern, re.DOTALL)
    meant = {"%": ".*", "_": "."}
    text = "".join(meant.get(part) or re.escape(part[1:] if part[0] == "\\" else part) for part in parts)
    return re.compile(text, re.IGNORECASE | re.DOTALL)
