"""What Salesforce says against a request becomes what happens next. The error code decides, never the HTTP status."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from casebridge.connectors.salesforce.profile import Profile
from casebridge.core.errors import (
    CasebridgeError,
    DuplicateRefused,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from casebridge.transport.errors import check_status, retry_after, unanswered

TITLE = "Salesforce"
QUOTA_PAUSE_S = 3600.0
"""The quota is one of the last 24 hours: nothing is gained by asking again at once."""
BUSY_PAUSE_S = 20.0

_ID = re.compile(r"\b[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\b")


class Duplicate(DuplicateRefused):
    """Salesforce holds such a record already.

    Args:
        message: One sentence.
        code: Salesforce's error code.
        record_ids: The records that it names.
    """

    def __init__(self, message: str, *, code: str, record_ids: Sequence[str]) -> None:
        super().__init__(message, code=code)
        self.record_ids = tuple(record_ids)


class NoSuchField(NotConfigured):
    """The org has no such field, or the API user does not see it."""


@dataclass(frozen=True)
class Fault:
    """One error of an answer.

    Attributes:
        code: The error code; "" when the answer has none.
        message: What Salesforce says.
        more: The whole error.
    """

    code: str
    message: str
    more: Mapping[str, Any]


def faults_in(body: Any) -> list[Fault]:
    """The errors in an answer, in whichever of its shapes."""
    listed = body if isinstance(body, list) else [body]
    return [
        Fault(str(one.get("errorCode") or one.get("statusCode") or ""), str(one.get("message") or ""), one)
        for one in listed
        if isinstance(one, dict) and (one.get("errorCode") or one.get("statusCode"))
    ]


def check(response: requests.Response, profile: Profile, *, writes: bool) -> None:
    """Raises what an answer means that is no success.

    Raises:
        CasebridgeError: As `meaning` says, or as the status means where the answer names no code.
    """
    if response.ok and response.status_code < requests.codes.multiple_choices:
        return
    if faults := faults_in(_json(response)):
        raise meaning(faults, profile, writes=writes, pause=retry_after(response))
    if response.status_code == requests.codes.server_error:
        raise unanswered(f"{TITLE} reported an error of its own (HTTP 500)", writes=writes)
    check_status(response, TITLE, writes=writes)
    raise RefusedByTarget(f"{TITLE} refused without a reason (HTTP {response.status_code})")


def meaning(faults: Sequence[Fault], profile: Profile, *, writes: bool, pause: float | None = None) -> CasebridgeError:
    """What happens next.

    Args:
        faults: The errors of one answer; echoes of another record's error do not count.
        profile: With the codes by what they mean.
        writes: Whether the request was to change something.
        pause: The seconds that the answer asks to wait.
    """
    codes = profile.codes
    fault = next((one for one in faults if one.code not in codes.echo), faults[0])
    # What was asked for stands in the text of a refused query: numbers, names. Only of writes can it be hidden.
    text = (
        f"{TITLE} refused: {fault.message} ({fault.code})" if writes else f"{TITLE} refused the question ({fault.code})"
    )
    code = fault.code
    if code in codes.quota:
        if "concurrent" in fault.message.lower():
            return Throttled(f"{TITLE} asks for a pause: too many requests at once", retry_after=pause or BUSY_PAUSE_S)
        return Throttled(f"{TITLE}: the requests of 24 hours are used up", retry_after=pause or QUOTA_PAUSE_S)
    if code in codes.busy:
        return Unreachable(f"{TITLE} is busy ({code})", retry_after=pause)
    if code in codes.unclear:
        return unanswered(f"{TITLE} is not available ({code})", writes=writes, retry_after=pause)
    if code in codes.session:
        return NotAuthorised(f"{TITLE} does not accept the session of a new login ({code})")
    if code in codes.duplicate:
        return Duplicate(text, code=code, record_ids=list(_duplicates(fault, profile)))
    if code in codes.no_field and not writes:
        return NoSuchField(f"{TITLE} has no such field for the API user ({code}): {profile.setup.get(code, '')}")
    if hint := profile.setup.get(code):
        return NotConfigured(f"{text}: {hint}")
    if code in codes.missing and not writes:
        return NotFound(f"{TITLE} has no such record ({code})")
    return RefusedByTarget(text, code=code)


def _duplicates(fault: Fault, profile: Profile) -> Iterator[str]:
    """The ids of the records that are there: in the text of a unique field, or as the matches of a duplicate rule."""
    told = next((fault.more[name] for name in profile.duplicate_members if fault.more.get(name)), None)
    if isinstance(told, dict):
        for result in told.get("matchResults") or ():
            for match in result.get("matchRecords") or ():
                if found := (match.get("record") or {}).get("Id"):
                    yield str(found)
        return
    _, named, after = fault.message.rpartition("record with id:")
    if named and (found := _ID.search(after)):
        yield found[0]


def _json(response: requests.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None
