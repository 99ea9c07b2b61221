"""What would be sent, field by field: beside what the target holds now, or beside what was sent before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casebridge.connectors.base import ConnectorBase
from casebridge.core.case import Case, Value, is_empty
from casebridge.core.convert import ConversionError, as_text, from_wire, to_wire
from casebridge.core.errors import CasebridgeError
from casebridge.core.manifest import ActionType, FieldType
from casebridge.core.mapping import case_detail, evaluate
from casebridge.core.payload import Payload
from casebridge.core.ports import CaseSource
from casebridge.core.problem import Problem
from casebridge.core.record import Record
from casebridge.core.template import MappingTemplate, OutgoingRow, SourceKind
from casebridge.store.references import Reference, References

Place = tuple[str, str]
"""A field's name and, for a keyed one, its key."""


@dataclass(frozen=True)
class Line:
    """One value of a payload.

    Attributes:
        name: The field's name.
        key: Which one of a keyed field, or "".
        title: What people call the field.
        value: The value as text.
        private: Whether it came from the case, so that not everybody may see it.
    """

    name: str
    key: str
    title: str
    value: str = field(repr=False)
    private: bool = True

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.name, self.key


def lines(action: ActionType | None, payload: Payload) -> list[Line]:
    """The values of a payload in their order.

    Args:
        action: The action type, for the titles; None when the manifest has it no more.
        payload: The payload.
    """
    public = set(payload.public)

    def line(name: str, key: str, value: object) -> Line:
        title = action.fields[name].title if action and name in action.fields else name
        text = str(value)
        return Line(name, key, title, text, private=text not in public)

    made = [line(name, "", value) for name, value in payload.fields.items()]
    for name, rows in payload.keyed.items():
        made += [line(name, str(row["key"]), row["value"]) for row in rows]
    return made


