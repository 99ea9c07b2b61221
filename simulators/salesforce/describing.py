"""What the org says of itself: objects, their fields, its limits."""

from __future__ import annotations

from typing import Any

from simulators.salesforce import values
from simulators.salesforce.org import Org
from simulators.salesforce.schema import KINDS, Entity, Field


def summary(org: Org, entity: Entity, version: str) -> dict[str, Any]:
    """One object, as the list of all has it."""
    read_only = entity.name in org.settings.read_only_objects
    base = f"/services/data/{version}/sobjects/{entity.name}"
    label = values.label(Field(entity.name))
    return {
        "activateable": False,
        "createable": "create" in entity.write and not read_only,
        "custom": False,
        "customSetting": False,
        "deletable": "delete" in entity.write and not read_only,
        "deprecatedAndHidden": False,
        "feedEnabled": entity.name in ("Case", "Contact", "Account"),
        "keyPrefix": entity.prefix,
        "label": label,
        "labelPlural": label[:-1] + "ies" if label.endswith("y") else label + "s",
        "layoutable": True,
        "mergeable": entity.name in ("Account", "Contact", "Case"),
        "mruEnabled": True,
        "name": entity.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": entity.name in ("Account", "Case", "Contact", "User", "ContentVersion"),
        "triggerable": True,
        "undeletable": "delete" in entity.write,
        "updateable": "update" in entity.write and not read_only,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": base + "/{ID}"},
    }


def description(org: Org, entity: Entity, version: str) -> dict[str, Any]:
    """One object with its fields."""
    children = [
        {
            "cascadeDelete": child.name in ("CaseComment", "ContentDocumentLink"),
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "relationshipName": field.children,
        }
        for child, field in org.schema.children(entity)
    ]
    fields = [_field(org, entity, one) for one in entity.fields.values()]
    return summary(org, entity, version) | {
        "childRelationships": children,
        "fields": fields,
        "recordTypeInfos": [],
        "supportedScopes": [{"label": "All " + entity.name, "name": "everything"}],
    }


def _field(org: Org, entity: Entity, field: Field) -> dict[str, Any]:
    kind, soap = KINDS[field.kind]
    restricted = field.restricted or f"{entity.name}.{field.name}" in org.settings.restricted_picklists
    settable = (
        org.settings.set_audit_fields
        and org.settings.modify_all_data
        and field.name.startswith(("CreatedBy", "CreatedD"))
    )
    return {
        "aggregatable": field.filterable,
        "autoNumber": field.kind == "autonumber",
        "byteLength": field.length if field.counts_bytes else field.length * 3,
        "calculated": False,
        "caseSensitive": False,
        "createable": "create" in field.on or settable,
        "custom": field.name.endswith("__c"),
        "defaultValue": field.default,
        "defaultedOnCreate": field.default is not None or field.name in ("OwnerId", "CreatedById", "CreatedDate"),
        "digits": 9 if field.kind == "integer" else 0,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "groupable": field.filterable and field.kind not in ("datetime", "double"),
        "idLookup": field.external_id or field.kind == "id",
        "label": values.label(field),
        "length": field.length,
        "name": field.name,
        "nameField": field.name == entity.name_field,
        "nillable": not field.required and field.kind not in ("id", "boolean"),
        "picklistValues": [
            {"active": True, "defaultValue": value == field.default, "label": value, "validFor": None, "value": value}
            for value in field.values
        ],
        "permissionable": field.kind != "id" and not field.required,
        "precision": 0,
        "referenceTo": list(field.to),
        "relationshipName": field.relationship,
        "restrictedPicklist": restricted,
        "scale": 0,
        "soapType": soap,
        "sortable": field.filterable,
        "type": kind,
        "unique": field.unique,
        "updateable": "update" in field.on,
    }


def limits(org: Org) -> dict[str, Any]:
    """What is left of what the org may use."""
    settings = org.settings
    left = max(0, settings.daily_requests - settings.requests_made)
    return {
        "DailyApiRequests": {"Max": settings.daily_requests, "Remaining": left},
        "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
        "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000},
        "ConcurrentSyncReportRuns": {"Max": 20, "Remaining": 20},
        "ContentPublicationLimit": {"Max": 200000, "Remaining": 200000 - len(org.blobs)},
        "DataStorageMB": {"Max": 1024, "Remaining": 1024},
        "FileStorageMB": {"Max": 1024, "Remaining": 1024},
        "SingleEmail": {"Max": 5000, "Remaining": 5000},
    }
