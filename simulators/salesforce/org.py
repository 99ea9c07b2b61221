"""The org: its records, and the rules by which they may be written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from simulators.clock import Clock
from simulators.salesforce import files, values
from simulators.salesforce.blob import Blob
from simulators.salesforce.errors import Refusal, no_such_column
from simulators.salesforce.ids import normal_id
from simulators.salesforce.schema import AUDIT_FIELDS, Entity, Field, load
from simulators.salesforce.settings import Settings
from simulators.salesforce.store import Record, Store

ORGANIZATION = "Little Wittering Services"
_FIRST_CASE = 1000
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone")


@dataclass(frozen=True)
class Writer:
    """Who writes, and how.

    Attributes:
        user: The id of the user.
        auto_assign: Whether assignment rules run (the header Sforce-Auto-Assign).
        allow_duplicates: Whether what a duplicate rule only warns of is saved all the same.
        may_set_audit_fields: Whether this way of writing takes audit fields at all: an insert does, an upsert does not.
    """

    user: str
    auto_assign: bool = True
    allow_duplicates: bool = False
    may_set_audit_fields: bool = True


class Org:
    """Everything that one org holds."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Sample data and switches are as at the start."""
        self.settings = Settings()
        self._whole_schema = load()
        self.schema = self._whole_schema
        self.store = Store()
        self.blobs: dict[str, Blob] = {}
        self._inserted: dict[str, datetime] = {}
        self.organization = ""
        self._load_samples()
        self.store.forget_marks()

    def change_settings(self, settings: Settings) -> None:
        """Other switches are in force."""
        self.settings = settings
        self.schema = self._whole_schema.without_fields(frozenset(settings.hidden_fields))

    def add_field(self, entity: str, field: Field) -> None:
        """An object has one more custom field."""
        self._whole_schema = self._whole_schema.with_field(entity, field)
        self.store.refit(self._whole_schema)
        self.change_settings(self.settings)

    def now(self) -> datetime:
        """The org's moment, to the second."""
        return self.clock.now().replace(microsecond=0)

    def user_of(self, username: str) -> Record | None:
        """The user with that username, which ignores case."""
        found = self.store.holder("User", "Username", username)
        return self.store.get("User", found) if found else None

    # finding

    def first_seen(self, record: Record) -> datetime:
        """When a record was really inserted, whatever its CreatedDate says. Sample data has always been there."""
        return self._inserted.get(record["Id"], _ALWAYS)

    def entity(self, name: str) -> Entity:
        """The object of that name.

        Raises:
            Refusal: NOT_FOUND.
        """
        entity = self.schema.entity(name)
        if entity is None:
            raise Refusal("NOT_FOUND", "The requested resource does not exist")
        return entity

    def record(self, entity: Entity, given: str) -> Record:
        """The record with that id, in 15 or 18 characters.

        Raises:
            Refusal: There is none, or it is deleted.
        """
        key = normal_id(given)
        found = self.store.get(entity.name, key) if key else None
        if key is None or not key.startswith(entity.prefix):
            message = f"Provided external ID field does not exist or is not accessible: {given}"
            raise Refusal("NOT_FOUND", message)
        if found is None:
            raise Refusal("NOT_FOUND", "The requested resource does not exist")
        if found["IsDeleted"]:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        return found

    def external_field(self, entity: Entity, name: str) -> Field:
        """A field by which records are found: an external id, or Id.

        Raises:
            Refusal: NOT_FOUND.
        """
        field = entity.field(name)
        if field is None or not (field.external_id or field.name == "Id"):
            raise Refusal("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")
        return field

    def with_value(self, entity: Entity, field: Field, value: str) -> list[Record]:
        """The records with that value in an external-id field, which ignores case."""
        if field.unique:
            held = self.store.holder(entity.name, field.name, value)
            found = self.store.get(entity.name, held) if held else None
            return [found] if found else []
        wanted = value.lower()
        return [one for one in self.store.all(entity.name) if str(one[field.name] or "").lower() == wanted]

    # writing

    @contextmanager
    def whole_or_nothing(self) -> Iterator[None]:
        """What is done within stays only if all of it is done."""
        mark = self.store.mark()
        try:
            yield
        except Exception:
            self.store.go_back(mark)
            raise

    def insert(self, entity: Entity, given: Mapping[str, Any], writer: Writer, blob: Blob | None = None) -> str:
        """A new record is there; its id.

        Raises:
            Refusal: It must not be; nothing has changed.
        """
        with self.whole_or_nothing():
            self._check_object(entity, "create")
            if "Id" in given:
                raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
            changes = self._read(entity, given, "create", writer)
            record = self._defaults(entity, writer) | changes
            if entity.name == "ContentVersion":
                files.check_new_version(self, record, blob)
            _check_required(entity, record)
            self._check_links(entity, changes)
            if entity.name == "Case" and self.settings.assignment_owner and writer.auto_assign:
                assigned = self.user_of(self.settings.assignment_owner)
                record["OwnerId"] = assigned["Id"] if assigned else record["OwnerId"]
            self._check_rules(entity, record, changes, writer)
            record["Id"] = self.store.next_id(entity)
            if entity.name == "Case":
                record["CaseNumber"] = f"{_FIRST_CASE + self.store.next_number('CaseNumber'):08d}"
            self._derive(entity, record)
            self._inserted[record["Id"]] = self.now()
            self.store.put(entity, record)
            if entity.name == "ContentVersion" and blob is not None:
                files.add_version(self, record, blob, writer)
            if entity.name == "ContentDocumentLink":
                files.check_new_link(self, record)
            return str(record["Id"])

    def update(self, entity: Entity, record: Record, given: Mapping[str, Any], writer: Writer) -> None:
        """The fields that are given have new values.

        Raises:
            Refusal: They must not have; nothing has changed.
        """
        with self.whole_or_nothing():
            self._check_object(entity, "update")
            changes = self._read(entity, given, "update", writer)
            if entity.name == "CaseComment" and changes.keys() - {"IsPublished"} and not self.settings.modify_all_data:
                raise Refusal("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
            changed = record | changes
            _check_required(entity, changed)
            self._check_links(entity, changes)
            self._check_rules(entity, changed, changes, writer)
            self._derive(entity, changed)
            if entity.audited:
                changed |= {
                    "LastModifiedById": writer.user,
                    "LastModifiedDate": self.now(),
                    "SystemModstamp": self.now(),
                }
            self.store.put(entity, changed)

    def delete(self, entity: Entity, record: Record) -> None:
        """The record is deleted, and what belongs to it."""
        with self.whole_or_nothing():
            self._check_object(entity, "delete")
            self._delete(entity, record)

    def _delete(self, entity: Entity, record: Record) -> None:
        self.store.put(entity, record | {"IsDeleted": True})
        parts = {"Case": ("CaseComment", "ParentId"), "ContentDocument": ("ContentVersion", "ContentDocumentId")}
        if entity.name in parts:
            child, field = parts[entity.name]
            for one in [part for part in self.store.all(child) if part[field] == record["Id"]]:
                self._delete(self.schema.entities[child], one)
        for field in ("LinkedEntityId", "ContentDocumentId"):
            for one in [link for link in self.store.all("ContentDocumentLink") if link[field] == record["Id"]]:
                self.store.put(self.schema.entities["ContentDocumentLink"], one | {"IsDeleted": True})

    def _check_object(self, entity: Entity, act: str) -> None:
        if act not in entity.write:
            text = f"entity type {entity.name} does not support {act}"
            raise Refusal(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if act != "delete" else "INSUFFICIENT_ACCESS_OR_READONLY", text
            )
        if entity.name in self.settings.read_only_objects:
            raise Refusal("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")

    def _read(self, entity: Entity, given: Mapping[str, Any], act: str, writer: Writer) -> Record:
        """What is written, by the fields' own names."""
        found: Record = {}
        not_writable = []
        for name, value in given.items():
            if name == "attributes":
                continue
            field = entity.field(name)
            if field is None:
                through = entity.parent(name)
                if through is None or not isinstance(value, dict):
                    raise no_such_column(name, entity.name)
                field, value = through, self._referenced(through, value)
            if field.kind == "blob":
                continue
            if act in field.on or self._is_settable_audit(entity, field, act, writer):
                found[field.name] = values.read(field, value)
            else:
                not_writable.append(field.name)
        if not_writable:
            names = ", ".join(not_writable)
            message = (
                f"Unable to create/update fields: {names}. Please check the security settings of this field and verify "
                "that it is read/write for your profile or permission set."
            )
            raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", message, not_writable)
        return found

    def _is_settable_audit(self, entity: Entity, field: Field, act: str, writer: Writer) -> bool:
        """FACT: audit fields are for inserts alone, and need both permissions. No user takes them."""
        allowed = self.settings.set_audit_fields and self.settings.modify_all_data and writer.may_set_audit_fields
        return allowed and act == "create" and field.name in AUDIT_FIELDS and entity.name not in ("User", "Profile")

    def _referenced(self, through: Field, value: Mapping[str, Any]) -> str:
        """The id of a parent that is named by an external id of its own."""
        named = [(name, one) for name, one in value.items() if name != "attributes"]
        if len(named) != 1:
            raise Refusal("INVALID_FIELD", f"Please specify exactly one external ID field for {through.relationship}")
        name, wanted = named[0]
        for target in through.to:
            entity = self.schema.entity(target)
            field = entity.field(name) if entity else None
            if entity is not None and field is not None and (field.external_id or field.unique or field.name == "Id"):
                found = self.with_value(entity, field, str(wanted))
                if len(found) == 1:
                    return str(found[0]["Id"])
        raise Refusal(
            "INVALID_FIELD", f"Foreign key external ID: {wanted} not found for field {name} in entity {through.to[0]}"
        )

    def _defaults(self, entity: Entity, writer: Writer) -> Record:
        now, user = self.now(), writer.user
        entity = self._whole_schema.entities[entity.name]
        record = {one.name: one.default for one in entity.fields.values()}
        if "OwnerId" in entity.fields:
            record["OwnerId"] = user
        audit = {"CreatedById": user, "LastModifiedById": user, "CreatedDate": now, "LastModifiedDate": now}
        moments = {"SystemModstamp": now}
        return record | {name: value for name, value in (audit | moments).items() if name in entity.fields}

    def _check_links(self, entity: Entity, changes: Record) -> None:
        for name, key in changes.items():
            field = entity.fields[name]
            if field.kind != "reference" or key is None:
                continue
            target = self._whole_schema.of_id(key)
            if target is None or target.name not in field.to:
                raise Refusal(
                    "FIELD_INTEGRITY_EXCEPTION", f"{values.label(field)}: id value of incorrect type: {key}", [name]
                )
            linked = self.store.get(target.name, key)
            if linked is None:
                raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [name])
            if linked["IsDeleted"]:
                raise Refusal("ENTITY_IS_DELETED", "entity is deleted", [name])
            if name == "OwnerId" and not linked["IsActive"] and not self.settings.update_inactive_owners:
                raise Refusal(
                    "INACTIVE_OWNER_OR_USER",
                    "operation performed with inactive user [" + key[:15] + "] as owner of " + entity.name.lower(),
                    [name],
                )

    def _check_rules(self, entity: Entity, record: Record, changes: Record, writer: Writer) -> None:
        self._check_picklists(entity, changes)
        created = changes.get("CreatedDate")
        if created is not None and created > self.now() and not self.settings.future_created_date:
            raise Refusal("FIELD_INTEGRITY_EXCEPTION", "Created Date: cannot be in the future", ["CreatedDate"])
        for rule in self.settings.validation_rules:
            value = record.get(rule["field"])
            if (
                rule["object"] == entity.name
                and rule["field"] in changes
                and not re.search(rule["pattern"], str(value or ""))
            ):
                raise Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], [rule["field"]])
        for field in (one for one in self._whole_schema.entities[entity.name].fields.values() if one.unique):
            value = record.get(field.name)
            holder = self.store.holder(entity.name, field.name, value) if value is not None else None
            if holder is not None and holder != record["Id"]:
                code = "DUPLICATE_USERNAME" if field.name == "Username" else "DUPLICATE_VALUE"
                raise Refusal(
                    code, f"duplicate value found: {field.name} duplicates value on record with id: {holder[:15]}"
                )
        if entity.name == "Contact" and record["Id"] is None:
            self._check_duplicate_rule(record, writer)

    def _check_picklists(self, entity: Entity, changes: Record) -> None:
        for name, value in changes.items():
            field = entity.fields[name]
            restricted = field.restricted or f"{entity.name}.{name}" in self.settings.restricted_picklists
            if field.kind == "picklist" and restricted and value is not None and value not in field.values:
                raise Refusal(
                    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    f"{values.label(field)}: bad value for restricted picklist field: {value}",
                    [name],
                )

    def _check_duplicate_rule(self, record: Record, writer: Writer) -> None:
        rule = self.settings.duplicate_rule
        if rule == "off" or (rule == "alert" and writer.allow_duplicates):
            return
        numbers = {_digits(record[name]) for name in _PHONES if record.get(name)} - {""}
        matches = [
            one
            for one in self.store.all("Contact")
            if (record.get("Email") and (one["Email"] or "").lower() == record["Email"].lower())
            or numbers & {_digits(one[name]) for name in _PHONES if one[name]}
        ]
        if not matches:
            return
        found = [
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": {"attributes": {"type": "Contact", "url": _url("Contact", one["Id"])}, "Id": one["Id"]},
            }
            for one in matches
        ]
        result = {
            "allowSave": rule == "alert",
            "duplicateRule": "Standard_Contact_Duplicate_Rule",
            "duplicateRuleEntityType": "Contact",
            "errorMessage": "Use one of these records?",
            "matchResults": [
                {
                    "entityType": "Contact",
                    "errors": [],
                    "matchEngine": "FuzzyMatchEngine",
                    "matchRecords": found,
                    "rule": "Standard_Contact_Match_Rule_v1_0",
                    "size": len(found),
                    "success": True,
                }
            ],
        }
        raise Refusal(
            "DUPLICATES_DETECTED", "Use one of these records?", more={self.settings.duplicate_result_name: result}
        )

    def _derive(self, entity: Entity, record: Record) -> None:
        """What the org itself makes of a record."""
        if entity.name in ("Contact", "User"):
            record["Name"] = " ".join(part for part in (record["FirstName"], record["LastName"]) if part)
        elif entity.name == "Case":
            closed = record["Status"] == "Closed"
            record["ClosedDate"] = (record["ClosedDate"] or self.now()) if closed else None
            record["IsClosed"] = closed
            contact = self.store.get("Contact", record["ContactId"]) if record["ContactId"] else None
            if contact is not None and record["AccountId"] is None:
                record["AccountId"] = contact["AccountId"]
        elif entity.name == "CaseComment":
            author = self.store.get("User", record["CreatedById"])
            record["CreatorName"] = author["Name"] if author else None

    def _load_samples(self) -> None:
        path = Path(__file__).parent / "sample_data.yaml"
        organization = self.schema.entities["Organization"]
        self.organization = self.store.next_id(organization)
        keys: dict[str, str] = {}
        system = {"CreatedById": None, "LastModifiedById": None}
        about = {
            "Name": ORGANIZATION,
            "OrganizationType": "Developer Edition",
            "InstanceName": "SIM1",
            "IsSandbox": False,
        }
        record = self._defaults(organization, Writer("")) | system | about | {"Id": self.organization}
        self.store.put(organization, record)
        for declared in yaml.safe_load(path.read_text(encoding="utf-8")):
            entity = self.schema.entities[declared["object"]]
            given = {name: value for name, value in declared.items() if name not in ("object", "key")}
            references = {name: keys[value] for name, value in given.items() if entity.fields[name].kind == "reference"}
            record = self._defaults(entity, Writer(keys.get("api", ""))) | given | references
            record["Id"] = keys[declared["key"]] = self.store.next_id(entity)
            if entity.name == "Case":
                record["CaseNumber"] = f"{_FIRST_CASE + self.store.next_number('CaseNumber'):08d}"
            self._derive(entity, record)
            self.store.put(entity, record)


def _check_required(entity: Entity, record: Record) -> None:
    missing = [one.name for one in entity.fields.values() if one.required and record[one.name] is None]
    if missing:
        raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)


def _digits(number: str) -> str:
    return "".join(letter for letter in number if letter.isdigit())


def _url(entity: str, key: str) -> str:
    return f"/services/data/v66.0/sobjects/{entity}/{key}"
