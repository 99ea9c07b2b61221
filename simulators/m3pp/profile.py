"""A profile: what everything of the contract is called on the wire, and in which order it comes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simulators.fields import BadField, Fields
from simulators.m3pp.contract import CONTRACT, Array, Kind, Message

_FOLDER = Path(__file__).parent / "profiles"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PATH = re.compile(r"/(?!_sim(/|$))[A-Za-z0-9_./-]+")


@dataclass(frozen=True)
class WireMember:
    """A member and its names.

    Attributes:
        name: In the contract.
        element: On the wire.
        kind: Its XML Schema type, or for an array its rows, with their names on the wire.
        parts: For an array of rows, the members of a row: name in the contract to element, in order.
    """

    name: str
    element: str
    kind: Kind
    parts: dict[str, str]

    def from_wire(self, value: Any) -> Any:
        """A value as it was read, by the contract's names."""
        if not self.parts or value is None:
            return value
        names = {element: name for name, element in self.parts.items()}
        return [{names[element]: text for element, text in (row or {}).items()} for row in value]

    def to_wire(self, value: Any) -> Any:
        """A value by the names on the wire."""
        if not self.parts or value is None:
            return value
        return [{element: row.get(name) for name, element in self.parts.items()} for row in value]


@dataclass(frozen=True)
class WireMessage:
    """The members of a message, in their order on the wire."""

    members: list[WireMember]

    def from_wire(self, given: dict[str, Any]) -> dict[str, Any]:
        """What was read, by the contract's names."""
        return {member.name: member.from_wire(given.get(member.element)) for member in self.members}

    def to_wire(self, values: dict[str, Any]) -> dict[str, Any]:
        """Values by their names on the wire."""
        return {member.element: member.to_wire(values.get(member.name)) for member in self.members}

    def element(self, name: str) -> str:
        """What a member is called on the wire."""
        return next(member.element for member in self.members if member.name == name)


@dataclass(frozen=True)
class WireOperation:
    """An operation on the wire. ``name`` is also its request element."""

    name: str
    response: str
    soap_action: str
    request: WireMessage
    result: WireMessage


@dataclass(frozen=True)
class Profile:
    """All names. ``result`` is the one element within every response; ``operations`` go by the contract's names."""

    namespace: str
    path: str
    service: str
    result: str
    operations: dict[str, WireOperation]

    def contract_name(self, operation: str) -> str:
        """The contract's name of an operation on the wire."""
        return next(name for name, wire in self.operations.items() if wire.name == operation)


def shipped() -> list[str]:
    """The names of the profiles that come with the simulator."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def chosen(given: Any) -> Profile:
    """The profile of that name, or the one that the object itself is.

    Raises:
        BadField: There is none of that name, or the object is no profile.
    """
    if isinstance(given, dict):
        return read_profile(Fields(given, "profile."))
    if not isinstance(given, str) or given not in shipped():
        raise BadField(f'Field "profile" must be one of {", ".join(shipped())}, or an object that is a profile.')
    return read_profile(Fields(yaml.safe_load((_FOLDER / f"{given}.yaml").read_text(encoding="utf-8"))))


def read_profile(fields: Fields) -> Profile:
    """The profile that these fields are.

    Raises:
        BadField: A name cannot be one, comes twice, or is of nothing in the contract.
    """
    namespace, path = fields.text("namespace"), fields.text("path")
    if not namespace.strip():
        raise BadField('Field "profile.namespace" must not be empty.')
    if not _PATH.fullmatch(path):
        raise BadField('Field "profile.path" must be a path such as /M3PP/Service.asmx, outside /_sim/.')
    soap_action = fields.text("soap_action").replace("{namespace}", namespace)
    response = fields.text("response")
    listed = fields.group("operations") or Fields({})
    operations = {}
    for name in CONTRACT:
        operation = listed.group(name) or Fields({})
        wire = _name(operation.text("name", name))
        operations[name] = WireOperation(
            name=wire,
            response=_name(response.replace("{operation}", wire)),
            soap_action=soap_action.replace("{operation}", wire),
            request=_message(operation, name, "request", CONTRACT[name].request),
            result=_message(operation, name, "result", CONTRACT[name].result),
        )
        operation.end()
    listed.end()
    elements = [element for wire in operations.values() for element in (wire.name, wire.response)]
    _all_different("operations", elements)
    _all_different("soap_action", [operation.soap_action for operation in operations.values()])
    profile = Profile(namespace, path, _name(fields.text("service")), _name(fields.text("result")), operations)
    fields.end()
    return profile


def _message(operation: Fields, name: str, part: str, declared: Message) -> WireMessage:
    given = operation.value(part, None)
    where = f"{name}.{part}"
    if given is None:
        given = {name: _as_declared(name, kind) for name, kind in declared.items()}
    if not isinstance(given, dict) or set(given) != set(declared):
        raise BadField(f"In the profile, {where} must name all of {', '.join(declared) or 'nothing'}, and no more.")
    members = [_member(where, member, given[member], declared[member]) for member in given]
    _all_different(where, [member.element for member in members])
    return WireMessage(members)


def _as_declared(name: str, kind: Kind) -> Any:
    if isinstance(kind, str):
        return name
    return {"array": name, "row": kind.row} | {part: part for part in kind.members or ()}


def _member(where: str, name: str, given: Any, declared: Kind) -> WireMember:
    if isinstance(declared, str):
        return WireMember(name, _name(given), declared, {})
    types = declared.members or {}
    if not isinstance(given, dict) or set(given) != {"array", "row", *types}:
        raise BadField(f"In the profile, {where}.{name} must name array, row{''.join(f', {part}' for part in types)}.")
    parts = {part: _name(element) for part, element in given.items() if part in types}
    _all_different(f"{where}.{name}", list(parts.values()))
    rows = {element: types[part] for part, element in parts.items()}
    return WireMember(name, _name(given["array"]), Array(_name(given["row"]), rows or None), parts)


def _name(given: Any) -> str:
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        raise BadField(f"In the profile, {str(given)[:40]!r} cannot be the name of an element.")
    return given


def _all_different(where: str, names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise BadField(f"In the profile, {where} has the same name twice.")
