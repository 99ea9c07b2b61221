"""Many records in one request: /composite/sobjects and /composite/tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulators.salesforce.errors import Refusal, no_such_column, not_found
from simulators.salesforce.resources import file_in, shown
from simulators.salesforce.rest import Asked, Reply, wrong_method
from simulators.salesforce.schema import Entity

#: FACT: more are refused.
MOST_RECORDS = 200
_MOST_CHUNKS = 10
_ROLLED_BACK = Refusal(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
Write = Callable[[dict[str, Any]], dict[str, Any]]


def collection(asked: Asked) -> Reply:
    """Everything under /composite/sobjects."""
    match (asked.method, asked.parts[2:]):
        case ("POST", ()):
            return _written(asked, lambda record: _insert(asked, record))
        case ("PATCH", ()):
            return _written(asked, lambda record: _update(asked, record))
        case ("DELETE", ()):
            return _deleted(asked)
        case ("PATCH", (entity, field)):
            return _written(asked, lambda record: _upsert(asked, entity, field, record))
        case ("GET" | "POST", (entity,)):
            return _retrieved(asked, asked.simulator.org.entity(entity))
        case (_, () | (_,) | (_, _)):
            raise wrong_method(asked.method)
    raise not_found()


def _written(asked: Asked, write: Write) -> Reply:
    given = asked.json_object()
    records = given.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Refusal("JSON_PARSER_ERROR", "records must be a list of objects")
    if len(records) > MOST_RECORDS:
        raise Refusal("INVALID_INPUT", f"Record limit reached: {len(records)}, maximum {MOST_RECORDS}")  # text ASSUMED
    kinds = [_type_of(record) for record in records]
    chunks = sum(1 for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind)
    if chunks > _MOST_CHUNKS:
        raise Refusal("INVALID_INPUT", f"Too many chunks of one type: {chunks}, maximum {_MOST_CHUNKS}")  # text ASSUMED
    return _one_by_one(asked, records, write, all_or_none=given.get("allOrNone") is True)


def _type_of(record: dict[str, Any]) -> Any:
    attributes = record.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) else None


def _one_by_one(asked: Asked, items: list[Any], write: Callable[[Any], dict[str, Any]], *, all_or_none: bool) -> Reply:
    """FACT: the results in the order of the request, with status 200 also where records have failed."""
    store = asked.simulator.org.store
    mark, results, failed = store.mark(), [], False
    for item in items:
        try:
            results.append(write(item))
        except Refusal as refusal:
            failed = True
            results.append({"success": False, "errors": [refusal.as_save_error()]})
    if failed and all_or_none:
        store.go_back(mark)
        rolled_back = {"success": False, "errors": [_ROLLED_BACK.as_save_error()]}
        results = [rolled_back if one["success"] else one for one in results]
    return Reply(200, results)


def _entity(asked: Asked, record: dict[str, Any]) -> Entity:
    kind = _type_of(record)
    entity = asked.simulator.org.schema.entity(kind) if isinstance(kind, str) else None
    if entity is None:
        raise Refusal("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    return entity


def _insert(asked: Asked, record: dict[str, Any]) -> dict[str, Any]:
    entity = _entity(asked, record)
    key = asked.simulator.org.insert(entity, record, asked.writer(), file_in(entity, record))
    return {"id": key, "success": True, "errors": []}


def _update(asked: Asked, record: dict[str, Any]) -> dict[str, Any]:
    entity, org = _entity(asked, record), asked.simulator.org
    key = next((value for name, value in record.items() if name.lower() == "id"), None)
    if not isinstance(key, str):
        raise Refusal("MISSING_ARGUMENT", "Id not specified in an update call", ["Id"])
    changes = {name: value for name, value in record.items() if name.lower() != "id"}
    found = _existing(asked, entity, key)
    org.update(entity, found, changes, asked.writer())
    return {"id": found["Id"], "success": True, "errors": []}


def _existing(asked: Asked, entity: Entity, key: str) -> dict[str, Any]:
    try:
        return asked.simulator.org.record(entity, key)
    except Refusal as refusal:
        if refusal.code == "NOT_FOUND":
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") from None
        raise


def _upsert(asked: Asked, name: str, field_name: str, record: dict[str, Any]) -> dict[str, Any]:
    org = asked.simulator.org
    entity = org.entity(name)
    field = org.external_field(entity, field_name)
    value = next((one for key, one in record.items() if key.lower() == field.name.lower()), None)
    rest = {key: one for key, one in record.items() if key.lower() != field.name.lower()}
    writer = asked.writer(may_set_audit_fields=False)
    if field.name == "Id":
        found = [_existing(asked, entity, str(value))] if value else []
    elif value in (None, ""):
        raise Refusal("MISSING_ARGUMENT", f"{field.name} not specified", [field.name])
    else:
        found = org.with_value(entity, field, str(value))
    if len(found) > 1:
        raise Refusal(
            "DUPLICATE_EXTERNAL_ID", f"{field.name}: more than one record found for external id field", [field.name]
        )
    if found:
        org.update(entity, found[0], rest, writer)
        return {"id": found[0]["Id"], "success": True, "errors": [], "created": False}
    new = rest if field.name == "Id" else {**rest, field.name: value}
    return {"id": org.insert(entity, new, writer), "success": True, "errors": [], "created": True}


def _deleted(asked: Asked) -> Reply:
    keys = [key.strip() for key in asked.query.get("ids", "").split(",") if key.strip()]
    if not keys or len(keys) > MOST_RECORDS:
        raise Refusal("INVALID_INPUT", f"ids must name 1 to {MOST_RECORDS} records")  # text ASSUMED

    def delete(key: str) -> dict[str, Any]:
        entity = asked.simulator.org.schema.of_id(key)
        if entity is None:
            raise Refusal("MALFORMED_ID", f"malformed id {key}")
        found = _existing(asked, entity, key)
        asked.simulator.org.delete(entity, found)
        return {"id": found["Id"], "success": True, "errors": []}

    return _one_by_one(asked, keys, delete, all_or_none=asked.query.get("allOrNone", "").lower() == "true")


def _retrieved(asked: Asked, entity: Entity) -> Reply:
    """Records by their ids; null stands for one that is not there."""
    if asked.method == "POST":
        given = asked.json_object()
        keys, fields = given.get("ids"), given.get("fields")
        if not isinstance(keys, list) or not isinstance(fields, list):
            raise Refusal("JSON_PARSER_ERROR", "ids and fields must be lists")
        names = ",".join(map(str, fields))
    else:
        keys, names = asked.query.get("ids", "").split(","), asked.query.get("fields", "")
    for name in names.split(","):
        if entity.field(name.strip()) is None:
            raise no_such_column(name.strip(), entity.name)
    rows: list[dict[str, Any] | None] = []
    narrowed = Asked(**{**vars(asked), "query": {"fields": names}})
    for key in keys:
        try:
            rows.append(shown(narrowed, entity, asked.simulator.org.record(entity, str(key).strip())))
        except Refusal:
            rows.append(None)
    return Reply(200, rows)


# trees


def tree(asked: Asked) -> Reply:
    """/composite/tree/{object}: records with their children, all or none."""
    if asked.method != "POST":
        raise wrong_method(asked.method)
    if len(asked.parts) != 3:
        raise not_found()
    org = asked.simulator.org
    entity = org.entity(asked.parts[2])
    records = asked.json_object().get("records")
    if not isinstance(records, list):
        raise Refusal("JSON_PARSER_ERROR", "records must be a list of objects")
    results: list[dict[str, Any]] = []
    mark = org.store.mark()
    errors = _grown(asked, entity, records, {}, results)
    if len(results) > MOST_RECORDS:
        errors = [
            {
                "referenceId": "",
                "errors": [Refusal("INVALID_INPUT", f"more than {MOST_RECORDS} records").as_save_error()],
            }
        ]
    if errors:
        org.store.go_back(mark)
        return Reply(400, {"hasErrors": True, "results": errors}, errors[0]["errors"][0]["statusCode"])
    return Reply(201, {"hasErrors": False, "results": results})


def _grown(
    asked: Asked, entity: Entity, records: list[Any], link: dict[str, Any], results: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The errors of these records and their children; results take the ids of the others."""
    org, errors = asked.simulator.org, []
    for record in records:
        attributes = record.get("attributes") if isinstance(record, dict) else None
        reference = attributes.get("referenceId") if isinstance(attributes, dict) else None
        try:
            if not isinstance(reference, str):
                raise Refusal("INVALID_INPUT", "Include a reference ID for each record in the request.")
            nested = {name: value for name, value in record.items() if isinstance(value, dict) and "records" in value}
            own = {name: value for name, value in record.items() if name not in nested}
            key = org.insert(entity, {**own, **link}, asked.writer(), file_in(entity, own))
            results.append({"referenceId": reference, "id": key})
            for name, value in nested.items():
                child = org.schema.child(entity, name)
                if child is None or not isinstance(value["records"], list):
                    raise no_such_column(name, entity.name)
                errors += _grown(asked, child[0], value["records"], {child[1].name: key}, results)
        except Refusal as refusal:
            errors.append({"referenceId": reference or "", "errors": [refusal.as_save_error()]})
    return errors