@dataclass(frozen=True)
class Compared:
    """One field in several payloads.

    Attributes:
        title: What people call the field.
        key: Which one of a keyed field, or "".
        lines: Its line in each payload; None where it has none.
    """

    title: str
    key: str
    lines: tuple[Line | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the payloads do not agree about it."""
        return len({one.value if one else None for one in self.lines}) > 1


def compare(action: ActionType | None, payloads: Sequence[Payload | None]) -> list[Compared]:
    """Several payloads of one action type, field by field."""
    sides = [{line.place: line for line in lines(action, payload)} if payload else {} for payload in payloads]
    order = {name: number for number, name in enumerate(action.fields)} if action else {}
    places = dict.fromkeys(place for side in sides for place in side)
    compared = []
    for place in sorted(places, key=lambda one: order.get(one[0], len(order))):
        found = tuple(side.get(place) for side in sides)
        title = next(one.title for one in found if one)
        compared.append(Compared(title, place[1], found))
    return compared


@dataclass(frozen=True)
class Outlook:
    """What would become of one mapping row, or of a field that is filled without a row.

    Attributes:
        row: The number of the row, or None.
        line_number: Its line in the file, or None.
        title: What people call the target's field.
        key: Which one of a keyed field, or "".
        origin: Where the value comes from.
        given: What the case gives, as text, before a value map.
        value: What would be written; None when nothing would.
        present: What the target holds now; None when it is not known or there is nothing.
        label: The target's own name for the value or key, or "".
        private: Whether the values come from the case.
        cut: Whether something of the text is left out.
        problems: What is wrong with it.
    """

    row: int | None
    line_number: int | None
    title: str
    key: str
    origin: str
    given: str = field(repr=False)
    value: str | None = field(repr=False)
    present: str | None = field(repr=False)
    label: str = ""
    private: bool = True
    cut: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether it would change what the target holds."""
        return self.value is not None and self.value != self.present


@dataclass(frozen=True)
class Forecast:
    """What a template would make of a case. Nothing was sent and nothing was recorded. Holds case values.

    Attributes:
        template: The template.
        case_reference: The case.
        payload: What would be sent.
        rows: Field by field.
        problems: Problems that belong to no row.
        would_be_sent: False when a problem would stop the action.
        reference: The record that the Reference of the template holds on this case now, if any.
        present_note: Why the present values of the target are not shown; "" when they are or there are none.
    """

    template: MappingTemplate
    case_reference: str
    payload: Payload
    rows: tuple[Outlook, ...]
    problems: tuple[Problem, ...]
    would_be_sent: bool
    reference: Reference | None
    present_note: str = ""


def forecast(
    template: MappingTemplate,
    case_reference: str,
    *,
    source: CaseSource,
    references: References,
    timezone: str,
    connector: ConnectorBase[Any] | None = None,
) -> Forecast:
    """What a template would make of a case, field by field, beside what the target holds now.

    Args:
        template: The template.
        case_reference: The case.
        source: Where the case is read.
        references: Where the Reference of the template is looked up.
        timezone: The target's time zone.
        connector: The target, which is only read; None leaves its side empty.

    Raises:
        NotFound: There is no such case.
        Unreachable: The case source gave no answer.
    """
    case = source.read(case_reference)
    payload, problems = evaluate(template, case, timezone=timezone)
    held = next(
        (
            one
            for one in references.of_case(case_reference, source.name)
            if one.current and one.name == template.reference and one.system == template.system
        ),
        None,
    )
    record, labels, note = _target_side(connector, template, payload, held)
    seer = _Seer(template, case, payload, problems, record, labels, timezone)
    return Forecast(
        template=template,
        case_reference=case_reference,
        payload=payload,
        rows=tuple(seer.rows()),
        problems=tuple(problem for problem in problems if problem.row is None),
        would_be_sent=not any(problem.stops for problem in problems),
        reference=held,
        present_note=note,
    )


def _target_side(
    connector: ConnectorBase[Any] | None, template: MappingTemplate, payload: Payload, held: Reference | None
) -> tuple[Record | None, Mapping[Place, str], str]:
    if connector is None:
        return None, {}, "The target was not asked."
    try:
        labels = connector.labels(template.action, payload)
        record = connector.fetch(held.record, held.record_id) if held else None
    except CasebridgeError as error:
        return None, {}, f"The target could not be asked: {error}"
    return record, labels, ""


@dataclass
class _Seer:
    template: MappingTemplate
    case: Case
    payload: Payload
    problems: Sequence[Problem]
    record: Record | None
    labels: Mapping[Place, str]
    timezone: str

    def rows(self) -> list[Outlook]:
        written = {line.place: line for line in lines(self.template.action, self.payload)}
        made = [self._row(row, written) for row in self.template.rows]
        mapped = {row.to for row in self.template.rows}
        for line in written.values():
            if line.name not in mapped:
                made.append(self._fallback(line))
        return made

    def _row(self, row: OutgoingRow, written: Mapping[Place, Line]) -> Outlook:
        target = self.template.action.fields[row.to]
        key = ""
        if row.key is not None:
            key = str(self.case.fields.get(row.key.case_field) or "") if row.key.case_field else str(row.key.static)
        line = written.get((row.to, key))
        given = self._text(case_detail(self.case, row.source))
        plain = target.type is FieldType.TEXT and not row.value_map and row.format is None
        return Outlook(
            row=row.number,
            line_number=row.line,
            title=target.title,
            key=key,
            origin=row.source.origin,
            given=given,
            value=line.value if line else None,
            present=self._present(row.to, key),
            label=self._label(row.to, key, line),
            private=line.private if line else row.source.kind is not SourceKind.TEXT,
            cut=bool(plain and line and len(line.value) < len(given)),
            problems=tuple(problem for problem in self.problems if problem.row == row.number),
        )

    def _fallback(self, line: Line) -> Outlook:
        otherwise = self.template.action.fields[line.name].otherwise
        by_case = otherwise is not None and otherwise.case is not None
        address = otherwise.address if otherwise else ""
        origin = "the case reference" if by_case else f'linked address\'s "{address}"'
        return Outlook(
            row=None,
            line_number=None,
            title=line.title,
            key=line.key,
            origin=origin,
            given=line.value,
            value=line.value,
            present=self._present(line.name, line.key),
            label=self._label(line.name, line.key, line),
            private=line.private,
        )

    def _label(self, name: str, key: str, line: Line | None) -> str:
        return self.labels.get((name, key or (line.value if line else "")), "")

    def _present(self, name: str, key: str) -> str | None:
        """The target calls a field of its record as we do, or without the record's own name before it."""
        if self.record is None:
            return None
        short = name.removeprefix(f"{self.record.kind}_")
        if key:
            keyed = next((self.record.keyed[one] for one in (name, short) if one in self.record.keyed), {})
            return self._as_we_write(name, keyed[key]) if key in keyed else None
        one = next((one for one in (name, short) if one in self.record.fields), None)
        return self._as_we_write(name, self.record.fields[one]) if one else None

    def _as_we_write(self, name: str, value: Value) -> str:
        """A present value in the form in which ours is written, so that only what differs looks different."""
        target = self.template.action.fields[name]
        row = next((row for row in self.template.rows if row.to == name), None)
        try:
            held = from_wire(value, target, timezone=self.timezone)
            if is_empty(held):
                return ""
            return str(to_wire(held, target, timezone=self.timezone, row_format=row.format if row else None))
        except ConversionError:
            return self._text(value)

    def _text(self, value: Any) -> str:
        if is_empty(value):
            return ""
        try:
            return as_text(value, timezone=self.timezone)
        except ConversionError:
            return ""
