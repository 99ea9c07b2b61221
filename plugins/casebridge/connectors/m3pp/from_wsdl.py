"""Fits the profile to a real WSDL, as far as names and shapes tell: it guesses only where there is no second choice."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebridge.connectors.m3pp.profile import UNKNOWN, assumed
from casebridge.connectors.m3pp.wsdl import Kind, Leaf, Service, ServiceOperation, read_service
from casebridge.core.errors import NotConfigured
from casebridge.core.problem import did_you_mean

_ALIKE = 0.8
_AHEAD = 0.1  # of the second best
_TYPES = {"date_time_received": "dateTime", "success": "boolean", "updated_count": "int"}


@dataclass(frozen=True)
class Fit:
    """How a profile fits a WSDL.

    Attributes:
        overrides: For the profile of a connection; "?" where somebody has to say what an element is.
        lines: For each operation of ours: its name, that in the WSDL, how it was recognised, how many of its elements
            are known, what is to be filled in.
        remarks: What else has to be known.
    """

    overrides: dict[str, Any]
    lines: list[tuple[str, str, str, str, str]]
    remarks: list[str]


@dataclass(frozen=True)
class _Wanted:
    """An element of ours in a message: its name, and what it is called on the wire in the profile as it comes."""

    ours: str
    name: str
    kind: Kind


def fit(location: str, names: Mapping[str, str]) -> Fit:
    """The profile, fitted to a WSDL.

    Args:
        location: A file or an address.
        names: What is known: names of the WSDL by our names, of operations and of elements.

    Raises:
        NotConfigured: There is no usable WSDL, or a name is not one of ours.
    """
    known = _our_names()
    for ours in names:
        if ours not in known:
            raise NotConfigured(f'"{ours}" is none of our names. {did_you_mean(ours, known)}')
    return _Fitting(read_service(location), names).fit()


class _Fitting:
    def __init__(self, service: Service, names: Mapping[str, str]) -> None:
        self._service = service
        self._names = dict(names)
        self._operations: dict[str, Any] = assumed()["operations"]
        common = [{(leaf.name, leaf.type) for leaf in operation.result} for operation in service.operations]
        everywhere = set.intersection(*common) if len(common) > 1 else set()
        self._status = [
            leaf
            for leaf in service.operations[0].result
            if leaf.kind is Kind.ONE and (leaf.name, leaf.type) in everywhere
        ]

    def fit(self) -> Fit:
        status = self._fit_status()
        found = self._recognise()
        self._learn(found)
        operations: dict[str, Any] = {}
        lines, remarks = [], []
        for name in self._operations:
            if name not in found:
                operations[name] = {"name": "", "request": {}, "result": {}}
                lines.append((name, "", "not found", "", f"--name {name}=..., if the service has it"))
                continue
            operation, how = found[name]
            request, result = self._messages(name, operation)
            operations[name] = self._described(operation, request, result)
            wanted = [*self._wanted(name, "request"), *self._wanted(name, "result")]
            matched = [ours for ours in [*request.values(), *result.values()] if ours not in ("", UNKNOWN)]
            missing = Counter(one.ours for one in wanted) - Counter(matched)
            lines.append((name, operation.name, how, f"{len(matched)} of {len(wanted)}", ", ".join(sorted(missing))))
            remarks += [
                f"{operation.name} demands {leaf.path}, which is none of ours"
                for leaf in operation.request
                if leaf.required and request[leaf.path] == ""
            ]
        used = {operation.name for operation, _ in found.values()}
        if unused := [operation.name for operation in self._service.operations if operation.name not in used]:
            remarks.append(f"not used of the service: {', '.join(unused)}")
        if unknown := [element for element, ours in status.items() if ours == UNKNOWN]:
            remarks.append(f"to fill in, as they are in every answer: {', '.join(unknown)}")
        overrides = {"namespace": self._service.namespace, "soap_action": self._action_pattern()}
        if self._service.path:
            overrides["path"] = self._service.path
        return Fit({**overrides, "status": status, "operations": operations}, lines, remarks)

    def _fit_status(self) -> dict[str, str]:
        """What tells of success in every answer; known names are looked for in rows too."""
        wanted = [_Wanted(ours, element, Kind.ONE) for element, ours in assumed()["status"].items()]
        status = self._elements(self._status, wanted, lambda leaf: leaf.name)
        for element, ours in status.items():
            if ours not in ("", UNKNOWN):
                self._names.setdefault(ours, element)
        elements: dict[str, str] = {one.name: "" for one in wanted if one.name not in status}
        return elements | status

    def _recognise(self) -> dict[str, tuple[ServiceOperation, str]]:
        """The operations by our names, and how each was recognised."""
        found: dict[str, tuple[ServiceOperation, str]] = {}
        ours = {name: str(operation["name"]) for name, operation in self._operations.items()}
        theirs = {operation.name: operation for operation in self._service.operations}

        def take(pairs: Mapping[str, str], how: str) -> None:
            for name, element in pairs.items():
                found[name] = (theirs.pop(element), how)
                ours.pop(name)

        given = {name: self._names[name] for name in ours if self._names.get(name) in theirs}
        take(given, "given")
        take(_by_name(ours, {name: name for name in theirs}), "name")
        shapes = {name: self._our_shape(name) for name in ours}
        their_shapes = {name: self._shape(operation) for name, operation in theirs.items()}
        take(_only_pairs(shapes, their_shapes), "shape")
        return found

    def _learn(self, found: Mapping[str, tuple[ServiceOperation, str]]) -> None:
        """What an element is in one operation, an element of the same name and kind is in the others too."""
        learned: dict[str, set[str]] = {}
        for name, (operation, _) in found.items():
            for elements in self._messages(name, operation):
                for element, ours in elements.items():
                    if ours not in ("", UNKNOWN):
                        learned.setdefault(ours, set()).add(re.split(r"[/}]", element)[-1])
        for ours, names in learned.items():
            if len(names) == 1:
                self._names.setdefault(ours, names.pop())

    def _messages(self, name: str, operation: ServiceOperation) -> tuple[dict[str, str], dict[str, str]]:
        """The elements of an operation's request and of its answer, with our names."""
        request = self._elements(operation.request, self._wanted(name, "request"), lambda leaf: leaf.path)
        result = self._elements(self._payload(operation), self._wanted(name, "result"), lambda leaf: leaf.result_path)
        return request, result

    def _described(
        self, operation: ServiceOperation, request: dict[str, str], result: dict[str, str]
    ) -> dict[str, Any]:
        described: dict[str, Any] = {"name": operation.name, "request": request, "result": result}
        pattern = self._action_pattern()
        if operation.soap_action != self._filled(pattern, operation):
            described["soap_action"] = operation.soap_action
        return described

    def _action_pattern(self) -> str:
        """How most operations make their SOAPAction of namespace and name."""
        patterns = Counter(
            operation.soap_action.replace(self._service.namespace, "{namespace}").replace(operation.name, "{operation}")
            for operation in self._service.operations
        )
        return patterns.most_common(1)[0][0]

    def _filled(self, pattern: str, operation: ServiceOperation) -> str:
        return pattern.replace("{namespace}", self._service.namespace).replace("{operation}", operation.name)

    def _wanted(self, name: str, part: str) -> list[_Wanted]:
        return [_wanted(path, ours) for path, ours in self._operations[name][part].items()]

    def _payload(self, operation: ServiceOperation) -> list[Leaf]:
        """The elements of an answer beside those that every answer has."""
        return [leaf for leaf in operation.result if leaf.kind is not Kind.ONE or leaf.name not in self._status_names]

    @property
    def _status_names(self) -> set[str]:
        return {leaf.name for leaf in self._status}

    def _shape(self, operation: ServiceOperation) -> tuple[Any, Any]:
        return _counted(operation.request), _counted(self._payload(operation))

    def _our_shape(self, name: str) -> tuple[Any, Any]:
        return _counted(self._wanted(name, "request")), _counted(self._wanted(name, "result"))

    def _elements(
        self, leaves: Sequence[Leaf], wanted: Sequence[_Wanted], path: Callable[[Leaf], str]
    ) -> dict[str, str]:
        """Every element of a message, in its order, with our name; "?" where it may be one that is still wanted."""
        open_wanted = {one.ours: one for one in wanted}
        open_leaves = {path(leaf): leaf for leaf in leaves}
        taken: dict[str, str] = {}

        def take(ours: str, element: str) -> None:
            taken[element] = ours
            del open_wanted[ours], open_leaves[element]

        for one in wanted:
            word = self._names.get(one.ours) or self._names.get(one.ours.rpartition(".")[2])
            named = [element for element, leaf in open_leaves.items() if leaf.name == word and leaf.kind is one.kind]
            if len(named) == 1:
                take(one.ours, named[0])
        for kind in Kind:
            elements = {element: leaf.name for element, leaf in open_leaves.items() if leaf.kind is kind}
            names = {ours: one.name for ours, one in open_wanted.items() if one.kind is kind}
            for ours, element in _by_name(names, elements).items():
                take(ours, element)
        for ours in [ours for ours in open_wanted if ours in _TYPES]:
            typed = [element for element, leaf in open_leaves.items() if leaf.type == _TYPES[ours]]
            if len(typed) == 1:
                take(ours, typed[0])
        for kind in (Kind.ONE, Kind.LIST):
            ours_of_kind = [one.ours for one in wanted if one.kind is kind]
            theirs_of_kind = [path(leaf) for leaf in leaves if leaf.kind is kind]
            if len(ours_of_kind) == len(theirs_of_kind) == 1 and ours_of_kind[0] in open_wanted:
                take(ours_of_kind[0], theirs_of_kind[0])
        kinds = {one.kind for one in open_wanted.values()}
        return {path(leaf): taken.get(path(leaf), UNKNOWN if leaf.kind in kinds else "") for leaf in leaves}


