"""The resources of the REST API: queries, searches, descriptions and records."""

from __future__ import annotations

import json
import re
from typing import Any

from simulators.salesforce import describing, files, soql, sosl, values
from simulators.salesforce.blob import Blob
from simulators.salesforce.errors import Refusal, not_found
from simulators.salesforce.multipart import NotMultipart, read_parts
from simulators.salesforce.rest import Asked, Reply, wrong_method
from simulators.salesforce.schema import Entity, Field
from simulators.salesforce.store import Record

#: FACT: the least and the most that a client may ask for at once.
_BATCH = (200, 2000)


def root(asked: Asked) -> Reply:
    """What there is in this version."""
    _only(asked, "GET")
    names = ("sobjects", "query", "queryAll", "search", "parameterizedSearch", "limits", "composite")
    return Reply(200, {name: f"/services/data/{asked.version}/{name}" for name in names})


def limits(asked: Asked) -> Reply:
    """What is left of the org's limits."""
    _only(asked, "GET")
    return Reply(200, describing.limits(asked.simulator.org))


def _only(asked: Asked, *methods: str) -> None:
    if asked.method not in methods:
        raise wrong_method(asked.method)


# queries


def query(asked: Asked) -> Reply:
    """A query in SOQL, or the next page of one."""
    _only(asked, "GET")
    cursors = asked.simulator.cursors
    if len(asked.parts) == 2:
        cursor, _, start = asked.parts[1].rpartition("-")
        if cursor not in cursors or not start.isdigit():
            raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
        rows, size = cursors[cursor]
        return _page(asked, cursor, rows, size, int(start))
    text = asked.query.get("q")
    if text is None or len(asked.parts) != 1:
        raise Refusal("MALFORMED_QUERY", "A query string has to be specified")
    found = soql.run(asked.simulator.org, text, asked.version, deleted_too=asked.parts[0] == "queryAll")
    size = _page_size(asked)
    if len(found.rows) <= size:
        return Reply(200, {"totalSize": found.total, "done": True, "records": found.rows})
    cursor = f"01g5g{len(cursors) + 1:010d}AAA"
    cursors[cursor] = (found.rows, size)
    return _page(asked, cursor, found.rows, size, 0)


def _page_size(asked: Asked) -> int:
    option = re.search(r"batchSize\s*=\s*(\d+)", asked.headers.get("sforce-query-options", ""), re.IGNORECASE)
    least, most = _BATCH
    return min(most, max(least, int(option[1]))) if option else asked.simulator.org.settings.page_size


def _page(asked: Asked, cursor: str, rows: list[dict[str, Any]], size: int, start: int) -> Reply:
    end = start + size
    body: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows)}
    if not body["done"]:
        body["nextRecordsUrl"] = f"/services/data/{asked.version}/query/{cursor}-{end}"
    return Reply(200, {**body, "records": rows[start:end]})


# searches


def search(asked: Asked) -> Reply:
    """A search in SOSL. FACT: since version 37.0 the answer is an object, before that a bare list."""
    _only(asked, "GET")
    text = asked.query.get("q")
    if text is None or len(asked.parts) != 1:
        raise Refusal("MALFORMED_SEARCH", "A search string has to be specified")
    return _searched(asked, sosl.search(asked.simulator.org, text, asked.version))


def parameterized_search(asked: Asked) -> Reply:
    """A search whose clauses are parameters, or members of a JSON body."""
    _only(asked, "GET", "POST")
    if asked.method == "POST":
        given = asked.json_object()
    else:
        given = dict(asked.query)
        names = [name.strip() for name in asked.query.get("sobject", "").split(",") if name.strip()]
        given["sobjects"] = [
            {
                "name": name,
                **{key.partition(".")[2]: value for key, value in asked.query.items() if key.startswith(f"{name}.")},
            }
            for name in names
        ]
    return _searched(asked, sosl.search_by_parameters(asked.simulator.org, given, asked.version))


def _searched(asked: Asked, found: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"searchRecords": found} if int(asked.version[1:-2]) >= 37 else found)


# records


def sobjects(asked: Asked) -> Reply:
    """Everything under /sobjects."""
    org = asked.simulator.org
    if len(asked.parts) == 1:
        _only(asked, "GET")
        listed = [describing.summary(org, entity, asked.version) for entity in org.schema.entities.values()]
        return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})
    entity = org.entity(asked.parts[1])
    match asked.parts[2:]:
        case ():
            return _object(asked, entity)
        case ("describe",):
            _only(asked, "GET")
            return Reply(200, describing.description(org, entity, asked.version))
        case (key,):
            return _record(asked, entity, org.record(entity, key))
        case (key, name) if (field := entity.field(name)) is not None and field.kind == "blob":
            return _file(asked, org.record(entity, key))
        case (name, *value):
            return _by_external_id(asked, entity, org.external_field(entity, name), "/".join(value))
    raise not_found()


def _object(asked: Asked, entity: Entity) -> Reply:
    org = asked.simulator.org
    if asked.method == "GET":
        return Reply(200, {"objectDescribe": describing.summary(org, entity, asked.version), "recentItems": []})
    _only(asked, "GET", "POST")
    given, blob = _new_record(asked, entity)
    return _created(asked, entity, org.insert(entity, given, asked.writer(), blob))


