"""Reads a mapping template and says everything that is wrong with it, at once."""

from __future__ import annotations

import re

from casebridge.core.document import Entries, Items, Node, Scalar, read_document
from casebridge.core.errors import InvalidTemplate
from casebridge.core.manifest import ActionType, Manifest, MatchRule, ReferenceUse
from casebridge.core.placeholder import Key
from casebridge.core.problem import Problem, Severity, did_you_mean
from casebridge.core.row_reader import RowReader, report_unknown_words
from casebridge.core.template import IncomingRow, MappingTemplate, OutgoingRow, Source

TEMPLATE_WORDS = ("name", "type", "reference", "description", "matching", "rows")
_REFERENCE = re.compile(r"[a-z][a-z0-9_]{0,63}")


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
        report_unknown_words(self._document, TEMPLATE_WORDS, "a template", self._problems)
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
            reader = RowReader(node, number, action, self._manifest.title, self._problems)
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
            matching=self._matching(action),
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

    def _matching(self, action: ActionType) -> dict[str, MatchRule]:
        node = self._document.entries.get("matching")
        line = self._document.lines.get("matching")
        if node is None:
            return {}
        if not action.matches:
            self._add("needless_matching", f'"{action.title}" matches no records.', "Delete this line.", line)
            return {}
        rules = ", ".join(MatchRule)
        if not isinstance(node, Entries):
            self._add(
                "matching_shape",
                '"matching" names records and the rule of each.',
                f"Write `matching: {{{next(iter(action.matches))}: match_only}}`; the rules are {rules}.",
                line,
            )
            return {}
        chosen: dict[str, MatchRule] = {}
        for name, rule in node.entries.items():
            text = rule.text if isinstance(rule, Scalar) else None
            if name not in action.matches:
                self._add(
                    "unknown_match",
                    f'"{action.title}" does not match a "{name}".',
                    did_you_mean(name, action.matches),
                    node.lines.get(name),
                )
            elif text not in list(MatchRule):
                self._add(
                    "unknown_match_rule",
                    f'the rule for "{name}" is none that exists.',
                    f"Choose one of: {rules}.",
                    node.lines.get(name),
                )
            else:
                chosen[name] = MatchRule(text)
        return chosen

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


def _target_of(node: Node) -> str | None:
    target = node.entries.get("to") if isinstance(node, Entries) else None
    return target.text if isinstance(target, Scalar) else None
