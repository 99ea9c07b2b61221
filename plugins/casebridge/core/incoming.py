"""Incoming mappings: a record of the target and a template make changes to the case, or the reasons why not."""

from __future__ import annotations

from datetime import date, datetime

from casebridge.core.case import Case, CaseChanges, Value, is_empty
from casebridge.core.convert import ConversionError, as_text, from_wire, to_moment
from casebridge.core.manifest import TargetField
from casebridge.core.placeholder import Key
from casebridge.core.problem import Problem
from casebridge.core.record import Record
from casebridge.core.template import IncomingRow, MappingTemplate, SourceKind


def evaluate_incoming(
    template: MappingTemplate, record: Record, case: Case, *, timezone: str
) -> tuple[CaseChanges, list[Problem]]:
    """Evaluates every row of an incoming template.

    A row with a problem leaves its case field as it is, and so does one for what a partial record does not tell; the
    others are written all the same.

    Args:
        template: An incoming mapping template.
        record: The record as the target gave it.
        case: The case, for keys that are taken from it.
        timezone: The target's time zone, in which its dates are read and dates in case fields are written.
    """
    fields: dict[str, Value] = {}
    dates: dict[str, date | datetime | None] = {}
    problems: list[Problem] = []
    for row in template.incoming_rows:
        field = template.action.fields[row.take]
        if record.partial and row.take not in record.fields and row.take not in record.keyed:
            continue
        try:
            value = _value(row, field, record, case, timezone)
            if row.into.kind is SourceKind.CASE_DATE:
                dates[row.into.name] = _for_date(value, field, timezone)
            else:
                fields[row.into.name] = _for_field(value, row, timezone)
        except ConversionError as error:
            problems.append(
                Problem(
                    "wrong_value",
                    f"the value {error}.",
                    f"{row.into.origin} keeps what it has. Correct the mapping, or the record in the target.",
                    row=row.number,
                    field=field.title,
                    origin=f"the {record.kind}'s field",
                    line=row.line,
                )
            )
    return CaseChanges(fields, dates), problems


def _value(row: IncomingRow, field: TargetField, record: Record, case: Case, timezone: str) -> Value:
    if field.key is None:
        raw = record.fields.get(row.take)
    else:
        raw = record.keyed.get(row.take, {}).get(_key(row.key, case))
    value = from_wire(raw, field, timezone=timezone)
    if is_empty(value):
        return row.default
    if row.value_map:
        text = as_text(value, timezone=timezone, date_format=row.format)
        if text in row.value_map:
            return row.value_map[text]
        if row.default is not None:
            return row.default
        raise ConversionError(f"is none of those in the value map ({', '.join(row.value_map)})")
    return value


def _key(key: Key | None, case: Case) -> str:
    if key is None:
        return ""
    if key.case_field is None:
        return (key.static or "").strip()
    value = case.fields.get(key.case_field)
    if is_empty(value):
        raise ConversionError(f"cannot be chosen, because {key.origin} is empty")
    return as_text(value, timezone="UTC").strip()


def _for_date(value: Value, field: TargetField, timezone: str) -> date | datetime | None:
    if isinstance(value, str):  # a default, or from a value map: written by a person, in the target's time zone
        value = from_wire(value, field, timezone=timezone)
    return None if is_empty(value) else to_moment(value)


def _for_field(value: Value, row: IncomingRow, timezone: str) -> Value:
    if isinstance(value, date):
        return as_text(value, timezone=timezone, date_format=row.format)
    return value
