"""Reads a mapping template and says everything that is wrong with it, at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from casebridge.core.convert import ConversionError, is_date_format, mixes_up_minutes, to_moment, to_wire
from casebridge.core.document import Entries, Items, Node, Scalar, read_document
from casebridge.core.errors import InvalidTemplate
from casebridge.core.manifest import ActionType, FieldType, Manifest, ReferenceUse, TargetField
from casebridge.core.placeholder import Key, has_placeholder, read_key
from casebridge.core.problem import Problem, Severity, did_you_mean
from casebridge.core.template import IncomingRow, MappingTemplate, OutgoingRow, Source, SourceKind

TEMPLATE_WORDS = ("name", "type", "reference", "description", "rows")
OUTGOING_WORDS = ("to", "key", *SourceKind, "map", "default", "format")
INCOMING_WORDS = ("from", "key", "case_field", "case_date", "map", "default", "format")
_SOURCES = "case_field, case_date, person, address or text"
_REFERENCE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DATED = (FieldType.DATE, FieldType.DATETIME)
_SPOKEN_TYPES = {
    FieldType.INTEGER: "a whole number",
    FieldType.DECIMAL: "a number",
    FieldType.BOOLEAN: "yes or no",
}


def read_template(text: str, *, template_id: str, manifest: Manifest) -> MappingTemplate:
    """The mapping template in a YAML text.

    Args:
        text: The file's text.
        template_id: Its file name without ending.
        manifest: The manifest of the system that it is for.

    Raises:
        InvalidTemplate: It breaks rules; carries every one.
    """
    template, problems = inspect_template(text, template_id=template_id, manifest=manifest)
    if template is None or any(problem.stops for problem in problems):
        raise InvalidTemplate(f'mapping template "{template_id}"', problems)
    return template


def inspect_template(
    text: str, *, template_id: str, manifest: Manifest
) -> tuple[MappingTemplate | None, list[Problem]]:
    """The mapping template, as far as it can be read, and everything that is wrong with it."""
    document, problems = read_document(text)
    if document is None:
        return None, problems
    if not isinstance(document, Entries):
        problems.append(
            Problem(
                "shape",
                "a template is a set of words with values: name, type, reference, rows.",
                "Begin with `name:` and put the rows below `rows:`.",
                line=1,
            )
        )
        return None, problems
    return _TemplateReader(document, problems, manifest).read(template_id, text), problems


class _TemplateReader:
    def __init__(self, document: Entries, problems: list[Problem], manifest: Manifest) -> None:
        self._document = document
        self._problems = problems
        self._manifest = manifest

    def read(self, template_id: str, text: str) -> MappingTemplate | None:
        _report_unknown_words(self._document, TEMPLATE_WORDS, "a template", self._problems)
        name = self._word("name", "Give the template a name that people recognise, such as `name: Missed bin`.")
        description = self._optional_text("description")
        action = self._action()
        reference = self._reference(action)
        row_nodes = self._row_nodes()
        if action is None:
            return None
        rows: list[OutgoingRow] = []
        incoming_rows: list[IncomingRow] = []
        for number, node in enumerate(row_nodes, 1):
            reader = _RowReader(node, number, action, self._manifest.title, self._problems)
            if action.outgoing:
                if (row := reader.outgoing()) is not None:
                    rows.append(row)
            elif (incoming_row := reader.incoming()) is not None:
                incoming_rows.append(incoming_row)
        if action.outgoing:
            self._check_outgoing(action, rows, [_target_of(node) for node in row_nodes])
        else:
            self._check_incoming(incoming_rows)
        return MappingTemplate(
            id=template_id,
            system=self._manifest.name,
            name=name or template_id,
            action=action,
            reference=reference,
            text=text,
            rows=tuple(rows),
            incoming_rows=tuple(incoming_rows),
            description=description,
        )

    def _add(self, rule: str, message: str, way_out: str, line: int | None = None) -> None:
        self._problems.append(Problem(rule, message, way_out, line=line))

    def _word(self, word: str, way_out: str) -> str | None:
        node = self._document.entries.get(word)
        if isinstance(node, Scalar) and node.text and node.text.strip():
            return node.text.strip()
        line = self._document.lines.get(word)
        if node is None or isinstance(node, Scalar):
            self._add(f"no_{word}", f'the template has no "{word}".', way_out, line)
        else:
            self._add(f"no_{word}", f'"{word}" must be a single text.', way_out, line)
        return None

    def _optional_text(self, word: str) -> str:
        node = self._document.entries.get(word)
        if node is not None and not isinstance(node, Scalar):
            self._add("single_value", f'"{word}" must be a single text.', "Put it in quotes.", node.line)
        return (node.text or "") if isinstance(node, Scalar) else ""

    def _action(self) -> ActionType | None:
        types = self._manifest.actions
        name = self._word("type", f"Choose one of: {', '.join(types)}.")
        if name is None:
            return None
        if name not in types:
            self._add(
                "unknown_type",
                f'{self._manifest.title} has no template type "{name}".',
                did_you_mean(name, types),
                self._document.lines.get("type"),
            )
            return None
        return types[name]

    def _reference(self, action: ActionType | None) -> str:
        node = self._document.entries.get("reference")
        line = self._document.lines.get("reference")
        reference = (node.text or "").strip() if isinstance(node, Scalar) else ""
        if action is None:
            return reference
        if action.reference is ReferenceUse.NONE:
            if node is not None:
                self._add("needless_reference", f'"{action.title}" needs no Reference.', "Delete this line.", line)
            return ""
        if not reference:
            self._add(
                "no_reference",
                f'a template of the type "{action.title}" needs a Reference.',
                "Name the Reference that holds the record's id, such as `reference: worksheet`.",
                line,
            )
        elif not _REFERENCE.fullmatch(reference):
            self._add(
                "reference_name",
                f'"{reference}" cannot be the name of a Reference.',
                "Use small letters, digits and _ only, and begin with a letter: `reference: second_worksheet`.",
                line,
            )
        return reference

    def _row_nodes(self) -> tuple[Node, ...]:
        node = self._document.entries.get("rows")
        line = self._document.lines.get("rows")
        if isinstance(node, Items) and node.items:
            return node.items
        if isinstance(node, Items | Scalar) or node is None:
            self._add("no_rows", "the template has no rows.", "Add at least one row below `rows:`.", line)
        else:
            self._add("rows_shape", "the rows are not a list.", 'Begin every row with "- ".', line)
        return ()

    def _check_outgoing(self, action: ActionType, rows: list[OutgoingRow], mapped: list[str | None]) -> None:
        for name, field in action.fields.items():
            if field.mandatory and field.otherwise is None and name not in mapped:
                self._problems.append(
                    Problem(
                        "mandatory_mapping",
                        "the mandatory mapping is missing.",
                        f'Add a row: `- {{to: {name}, text: "..."}}`, or take the value from the case.',
                        field=field.title,
                        line=self._document.lines.get("rows"),
                    )
                )
        for group in action.groups:
            given = [name for name in group.fields if name in mapped]
            titles = " or ".join(f'"{action.fields[name].title}"' for name in group.fields)
            has_fallback = any(action.fields[name].otherwise for name in group.fields)
            if not given and not has_fallback:
                self._add("one_of", f"no row gives {titles}.", "Add a row for one of them.")
            elif len(given) > 1 and group.need == "exactly_one":
                self._add("only_one_of", f"only one of {titles} may be given.", "Keep one of these rows.")
        self._check_repeats(action, rows)

    def _check_repeats(self, action: ActionType, rows: list[OutgoingRow]) -> None:
        seen: dict[str, int] = {}
        seen_keys: dict[tuple[str, Key], int] = {}
        for row in rows:
            if row.key is not None:
                if (row.to, row.key) in seen_keys:
                    field = action.fields[row.to]
                    self._problems.append(
                        Problem(
                            "repeated_key",
                            f"row {seen_keys[row.to, row.key]} is for the same {field.key} already.",
                            "Correct the key, or delete one of the two rows.",
                            row=row.number,
                            field=field.title,
                            line=row.line,
                            severity=Severity.WARNING,
                        )
                    )
                seen_keys.setdefault((row.to, row.key), row.number)
            elif action.fields[row.to].key is None:
                if row.to in seen:
                    self._problems.append(
                        Problem(
                            "repeated_field",
                            f"row {seen[row.to]} fills this field already.",
                            "Delete one of the two rows.",
                            row=row.number,
                            field=action.fields[row.to].title,
                            line=row.line,
                        )
                    )
                seen.setdefault(row.to, row.number)

    def _check_incoming(self, rows: list[IncomingRow]) -> None:
        seen: dict[Source, int] = {}
        for row in rows:
            if row.into in seen:
                self._problems.append(
                    Problem(
                        "repeated_target",
                        f"row {seen[row.into]} writes to {row.into.origin} already.",
                        "Write to another one, or delete one of the two rows.",
                        row=row.number,
                        line=row.line,
                    )
                )
            seen.setdefault(row.into, row.number)


class _RowReader:
    """Reads one row; what is wrong with it goes to the shared list."""

    def __init__(self, node: Node, number: int, action: ActionType, system_title: str, problems: list[Problem]) -> None:
        self._node = node
        self._number = number
        self._action = action
        self._system_title = system_title
        self._problems = problems
        self._field: TargetField | None = None

    def outgoing(self) -> OutgoingRow | None:
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
        _report_unknown_words(node, words, "a row", self._problems, row=self._number)
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


def _target_of(node: Node) -> str | None:
    target = node.entries.get("to") if isinstance(node, Entries) else None
    return target.text if isinstance(target, Scalar) else None


def _report_unknown_words(
    node: Entries, known: Iterable[str], where: str, problems: list[Problem], row: int | None = None
) -> None:
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
