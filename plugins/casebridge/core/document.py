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


def read_document(text: str) -> tuple[Node | None, list[Problem]]:
    """The document in a YAML text, and what is wrong with it as YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, [
            Problem(
                "yaml",
                f"this is not valid YAML ({error.problem or error.context}).",
                "Look at this line and the one above it: the indentation (spaces, no tabs), and quotes around texts "
                'that hold a colon or start with "{".',
                line=mark.line + 1 if mark else None,
            )
        ]
    except yaml.YAMLError:
        return None, [Problem("yaml", "this is not a text file in YAML.", "Save it as UTF-8 text.", line=1)]
    if root is None:
        return None, [Problem("empty_file", "the file is empty.", "Write a name, a type and rows.", line=1)]
    problems: list[Problem] = []
    return _node(root, problems, set()), problems


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
