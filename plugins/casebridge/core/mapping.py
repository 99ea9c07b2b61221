"""The mapping engine: a case and a template make a payload, or all the reasons why not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from casebridge.core.case import Case, Value, is_empty
from casebridge.core.convert import ConversionError, as_text, to_wire
from casebridge.core.manifest import TargetField
from casebridge.core.payload import KeyedValue, Payload, Scalar
from casebridge.core.placeholder import Key
from casebridge.core.problem import Problem
from casebridge.core.template import MappingTemplate, OutgoingRow, Source, SourceKind


def evaluate(template: MappingTemplate, case: Case, *, timezone: str) -> tuple[Payload, list[Problem]]:
    """Evaluates every row of an outgoing template.

    A row without a value is left out, unless its field is mandatory. Problems do not stop the evaluation, so that
    all of them are told at once; the payload must not be sent when there is one that `stops`.

    Args:
        template: An outgoing mapping template.
        case: The case.
        timezone: The target's time zone, in which dates are written.
    """
    engine = _Evaluation(template, case, timezone)
    for row in template.rows:
        engine.take(row)
    engine.take_fallbacks()
    engine.check_needs()
    return engine.payload(), sorted(engine.problems, key=lambda problem: problem.row or 0)


def case_detail(case: Case, source: Source) -> Value | date | datetime:
    """The value of a detail of a case, or None; for manual text the text itself."""
    if source.kind is SourceKind.TEXT:
        return source.name
    places: dict[SourceKind, Mapping[str, Value]] = {
        SourceKind.CASE_FIELD: case.fields,
        SourceKind.CASE_DATE: case.dates,
        SourceKind.PERSON: case.person,
        SourceKind.ADDRESS: case.address,
    }
    return places[source.kind].get(source.name)


class _Evaluation:
    def __init__(self, template: MappingTemplate, case: Case, timezone: str) -> None:
        self._action = template.action
        self._matching = template.matching
        self._case = case
        self._timezone = timezone
        self._values: dict[str, Scalar] = {}
        self._keyed: dict[str, list[KeyedValue]] = {}
        self._told: set[str] = set()
        self._sources: dict[str, OutgoingRow] = {}
        # The case reference is no secret either: it is in the run's conf.
        self._public: list[str] = [case.reference]
        self.problems: list[Problem] = []

    def take(self, row: OutgoingRow) -> None:
        field = self._action.fields[row.to]
        self._sources[row.to] = row
        try:
            value = self._mapped(row, field)
            wire = to_wire(value, field, timezone=self._timezone, row_format=row.format) if value is not None else ""
        except ConversionError as error:
            self._add("wrong_value", row, field, f"the value {error}.", f"Correct it on case {self._case.reference}.")
            return
        if is_empty(wire):
            return
        if row.source.kind is SourceKind.TEXT:
            self._public.append(str(wire))
        elif field.shown:
            self._public += [str(wire), *str(wire).split(",")]
        if field.key is None:
            self._values[row.to] = wire
        elif row.key is not None and (key := self._key(row, row.key, field)) is not None:
            self._keyed.setdefault(row.to, []).append({"key": key, "value": wire})

    def take_fallbacks(self) -> None:
        for name, field in self._action.fields.items():
            if field.otherwise is None or name in self._values or name in self._told:
                continue
            fallback = field.otherwise
            value = self._case.reference if fallback.case else self._case.address.get(fallback.address or "")
            if is_empty(value):
                continue
            try:
                wire = to_wire(value, field, timezone=self._timezone)
                if not is_empty(wire):
                    self._values[name] = wire
            except ConversionError as error:
                origin = "the case reference" if fallback.case else f'linked address\'s "{fallback.address}"'
                self.problems.append(
                    Problem(
                        "wrong_value",
                        f"the value {error}.",
                        "Correct it on the case, or add a row for this field.",
                        field=field.title,
                        origin=origin,
                    )
                )

    def check_needs(self) -> None:
        for name, field in self._action.fields.items():
            if field.mandatory and name not in self._values and name not in self._keyed and name not in self._told:
                self._report_missing(name, field)
        for group in self._action.groups:
            given = [name for name in group.fields if name in self._values]
            titles = " or ".join(f'"{self._action.fields[name].title}"' for name in group.fields)
            if not given and not self._told.intersection(group.fields):
                self.problems.append(
                    Problem(
                        "one_of", f"none of {titles} has a value.", f"Give case {self._case.reference} one of them."
                    )
                )
            elif len(given) > 1 and group.need == "exactly_one":
                self.problems.append(
                    Problem("only_one_of", f"only one of {titles} may have a value.", "Keep one of these rows.")
                )

    def payload(self) -> Payload:
        order = list(self._action.fields)
        return Payload(
            fields={name: self._values[name] for name in order if name in self._values},
            keyed={name: self._keyed[name] for name in order if name in self._keyed},
            public=tuple(self._public),
            matching={name: self._matching.get(name, match.rule) for name, match in self._action.matches.items()},
            messages=self._case.messages if self._action.sends_messages else (),
        )

    def _mapped(self, row: OutgoingRow, field: TargetField) -> Value:
        value = case_detail(self._case, row.source)
        if is_empty(value):
            return row.default
        if not row.value_map:
            return value
        text = as_text(value, timezone=self._timezone)
        if text in row.value_map:
            return row.value_map[text]
        if row.default is not None:
            return row.default
        known = ", ".join(f'"{known}"' for known in row.value_map)
        self._add(
            "not_in_map",
            row,
            field,
            f"the value map has no entry for this value; it knows {known}.",
            "Add the value to the map, or give the row a default.",
        )
        return None

    def _key(self, row: OutgoingRow, key: Key, field: TargetField) -> str | int | None:
        value: Value = key.static
        if key.case_field is not None:
            value = self._case.fields.get(key.case_field)
            if is_empty(value):
                self._add(
                    "empty_key",
                    row,
                    field,
                    f"the {field.key} is empty.",
                    f"Fill it on case {self._case.reference}, or write the key into the template.",
                    origin=key.origin,
                )
                return None
        try:
            wire = to_wire(value, TargetField(type=field.key_type), timezone=self._timezone)
        except ConversionError as error:
            self._add(
                "wrong_key",
                row,
                field,
                f"the {field.key} {error}.",
                f"Correct it on case {self._case.reference}.",
                origin=key.origin,
            )
            return None
        if key.static is not None:
            self._public.append(str(wire))
        return wire

    def _report_missing(self, name: str, field: TargetField) -> None:
        row = self._sources.get(name)
        if row is None:
            self.problems.append(
                Problem("mandatory_value", "the mandatory mapping is missing.", "Add a row for it.", field=field.title)
            )
            return
        self._add(
            "mandatory_value",
            row,
            field,
            "the mandatory mapping has no value: what it takes is empty.",
            f"Fill it on case {self._case.reference}, or give the row a default or a manual text.",
        )

    def _add(
        self, rule: str, row: OutgoingRow, field: TargetField, message: str, way_out: str, *, origin: str = ""
    ) -> None:
        self._told.add(row.to)
        self.problems.append(
            Problem(
                rule,
                message,
                way_out,
                row=row.number,
                field=field.title,
                origin=origin or row.source.origin,
                line=row.line,
            )
        )