def _by_name(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Pairs of names that are alike, where no other name is nearly as much so, seen from either side."""
    alike = {(name, other): _likeness(ours[name], theirs[other]) for name in ours for other in theirs}
    pairs = {}
    for (name, other), likeness in alike.items():
        rivals = [value for (a, b), value in alike.items() if (a == name) != (b == other)]
        if likeness >= _ALIKE and all(likeness >= rival + _AHEAD or (likeness == 1 != rival) for rival in rivals):
            pairs[name] = other
    return pairs


def _likeness(one: str, other: str) -> float:
    first, second = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (one, other))
    return difflib.SequenceMatcher(None, first, second).ratio()


def _only_pairs(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, str]:
    """Pairs of the same shape, where neither side has another of that shape."""
    pairs = {}
    for name, shape in ours.items():
        same_ours = [other for other, its in ours.items() if its == shape]
        same_theirs = [other for other, its in theirs.items() if its == shape]
        if len(same_ours) == len(same_theirs) == 1:
            pairs[name] = same_theirs[0]
    return pairs


def _counted(elements: Iterable[Leaf | _Wanted]) -> dict[Kind, int]:
    return dict(Counter(element.kind for element in elements))


def _wanted(path: str, ours: str) -> _Wanted:
    kind = Kind.ROW if "." in ours else Kind.LIST if "/" in path else Kind.ONE
    return _Wanted(ours, path.rpartition("/")[2], kind)


def _our_names() -> set[str]:
    ours = assumed()
    names = {*ours["operations"], *ours["status"].values()}
    for operation in ours["operations"].values():
        for name in (*operation["request"].values(), *operation["result"].values()):
            names |= {name, name.rpartition(".")[2]}
    return names
