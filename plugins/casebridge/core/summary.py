"""A record of a target as a listing shows it: enough to compare, and no value of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from casebridge.core.record import Record


@dataclass(frozen=True)
class Summary:
    """A record of a target as a listing shows it. Its text form shows no reference.

    Attributes:
        kind: The kind of record, as the manifest names it (`worksheet`).
        id: The target's id.
        external_reference: Our own reference on the record, "" when it carries none.
        closed: Whether the target is done with it; None when the listing does not say.
        changed_at: When the target says it was changed last, with offset; None when it does not say.
        digest: Digest of the values that incoming templates could read, as `digest_of` makes it; "" when the listing
            does not show them.
    """

    kind: str
    id: str
    external_reference: str = field(default="", repr=False)
    closed: bool | None = None
    changed_at: datetime | None = None
    digest: str = ""


def digest_of(record: Record) -> str:
    """SHA-256 of a record's values, in hex: two equal digests mean that an incoming template would read the same."""
    values = {"fields": dict(record.fields), "keyed": {name: dict(rows) for name, rows in record.keyed.items()}}
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
