"""A YAML document whose every value knows its line, and in which `yes` is the word yes.

Mapping templates are written by people who do not know that YAML reads `no` as false, `0123` as 83 and the second
of two equal keys over the first. So scalars stay as they were written, and a repeated key is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from casebridge.core.problem import Problem


@dataclass(frozen=True)
class Scalar:
    """A single value, as text. `~`, `null` and nothing at all are None."""

    text: str | None
    line: int


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True)
class Entries:
    """Words with values, in the order of the file."""

    entries: dict[str, Node]
    line: int
    lines: dict[str, int] = field(default_factory=dict)


Node = Scalar | Items | Entries


LONGEST = 500_000
"""Characters in a file: a template has a few thousand, and reading must not be a way to stop a scheduler."""

DEEPEST = 20
"""Levels of lists and words within each other: a template has four, and the reader goes down a step for each."""

_SPOKEN = (
    # What the YAML library says, what it means to who wrote the line, and the way out.
    ("tab character", "a tab stands in the indentation.", "Indent with spaces only."),
    (
        "cannot start any token",
        "a value begins with a sign that YAML keeps for itself (such as @, ` or %).",
        "Put quotes around it.",
    ),
    (
        "mapping values are not allowed",
        "a colon stands where none can be.",
        "Put quotes around a text that holds a colon; and indent this line as far as its neighbours.",
    ),
    ("expected ',' or", "a bracket is not closed, or a comma is missing.", "Close it, or write the comma."),
    ("expected '-'", "this line is not indented as the rows above it.", 'Begin every row with "- " in one column.'),
    ("expected key", "this line is not indented as its neighbours.", "Write what belongs together in one column."),
    ("end of stream", "a quote is opened and never closed.", "Close it on the same line."),
    ("escape character", "a backslash stands in double quotes.", "Use single quotes around this text."),
    ("alias", "a value that begins with * has no quotes.", "Put quotes around it."),
    ("another document", '"---" begins a second template.', "Keep one template in a file."),
)


def read_document(text: str) -> tuple[Node | None, list[Problem]]:
    """The document in a YAML text, and what is wrong with it as YAML."""
    if len(text) > LONGEST:
        return None, [
            Problem("too_long", "the file is far too long for a template.", "Write a file for each template.", line=1)
        ]
    try:
        if (line := _too_deep(text)) is not None:
            return None, [
                Problem("too_deep", "too many brackets are open within each other.", "Close the brackets.", line=line)
            ]
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        return None, [_not_yaml(error, text)]
    except (yaml.YAMLError, UnicodeEncodeError):
        return None, [Problem("yaml", "this is not a text file in YAML.", "Save it as UTF-8 text.", line=1)]
    if root is None:
        return None, [Problem("empty_file", "the file is empty.", "Write a name, a type and rows.", line=1)]
    problems: list[Problem] = []
    return _node(root, problems, set()), problems


def _too_deep(text: str) -> int | None:
    """The line at which the nesting gets too deep; the library itself would go on until the process dies."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                mark = event.start_mark
                return mark.line + 1 if mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> Problem:
    said = error.problem or error.context or ""
    mark = error.problem_mark or error.context_mark
    if mark and text[mark.index : mark.index + 1] == "\t":
        said = "tab character"
    where = "The mistake may be in the line above."
    if "end of stream" in said and error.context_mark:
        mark, where = error.context_mark, ""  # where the quote was opened, not where the file ends
    message, way_out = next(
        ((message, way_out) for words, message, way_out in _SPOKEN if words in said),
        (f"this is not valid YAML ({said}).", "Look at the indentation and the quotes."),
    )
    return Problem(
        "yaml",
        message,
        f"{way_out} {where}".strip() if mark and mark.line else way_out,
        line=mark.line + 1 if mark else None,
    )


def _node(node: yaml.Node, problems: list[Problem], seen: set[int]) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.CollectionNode):
        if id(node) in seen:
            problems.append(
                Problem("alias", "a template may not repeat a part by reference (&, *).", "Write it out.", line=line)
            )
            return Scalar(None, line)
        seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return Items(tuple(_node(item, problems, seen) for item in node.value), line)
    if isinstance(node, yaml.MappingNode):
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            key_line = key_node.start_mark.line + 1
            if key in entries:
                problems.append(
                    Problem(
                        "repeated_word",
                        f'"{key}" stands twice here, and only one of them would count.',
                        "Delete one of the two.",
                        line=key_line,
                    )
                )
                continue
            entries[key] = _node(value_node, problems, seen)
            lines[key] = key_line
        return Entries(entries, line, lines)
    is_null = node.tag == "tag:yaml.org,2002:null"
    return Scalar(None if is_null else str(node.value), line)
