"""A Service Request: a row of the table complaints, read into a Record and into a Summary."""

from __future__ import annotations

from datetime import datetime

from casebridge.connectors.tascomi.fields import COMMON, RECORD
from casebridge.connectors.tascomi.profile import Profile
from casebridge.connectors.tascomi.tables import Row
from casebridge.core.case import Value
from casebridge.core.record import Record
from casebridge.core.summary import Summary, digest_of
from casebridge.core.wall_time import moment_of

SERVICE_REQUEST = "service_request"

_BOOLEANS = {"t": True, "f": False}


def read_record(row: Row, profile: Profile, url: str = "") -> Record:
    """The Record in a row. Its id is the Service Request number, which people know it by."""
    columns = {**COMMON, **{name: profile.complaints[ours] for name, ours in RECORD.items()}}
    fields: dict[str, Value] = {name: row.get(column) or "" for name, column in columns.items()}
    fields["ceased"] = _BOOLEANS.get(str(fields["ceased"]), fields["ceased"])
    return Record(kind=SERVICE_REQUEST, id=str(fields["service_request_number"]), fields=fields, url=url)


def summarise(row: Row, profile: Profile, timezone: str) -> tuple[Summary, datetime | None]:
    """The Summary of a row, and when it was changed last."""
    record = read_record(row, profile)
    status = str(record.fields["status"]).casefold()
    ceased = record.fields["ceased"] is True
    changed_at = moment_of(row.get(COMMON["last_updated"]), timezone)
    summary = Summary(
        kind=SERVICE_REQUEST,
        id=record.id,
        external_reference=str(record.fields["external_reference"]),
        closed=ceased or status in profile.closed_statuses if ceased or status else None,
        changed_at=changed_at,
        digest=digest_of(record),
    )
    return summary, changed_at
