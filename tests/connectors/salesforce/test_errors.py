"""Salesforce's error codes, each with what happens next; the HTTP status tells nothing."""

from __future__ import annotations

import pytest
import requests

from casebridge.connectors.salesforce.errors import Duplicate, NoSuchField, check, faults_in
from casebridge.connectors.salesforce.profile import read_profile
from casebridge.core.errors import (
    CasebridgeError,
    InDoubtError,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from tests.connectors.salesforce.samples import answered, refused
from tests.connectors.wire import reply

PROFILE = read_profile({})

WRITES: list[tuple[str, type[CasebridgeError]]] = [
    ("UNABLE_TO_LOCK_ROW", Unreachable),
    ("API_TEMPORARILY_UNAVAILABLE", Unreachable),
    ("SERVER_UNAVAILABLE", InDoubtError),
    ("REQUEST_RUNNING_TOO_LONG", InDoubtError),
    ("UNKNOWN_EXCEPTION", InDoubtError),
    ("REQUEST_LIMIT_EXCEEDED", Throttled),
    ("INVALID_SESSION_ID", NotAuthorised),
    ("DUPLICATE_VALUE", Duplicate),
    ("DUPLICATES_DETECTED", Duplicate),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", NotConfigured),
    ("INACTIVE_OWNER_OR_USER", NotConfigured),
    ("INSUFFICIENT_ACCESS_OR_READONLY", NotConfigured),
    ("INVALID_FIELD", NotConfigured),
    ("REQUIRED_FIELD_MISSING", RefusedByTarget),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", RefusedByTarget),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", RefusedByTarget),
    ("STORAGE_LIMIT_EXCEEDED", RefusedByTarget),
    ("SOMETHING_NEW", RefusedByTarget),
]


def raised(answer: requests.Response, *, writes: bool = True) -> CasebridgeError:
    with pytest.raises(CasebridgeError) as caught:
        check(answer, PROFILE, writes=writes)
    return caught.value


@pytest.mark.parametrize("status", [400, 403, 500, 503])
@pytest.mark.parametrize(("code", "error"), WRITES)
def test_the_code_decides_whatever_the_status(code: str, error: type[CasebridgeError], status: int) -> None:
    assert error is type(raised(refused(code, status=status)))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("NOT_FOUND", NotFound),
        ("INVALID_FIELD", NoSuchField),
        ("UNKNOWN_EXCEPTION", Unreachable),
        ("MALFORMED_QUERY", RefusedByTarget),
    ],
)
def test_a_question_is_never_in_doubt(code: str, error: type[CasebridgeError]) -> None:
    assert error is type(raised(refused(code), writes=False))


def test_what_was_asked_for_is_not_repeated_in_a_reason() -> None:
    """The text of a refused query holds the query, and that the number."""
    assert "+39333" not in str(raised(refused("MALFORMED_QUERY", "WHERE Phone = '+39333'"), writes=False))


@pytest.mark.behaviour("V11")
def test_a_missing_permission_is_told_as_the_step_of_the_set_up() -> None:
    error = raised(refused("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: CreatedDate"))

    assert "Set Audit Fields upon Record Creation" in str(error)
    assert "permission set" in str(error)


def test_the_echoes_of_a_failed_record_are_not_its_reason() -> None:
    faults = [
        {"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back"},
        {"errorCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing"},
    ]
    error = raised(answered(faults, 400))

    assert isinstance(error, RefusedByTarget)
    assert "REQUIRED_FIELD_MISSING" == error.code


def test_the_record_that_is_there_already_is_named() -> None:
    error = raised(
        refused("DUPLICATE_VALUE", "duplicate value found: X__c duplicates value on record with id: 5005g0000000002AAA")
    )
    assert isinstance(error, Duplicate)
    assert ("5005g0000000002AAA",) == error.record_ids


@pytest.mark.parametrize("member", ["duplicateResut", "duplicateResult"])
def test_the_matches_of_a_duplicate_rule_are_read_in_both_spellings(member: str) -> None:
    matches = {"matchResults": [{"matchRecords": [{"record": {"Id": "003A"}}, {"record": {"Id": "003B"}}]}]}
    error = raised(refused("DUPLICATES_DETECTED", **{member: matches}))
    assert isinstance(error, Duplicate)
    assert ("003A", "003B") == error.record_ids


def test_too_many_at_once_is_a_short_pause_and_a_used_up_day_a_long_one() -> None:
    short = raised(refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded", 403))
    long = raised(refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded", 403))

    assert isinstance(short, Throttled)
    assert isinstance(long, Throttled)
    assert (short.retry_after or 0) < 60 < (long.retry_after or 0)


def test_errors_are_read_in_each_of_their_shapes() -> None:
    """A list with errorCode, and a collection's statusCode."""
    assert ["A", "B"] == [fault.code for fault in faults_in([{"errorCode": "A"}, {"statusCode": "B"}, "x"])]
    assert [] == faults_in("an html page")
    assert isinstance(raised(reply("<html>", 503)), InDoubtError)
