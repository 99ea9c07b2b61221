"""The objects and fields of the org, as its administrator has them set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

#: What the field's kind is called by a describe, and by its SOAP type.
KINDS: Mapping[str, tuple[str, str]] = {
    "id": ("id", "tns:ID"),
    "reference": ("reference", "tns:ID"),
    "text": ("string", "xsd:string"),
    "autonumber": ("string", "xsd:string"),
    "textarea": ("textarea", "xsd:string"),
    "phone": ("phone", "xsd:string"),
    "email": ("email", "xsd:string"),
    "url": ("url", "xsd:string"),
    "picklist": ("picklist", "xsd:string"),
    "boolean": ("boolean", "xsd:boolean"),
    "integer": ("int", "xsd:int"),
    "double": ("double", "xsd:double"),
    "datetime": ("datetime", "xsd:dateTime"),
    "blob": ("base64", "xsd:base64Binary"),
}
TEXT_KINDS = frozenset({"text", "autonumber", "textarea", "phone", "email", "url", "picklist"})
AUDIT_FIELDS = ("CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate")


@dataclass(frozen=True)
class Field:
    """One field of an object.

    Attributes:
        on: Where a client may write it: some of create and update.
        to: The objects that a reference may point to.
        relationship: The name by which a query goes through the reference.
        children: The name by which a query goes the other way.
        counts_bytes: Whether the length is one of bytes in UTF-8, not of characters.
    """

    name: str
    kind: str = "text"
    length: int = 0
    required: bool = False
    unique: bool = False
    external_id: bool = False
    on: frozenset[str] = frozenset({"create", "update"})
    filterable: bool = True
    counts_bytes: bool = False
    default: Any = None
    values: tuple[str, ...] = ()
    restricted: bool = False
    to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    label: str = ""

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.kind in TEXT_KINDS


@dataclass(frozen=True)
class Entity:
    """One object, such as Contact.

    Attributes:
        prefix: The first three characters of its ids.
        name_field: The field that names a record.
        write: What a client may do: some of create, update and delete.
    """

    name: str
    prefix: str
    fields: Mapping[str, Field]
    name_field: str | None
    write: frozenset[str]
    audited: bool = True
    field_names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "field_names", {name.lower(): name for name in self.fields})

    def field(self, name: str) -> Field | None:
        """The field of that name, in whatever case it is written."""
        known = self.field_names.get(name.lower())
        return self.fields[known] if known else None

    def parent(self, relationship: str) -> Field | None:
        """The reference that a relationship of that name goes through."""
        return self._parents.get(relationship.lower())

    @cached_property
    def _parents(self) -> dict[str, Field]:
        return {one.relationship.lower(): one for one in self.fields.values() if one.relationship}


class Schema:
    """All objects of the org."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self.entities = dict(entities)
        self._names = {name.lower(): name for name in self.entities}
        self._prefixes = {entity.prefix: entity for entity in self.entities.values()}

    def entity(self, name: str) -> Entity | None:
        """The object of that name, in whatever case it is written."""
        known = self._names.get(name.lower())
        return self.entities[known] if known else None

    def of_id(self, record: str) -> Entity | None:
        """The object that an id belongs to, by its first three characters."""
        return self._prefixes.get(record[:3])

    def child(self, parent: Entity, relationship: str) -> tuple[Entity, Field] | None:
        """The object and its reference that a child relationship of that name leads to."""
        return next(
            (
                (entity, one)
                for entity, one in self.children(parent)
                if one.children and one.children.lower() == relationship.lower()
            ),
            None,
        )

    def children(self, parent: Entity) -> list[tuple[Entity, Field]]:
        """Every reference to an object."""
        return [
            (entity, one)
            for entity in self.entities.values()
            for one in entity.fields.values()
            if parent.name in one.to and one.children
        ]

    def with_field(self, entity: str, added: Field) -> Schema:
        """The schema with one more field."""
        found = self.entities[entity]
        grown = _entity(found, {**found.fields, added.name: added})
        return Schema({**self.entities, entity: grown})

    def without_fields(self, hidden: frozenset[str]) -> Schema:
        """The schema as a user sees it from whom fields (``Case.Origin``) are hidden."""
        entities = {}
        for name, entity in self.entities.items():
            kept = {one: value for one, value in entity.fields.items() if f"{name}.{one}" not in hidden}
            entities[name] = _entity(entity, kept)
        return Schema(entities)


def _entity(entity: Entity, fields: Mapping[str, Field]) -> Entity:
    return Entity(entity.name, entity.prefix, fields, entity.name_field, entity.write, entity.audited)


def load() -> Schema:
    """The org's schema as it is at the start."""
    text = (Path(__file__).parent / "schema.yaml").read_text(encoding="utf-8")
    return Schema({name: _read(name, declared) for name, declared in yaml.safe_load(text).items()})


def _read(name: str, declared: Mapping[str, Any]) -> Entity:
    fields = {"Id": Field("Id", "id", 18, on=frozenset())}
    if declared.get("owned"):
        fields["OwnerId"] = Field("OwnerId", "reference", 18, to=("User",), relationship="Owner")
    fields |= {one: _read_field(one, about) for one, about in declared["fields"].items()}
    never: frozenset[str] = frozenset()
    fields["IsDeleted"] = Field("IsDeleted", "boolean", default=False, on=never)
    audited = declared.get("audit", True)
    if audited:
        for role in ("CreatedBy", "LastModifiedBy"):
            fields[f"{role}Id"] = Field(f"{role}Id", "reference", 18, on=never, to=("User",), relationship=role)
        for moment in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
            fields[moment] = Field(moment, "datetime", on=never)
    write = frozenset(declared.get("write", ("create", "update", "delete")))
    name_field = declared.get("name", "Name" if "Name" in fields else None)
    return Entity(name, str(declared["prefix"]), fields, name_field, write, audited)


def _read_field(name: str, about: Mapping[str, Any]) -> Field:
    kind = about.get("kind", "text")
    return Field(
        name,
        kind,
        about.get("length", 18 if kind == "reference" else 255 if kind in TEXT_KINDS else 0),
        required=about.get("required", False),
        unique=about.get("unique", False),
        external_id=about.get("external_id", False),
        on=frozenset(about.get("on", ("create", "update"))),
        filterable=about.get("filter", True),
        counts_bytes=about.get("bytes", False),
        default=about.get("default"),
        values=tuple(about.get("values", ())),
        restricted=about.get("restricted", False),
        to=tuple(about.get("to", ())),
        relationship=about.get("relationship"),
        children=about.get("children"),
        label=about.get("label", ""),
    )
