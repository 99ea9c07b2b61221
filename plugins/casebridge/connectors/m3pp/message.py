"""Requests and answers by the paths of a profile: an element's path on the wire stands for a name of ours.

`A/B` is B within A. A name with a dot is a member of a row: the element above it comes once for each row.
A request is built just as the profile says. An answer is read leniently: by local names, and wherever the first element
of a path is nearest to the top.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from casebridge.core.errors import NotConfigured
from casebridge.transport.soap import Element

Values = Mapping[str, str | Sequence[str | Mapping[str, object]]]
"""By our names: a text, or a list of texts or of rows."""

_BETWEEN_STEPS = re.compile(r"/(?![^{]*\})")  # a namespace, in braces, has slashes of its own


def build(name: str, paths: Mapping[str, str], values: Values, *, namespace: str, system: str) -> etree._Element:
    """The element of a request.

    Args:
        name: The operation's name on the wire.
        paths: Paths in their order on the wire, to our names.
        values: Texts, lists of texts and lists of rows by our names; what is empty is left out.
        namespace: Of every element whose path does not give its own, as `{namespace}Name`.
        system: The system's title, for the message.

    Raises:
        NotConfigured: A value has no element to go into.
    """
    names = {ours.partition(".")[0] for ours in paths.values()}
    if homeless := [ours for ours, value in values.items() if value and ours not in names]:
        raise NotConfigured(
            f"{system}: the profile has no element of {name} for {', '.join(homeless)}; name it in the connection's "
            "profile, or take it out of the template"
        )
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})  # type: ignore[dict-item]
    made: set[str] = set()
    for path, ours in paths.items():
        array = ours.partition(".")[0]
        if array in made:
            continue  # the other members of rows that are there already
        made.add(array)
        value = values.get(array) or ()
        *above, last = _steps(path, namespace)
        members: dict[str, str] = {}
        if array != ours:
            *above, last = above
            members = {_steps(other, namespace)[-1]: member for other, member in _members(paths, array).items()}
        for one in [value] if isinstance(value, str) else value:
            element = etree.SubElement(_within(root, above), last)
            if isinstance(one, Mapping):
                for tag, member in members.items():
                    etree.SubElement(element, tag).text = str(one[member])
            else:
                element.text = one
    return root


class Answer:
    """An answer by our names.

    Args:
        content: The element inside the SOAP body.
        paths: Paths to our names.
    """

    def __init__(self, content: Element, paths: Mapping[str, str]) -> None:
        self._content = content
        self._paths = {ours: _local_steps(path) for path, ours in paths.items() if ours}

    def text(self, name: str) -> str:
        """The text of an element; "" when it is absent, nil or empty."""
        return next((text for text in self.texts(name) if text), "")

    def texts(self, name: str) -> list[str]:
        """The texts of every element of that name, in their order."""
        return [element.text for element in self._elements(self._paths.get(name, ()))]

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of that name, each with a text for each member."""
        members = {ours.partition(".")[2]: steps for ours, steps in self._paths.items() if ours.startswith(f"{name}.")}
        if not members:
            return []
        *above, _ = next(iter(members.values()))
        return [{member: row.value(steps[-1]) for member, steps in members.items()} for row in self._elements(above)]

    def _elements(self, steps: Sequence[str]) -> list[Element]:
        if not steps:
            return []
        first, *others = steps
        found = _nearest(self._content, first)
        for step in others:
            found = [child for element in found for child in element if child.name == step]
        return found


def _nearest(top: Element, name: str) -> list[Element]:
    """The elements of that name on the highest level that has one."""
    level = list(top)
    while level:
        if found := [element for element in level if element.name == name]:
            return found
        level = [child for element in level for child in element]
    return []


def _within(root: etree._Element, above: Sequence[str]) -> etree._Element:
    """The last of these elements, each within the one before; made where it is missing."""
    for tag in above:
        existing = root.find(tag)
        root = etree.SubElement(root, tag) if existing is None else existing
    return root


def _members(paths: Mapping[str, str], array: str) -> dict[str, str]:
    """The paths of the members of a row, to the names of the members."""
    return {path: ours.partition(".")[2] for path, ours in paths.items() if ours.startswith(f"{array}.")}


def _steps(path: str, namespace: str) -> list[str]:
    """The steps of a path as lxml writes them."""
    steps = _BETWEEN_STEPS.split(path)
    return [step.removeprefix("{}") if step.startswith("{") else f"{{{namespace}}}{step}" for step in steps]


def _local_steps(path: str) -> list[str]:
    return [step.rpartition("}")[2] for step in _BETWEEN_STEPS.split(path)]
