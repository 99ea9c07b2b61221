"""Reads one row of a mapping template and says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casebridge.core.convert import ConversionError, is_date_format, mixes_up_minutes, to_moment, to_wire
from casebridge.core.document import Entries, Node, Scalar
from casebridge.core.manifest import ActionType, FieldType, TargetField
from casebridge.core.placeholder import Key, has_placeholder, read_key
from casebridge.core.problem import Problem, did_you_mean
from casebridge.core.template import IncomingRow, OutgoingRow, Source, SourceKind

OUTGOING_WORDS = ("to", "key", *SourceKind, "map", "default", "format")
INCOMING_WORDS = ("from", "key", "case_field", "case_date", "map", "default", "format")
_SOURCES = "case_field, case_date, person, address or text"
_DATED = (FieldType.DATE, FieldType.DATETIME)
_SPOKEN_TYPES = {
    FieldType.INTEGER: "a whole number",
    FieldType.DECIMAL: "a number",
    FieldType.BOOLEAN: "yes or no",
}


class RowReader:
    """Reads one row; what is wrong with it goes to the shared list.

    Args:
        node: The row as it stands in the file.
        number: Its place among the rows, from 1.
        action: The template's type.
        system_title: What people call the target system.
        problems: Receives what is wrong.
    """

    def __init__(self, node: Node, number: int, action: ActionType, system_title: str, problems: list[Problem]) -> None:
        self._node = node
        self._number = number
        self._action = action
        self._system_title = system_title
        self._problems = problems
        self._field: TargetField | None = None

    def outgoing(self) -> OutgoingRow | None:
        """The row of an outgoing template, or None when it cannot be read."""
        entries = self._entries(OUTGOING_WORDS, "to", "from")
        if entries is None:
            return None
        field = self._target_field(entries, "to")
        source = self._source(entries, tuple(SourceKind), _SOURCES)
        if field is None:
            return None
        key = self._key(entries, field)
        if source is not None and source.kind is SourceKind.TEXT:
            self._check_manual_text(source.name, field, entries)
        value_map = self._value_map(entries)
        for target_value in value_map.values():
            self._check_value(target_value, field, "map", "the map's value")
        default = self._text(entries, "default")
        if default is not None:
            self._check_value(default, field, "default", "the default")
        if source is not None and source.kind is SourceKind.CASE_DATE and field.type in _SPOKEN_TYPES and not value_map:
            self._add(
                "date_type",
                f"a case date cannot fill this field, which takes {_SPOKEN_TYPES[field.type]}.",
                "Take the value from a case field.",
                "case_date",
            )
        date_format = self._format(entries, source.kind if source else None, field)
        if source is None:
            return None
        return OutgoingRow(
            number=self._number,
            to=field.name,
            source=source,
            key=key,
            value_map=value_map,
            default=default,
            format=date_format,
            line=entries.line,
        )

    def incoming(self) -> IncomingRow | None:
        """The row of an incoming template, or None when it cannot be read."""
        entries = self._entries(INCOMING_WORDS, "from", "to")
        if entries is None:
            return None
        field = self._target_field(entries, "from")
        into = self._source(entries, (SourceKind.CASE_FIELD, SourceKind.CASE_DATE), "case_field or case_date")
        if field is None:
            return None
        key = self._key(entries, field)
        if into is not None and into.kind is SourceKind.CASE_DATE and field.type not in _DATED:
            self._add(
                "not_a_date",
                f'"{field.title}" is no date and cannot be kept in a case date.',
                "Keep it in a case field.",
                "case_date",
            )
        date_format = self._format(entries, None, field)
        value_map = self._value_map(entries)
        default = self._text(entries, "default")
        if into is not None and into.kind is SourceKind.CASE_DATE:
            for target_value in value_map.values():
                self._check_date(target_value, "map", "the map's value")
            if default is not None:
                self._check_date(default, "default", "the default")
        if into is None:
            return None
        return IncomingRow(
            number=self._number,
            take=field.name,
            into=into,
            key=key,
            value_map=value_map,
            default=default,
            format=date_format,
            line=entries.line,
        )

    def _add(self, rule: str, message: str, way_out: str, word: str | None = None) -> None:
        line = self._node.line
        if word is not None and isinstance(self._node, Entries):
            line = self._node.lines.get(word, line)
        self._problems.append(
            Problem(
                rule,
                message,
                way_out,
                row=self._number,
                field=self._field.title if self._field else "",
                line=line,
            )
        )

    def _entries(self, words: Iterable[str], needed: str, opposite: str) -> Entries | None:
        node = self._node
        if not isinstance(node, Entries):
            self._add(
                "row_shape",
                "this row is not made of words with values.",
                'Write a row as `- {to: service_id, text: "289"}`.',
            )
            return None
        if opposite in node.entries and needed not in node.entries:
            direction = "sends data to" if self._action.outgoing else "brings data back from"
            self._add(
                "wrong_direction",
                f'"{opposite}" stands where "{needed}" belongs: this template {direction} {self._system_title}.',
                f'Write "{needed}" instead of "{opposite}".',
                opposite,
            )
            return None
        report_unknown_words(node, words, "a row", self._problems, row=self._number)
        return node

    def _target_field(self, entries: Entries, word: str) -> TargetField | None:
        name = self._text(entries, word)
        if name is None and word in entries.entries:
            return None
        if not name:
            self._add(
                "no_target",
                f'the row does not say which field of {self._system_title} it is for ("{word}").',
                f"Add `{word}:` with one of: {', '.join(self._action.fields)}.",
                word,
            )
            return None
        field = self._action.fields.get(name)
        if field is None:
            self._add(
                "unknown_field",
                f'"{self._action.title}" has no field "{name}".',
                did_you_mean(name, self._action.fields),
                word,
            )
        self._field = field
        return field

    def _source(self, entries: Entries, kinds: tuple[SourceKind, ...], spoken: str) -> Source | None:
        given = [kind for kind in kinds if kind in entries.entries]
        if not given:
            where = "take its value from" if self._action.outgoing else "be stored"
            self._add("no_source", f"the row does not say where it should {where}.", f"Add one of {spoken}.")
            return None
        if len(given) > 1:
            self._add(
                "two_sources",
                f"the row names {len(given)} places ({', '.join(given)}), and only one can count.",
                "Keep one of them.",
                given[1],
            )
            return None
        kind = given[0]
        name = self._text(entries, kind)
        if name is None:
            return None
        if kind is not SourceKind.TEXT and ("{" in name or "}" in name):
            self._add(
                "placeholder_in_source",
                f'"{kind}" takes the name of a detail, and no placeholder.',
                f"Write the name only, such as `{kind}: details`.",
                kind,
            )
            return None
        if not name.strip() and kind is not SourceKind.TEXT:
            self._add("empty_source", f'"{kind}" is empty.', "Write the name of the detail after it.", kind)
            return None
        return Source(kind, name if kind is SourceKind.TEXT else name.strip())

    def _key(self, entries: Entries, field: TargetField) -> Key | None:
        text = self._text(entries, "key")
        if field.key is None:
            if "key" in entries.entries:
                self._add("needless_key", "this field has no key.", 'Delete "key".', "key")
            return None
        if text is None and "key" in entries.entries:
            return None
        if text is None or not text.strip():
            self._add(
                "no_key",
                f"the row does not say which {field.key} it is for.",
                'Add `key: "80"`, or `key: "{case.field_name}"` to take it from the case.',
                "key",
            )
            return None
        key = read_key(text)
        if key is None:
            self._add(
                "placeholder",
                "the key is not a complete placeholder.",
                'Write it as "{case.field_name}", with quotes and one pair of braces.',
                "key",
            )
            return None
        if key.static is not None:
            try:
                to_wire(key.static, TargetField(type=field.key_type), timezone="UTC")
            except ConversionError as error:
                self._add("key_type", f'the {field.key} "{key.static}" {error}.', "Correct the key.", "key")
                return None
        return key

    def _check_manual_text(self, text: str, field: TargetField, entries: Entries) -> None:
        if not text.strip():
            self._add("empty_text", "the manual text is empty.", "Write the text, or delete the row.", "text")
        elif "map" not in entries.entries:
            self._check_value(text, field, "text", "the manual text")
        else:
            self._add("map_of_text", "a value map makes no sense on a manual text.", "Write the result.", "map")

    def _check_value(self, text: str, field: TargetField, word: str, what: str) -> None:
        if has_placeholder(text):
            self._add(
                "placeholder_in_text",
                f"{what} is the same for every case, and this one holds a placeholder.",
                "Take the value from the case with `case_field:` instead.",
                word,
            )
            return
        try:
            to_wire(text, field, timezone="UTC")
        except ConversionError as error:
            self._add(f"{word}_type", f'{what} "{text}" {error}.', "Correct it.", word)

    def _check_date(self, text: str, word: str, what: str) -> None:
        try:
            to_moment(text)
        except ConversionError as error:
            self._add(
                f"{word}_type",
                f'{what} "{text}" {error}, and a case date can keep nothing else.',
                "Correct it, or keep the value in a case field.",
                word,
            )

    def _value_map(self, entries: Entries) -> Mapping[str, str]:
        node = entries.entries.get("map")
        if node is None:
            return {}
        if not isinstance(node, Entries) or not node.entries:
            self._add(
                "map_shape",
                "the value map is not made of pairs.",
                'Write it as `map: {Front: "1", Side gate: "2"}`.',
                "map",
            )
            return {}
        pairs: dict[str, str] = {}
        for case_value, target in node.entries.items():
            if isinstance(target, Scalar) and target.text is not None:
                pairs[case_value] = target.text
            else:
                self._add(
                    "map_value", f'the value map gives nothing for "{case_value}".', "Write a value after it.", "map"
                )
        return pairs

    def _format(self, entries: Entries, kind: SourceKind | None, field: TargetField) -> str | None:
        text = self._text(entries, "format")
        if text is None:
            return None
        if kind is not SourceKind.CASE_DATE and field.type not in _DATED:
            self._add("needless_format", "only a date has a format.", 'Delete "format".', "format")
        elif not is_date_format(text):
            self._add(
                "date_format",
                f'"{text}" is not a date format.',
                'Use YYYY, MM, DD, HH, mm and ss, as in "DD/MM/YYYY HH:mm".',
                "format",
            )
        elif mixes_up_minutes(text):
            self._add(
                "date_format",
                f'"{text}" takes months for minutes, or minutes for months.',
                'MM is the month and mm the minute, as in "DD/MM/YYYY HH:mm".',
                "format",
            )
        return text

    def _text(self, entries: Entries, word: str) -> str | None:
        node = entries.entries.get(word)
        if node is None:
            return None
        if isinstance(node, Entries) and any(name.startswith("case.") for name in node.entries):
            self._add("placeholder_quotes", "a placeholder needs quotes.", f'Write `{word}: "{{case.item_id}}"`.', word)
            return None
        if not isinstance(node, Scalar):
            self._add("single_value", f'"{word}" must be a single text.', "Put it in quotes.", word)
            return None
        return node.text if node.text is not None else ""


def report_unknown_words(
    node: Entries, known: Iterable[str], where: str, problems: list[Problem], row: int | None = None
) -> None:
    """Adds a problem for each word that does not belong there."""
    known = tuple(known)
    problems.extend(
        Problem(
            "unknown_word",
            f'"{word}" is not a word of {where}.',
            did_you_mean(word, known),
            row=row,
            line=node.lines[word],
        )
        for word in node.entries
        if word not in known
    )