def _created(asked: Asked, entity: Entity, key: str, *, upserted: bool = False) -> Reply:
    flag = {"created": True} if upserted else {}
    location = {"Location": f"/services/data/{asked.version}/sobjects/{entity.name}/{key}"}
    return Reply(201, {"id": key, "success": True, "errors": [], **flag}, headers=location)


def _new_record(asked: Asked, entity: Entity) -> tuple[dict[str, Any], Blob | None]:
    """The fields of a new record and the file in it: as JSON with base64, or as multipart/form-data."""
    if asked.http is None or not asked.headers.get("content-type", "").lower().startswith("multipart/"):
        given = asked.json_object()
        return given, file_in(entity, given)
    if not any(field.kind == "blob" for field in entity.fields.values()):
        raise Refusal("INVALID_MULTIPART_REQUEST", f"{entity.name} has no binary field")  # code ASSUMED
    body = asked.simulator.body_file(asked.http)
    try:
        parts = read_parts(asked.headers["content-type"], body)
        described = next((part for part in parts.values() if part.content_type == "application/json"), None)
        if described is None:
            raise NotMultipart("There is no part of content type application/json.")
        given = json.loads(b"".join(described.pieces(body)))
        if not isinstance(given, dict):
            raise NotMultipart("The part application/json is no object.")
    except (NotMultipart, ValueError) as error:
        raise Refusal("INVALID_MULTIPART_REQUEST", str(error)) from None  # code ASSUMED
    binary = parts.get("VersionData")
    return given, Blob(binary.pieces(body)) if binary else None


def file_in(entity: Entity, given: dict[str, Any]) -> Blob | None:
    """The file that a record carries as base64, if its object has any."""
    name = next((field.name for field in entity.fields.values() if field.kind == "blob"), None)
    value = next((value for key, value in given.items() if name and key.lower() == name.lower()), None)
    return files.decoded(value) if name else None


def _record(asked: Asked, entity: Entity, record: Record) -> Reply:
    org = asked.simulator.org
    match asked.method:
        case "GET" | "HEAD":
            return Reply(200, shown(asked, entity, record))
        case "PATCH":
            given = asked.json_object()
            if "Id" in given:
                raise Refusal("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ["Id"])
            org.update(entity, record, given, asked.writer())
            return Reply(204)
        case "DELETE":
            org.delete(entity, record)
            return Reply(204)
    raise wrong_method(asked.method)


def shown(asked: Asked, entity: Entity, record: Record) -> dict[str, Any]:
    """A record as JSON: all its fields, or those that ``fields`` names.

    Raises:
        Refusal: INVALID_FIELD.
    """
    url = f"/services/data/{asked.version}/sobjects/{entity.name}/{record['Id']}"
    wanted: list[Field] = list(entity.fields.values())
    if "fields" in asked.query:
        wanted = []
        for name in asked.query["fields"].split(","):
            field = entity.field(name.strip())
            if field is None:
                raise Refusal("INVALID_FIELD", f"No such column '{name.strip()}' on entity '{entity.name}'.")
            wanted.append(field)
    fields = {
        field.name: f"{url}/{field.name}" if field.kind == "blob" else values.write(record[field.name])
        for field in wanted
    }
    return {"attributes": {"type": entity.name, "url": url}, **fields}


def _file(asked: Asked, version: Record) -> Reply:
    _only(asked, "GET", "HEAD")
    blob = asked.simulator.org.blobs.get(version["Id"])
    if blob is None:
        raise not_found()
    return Reply(200, content_type="application/octetstream", large_body=blob.body())


def _by_external_id(asked: Asked, entity: Entity, field: Field, value: str) -> Reply:
    org = asked.simulator.org
    if field.name == "Id":
        found = [org.record(entity, value)] if value else []
    else:
        found = org.with_value(entity, field, value)
    if len(found) > 1:
        return Reply(300, [f"/services/data/{asked.version}/sobjects/{entity.name}/{one['Id']}" for one in found])
    if asked.method in ("PATCH", "POST"):
        return _upsert(asked, entity, field, value, found[0] if found else None)
    if not found:
        raise not_found()
    return _record(asked, entity, found[0])


def _upsert(asked: Asked, entity: Entity, field: Field, value: str, found: Record | None) -> Reply:
    """FACT: the external id stands in the address alone; an upsert takes no audit fields."""
    org, given = asked.simulator.org, asked.json_object()
    if any(name.lower() == field.name.lower() for name in given):
        message = f"The {field.name} field should not be specified in the sobject data."
        raise Refusal("INVALID_FIELD", message, [field.name])
    writer = asked.writer(may_set_audit_fields=False)
    if found is None:
        new = given if field.name == "Id" else {**given, field.name: value}
        return _created(asked, entity, org.insert(entity, new, writer, file_in(entity, given)), upserted=True)
    org.update(entity, found, given, writer)
    # FACT: an update answered 204 without a body until version 45.0, and 200 with one since 46.0.
    if int(asked.version[1:-2]) < 46:
        return Reply(204)
    return Reply(200, {"id": found["Id"], "success": True, "errors": [], "created": False})
