"""Files: a version of a document, the document that its first version makes, and what it is linked to."""

from __future__ import annotations

import base64
import binascii
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from simulators.salesforce.blob import Blob
from simulators.salesforce.errors import Refusal

if TYPE_CHECKING:
    from simulators.salesforce.org import Org, Writer
    from simulators.salesforce.store import Record

#: FACT: what a JSON insert may carry, as base64.
MAX_BASE64 = int(37.5 * 1024 * 1024)


def decoded(value: Any) -> Blob | None:
    """The file that a base64 text holds.

    Raises:
        Refusal: It is no base64, or too long for a JSON insert.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Refusal("JSON_PARSER_ERROR", "Cannot deserialize instance of base64 from START_OBJECT value")
    if len(value) > MAX_BASE64:
        raise Refusal(
            "STRING_TOO_LONG", f"Version Data: data value too large (max length={MAX_BASE64})", ["VersionData"]
        )
    try:
        return Blob([base64.b64decode("".join(value.split()), validate=True)])
    except (binascii.Error, ValueError):
        raise Refusal("JSON_PARSER_ERROR", "VersionData: invalid base64 value") from None


def check_new_version(org: Org, record: Record, blob: Blob | None) -> None:
    """A new version has what it needs, and a title.

    Raises:
        Refusal: It has not.
    """
    missing = [name for name, there in (("VersionData", blob), ("PathOnClient", record["PathOnClient"])) if not there]
    if missing:
        raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
    if blob is not None and blob.size == 0:
        raise Refusal("INVALID_FIELD", "Version Data: the file is empty", ["VersionData"])
    if record["ContentDocumentId"] and record["FirstPublishLocationId"]:
        raise Refusal(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "You can't set FirstPublishLocationId when inserting a new version of a document",
            ["FirstPublishLocationId"],
        )
    name = PurePosixPath(record["PathOnClient"].replace("\\", "/"))
    record["Title"] = record["Title"] or name.stem or record["PathOnClient"]
    record["FileExtension"] = name.suffix[1:].lower() or None
    record["FileType"] = (record["FileExtension"] or "unknown").upper()


def add_version(org: Org, version: Record, blob: Blob, writer: Writer) -> None:
    """The version has its document (a new one, if it names none) and is linked to where it is published."""
    schema, store = org.schema, org.store
    document_type = schema.entities["ContentDocument"]
    version |= {"ContentSize": blob.size, "Checksum": blob.checksum, "IsLatest": True}
    org.blobs[version["Id"]] = blob
    about = {
        "Title": version["Title"],
        "ContentSize": blob.size,
        "FileType": version["FileType"],
        "FileExtension": version["FileExtension"],
        "LatestPublishedVersionId": version["Id"],
    }
    audit = {name: version[name] for name in ("CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate")}
    if version["ContentDocumentId"] is None:
        new = {one.name: one.default for one in document_type.fields.values()}
        key = store.next_id(document_type)
        moment = {"SystemModstamp": org.now(), "OwnerId": version["OwnerId"], "Id": key}
        store.put(document_type, new | about | audit | moment)
        version["ContentDocumentId"], number = key, 1
        _link(org, key, version["OwnerId"], "I")
        if version["FirstPublishLocationId"] not in (None, version["OwnerId"]):
            _link(org, key, version["FirstPublishLocationId"], "V")
    else:
        key = version["ContentDocumentId"]
        earlier = [
            one for one in store.all("ContentVersion") if one["ContentDocumentId"] == key and one["Id"] != version["Id"]
        ]
        for one in earlier:
            store.put(schema.entities["ContentVersion"], one | {"IsLatest": False})
        number = len(earlier) + 1
        document = store.get("ContentDocument", key)
        store.put(document_type, (document or {}) | about | {"LastModifiedDate": org.now()})
    version["VersionNumber"] = str(number)
    version["FirstPublishLocationId"] = version["FirstPublishLocationId"] or version["OwnerId"]
    store.put(schema.entities["ContentVersion"], version)


def _link(org: Org, document: str, entity: str, share: str) -> None:
    link_type = org.schema.entities["ContentDocumentLink"]
    new = {one.name: one.default for one in link_type.fields.values()}
    about = {
        "Id": org.store.next_id(link_type),
        "ContentDocumentId": document,
        "LinkedEntityId": entity,
        "ShareType": share,
    }
    org.store.put(link_type, new | about | {"SystemModstamp": org.now()})


def check_new_link(org: Org, link: Record) -> None:
    """A document is linked to a record once.

    Raises:
        Refusal: It is already.
    """
    same = [
        one
        for one in org.store.all("ContentDocumentLink")
        if (one["ContentDocumentId"], one["LinkedEntityId"]) == (link["ContentDocumentId"], link["LinkedEntityId"])
    ]
    if len(same) > 1:
        raise Refusal(
            "DUPLICATE_VALUE",
            f"duplicate value found: ContentDocumentLink duplicates value on record with id: {same[0]['Id'][:15]}",
        )
