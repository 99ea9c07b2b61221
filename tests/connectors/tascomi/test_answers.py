"""What each answer of Tascomi means: refused, tried again, or in doubt."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from casebridge.core.errors import (
    CasebridgeError,
    ClockSkew,
    InDoubtError,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from casebridge.core.record import Receipt
from tests.connectors.parts import MemoryParts
from tests.connectors.tascomi.samples import CREATE, connector, create
from tests.connectors.tascomi.test_wire import codes, rows
from tests.connectors.wire import RecordedSession, reply

NOON = datetime(2026, 7, 1, 11, 34, 30, tzinfo=UTC)
WRONG_SIGNATURE = json.dumps({"error": "Authentication failures, invalid public key or HMAC"})


def sending(*replies: requests.Response | Exception, parts: MemoryParts | None = None) -> CasebridgeError:
    """The error that ends an action whose codes were found."""
    made = connector(session=RecordedSession(*codes(), *replies))
    made.tables.clock = lambda: NOON
    with pytest.raises(CasebridgeError) as raised:
        made.send(CREATE, create(), parts or MemoryParts())
    return raised.value


@pytest.mark.behaviour("C13")
@pytest.mark.parametrize(
    ("answer", "error", "may_have_happened"),
    [
        (reply('{"id": 0}'), RefusedByTarget, False),
        (reply('{"id": "0"}'), RefusedByTarget, False),
        (reply('{"id": null}'), RefusedByTarget, False),
        (reply('{"error": "details is required"}', 400), RefusedByTarget, False),
        (reply('{"error": "details is required"}', 422), RefusedByTarget, False),
        (reply('["?"]', 400), RefusedByTarget, False),
        (reply(WRONG_SIGNATURE, 401), ClockSkew, False),
        (reply(WRONG_SIGNATURE, 403), ClockSkew, False),
        (reply(WRONG_SIGNATURE, 400), ClockSkew, False),
        (reply('{"error": "no right"}', 403), NotAuthorised, False),
        (reply("{}", 200), InDoubtError, True),
        (reply("[]", 200), InDoubtError, True),
        (reply("", 200), InDoubtError, True),
        (reply("", 202), InDoubtError, True),
        (reply('{"id": "88', 200), InDoubtError, True),
        (reply("", 500), InDoubtError, True),
        (reply("<html>gone</html>", 503), InDoubtError, True),
        (reply("<html>Sign in</html>", 200), NotConfigured, True),
        (reply("", 408), InDoubtError, True),
        (reply("", 429, Retry_After="9"), Throttled, False),
        (reply("", 404), NotConfigured, False),
        (reply("", 302, Location="/login"), NotConfigured, False),
        (requests.ConnectTimeout("-"), Unreachable, False),
        (requests.exceptions.ProxyError("-"), Unreachable, False),
        (requests.ReadTimeout("-"), InDoubtError, True),
        (requests.ConnectionError("reset"), InDoubtError, True),
        (requests.exceptions.ChunkedEncodingError("-"), InDoubtError, True),
        (requests.exceptions.InvalidURL("-"), NotConfigured, False),
    ],
)
def test_each_answer_to_a_create_means_one_thing(
    answer: Any, error: type[CasebridgeError], may_have_happened: bool
) -> None:
    raised = sending(answer)
    assert error is type(raised), raised
    assert may_have_happened == raised.may_have_happened


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (requests.ReadTimeout("-"), Unreachable),
        (reply("", 503), Unreachable),
        (reply("", 500), Unreachable),
        (reply('{"id": "1"}', 200), Unreachable),
        (reply('["?"]', 200), Unreachable),
        (reply("[{", 200), Unreachable),
        (reply(WRONG_SIGNATURE, 401), ClockSkew),
        (reply("", 403), NotAuthorised),
        (reply("", 202), NotFound),
        (reply("null", 202), NotFound),
        (reply("[]", 200), NotFound),
    ],
)
def test_a_read_is_never_in_doubt(answer: Any, error: type[CasebridgeError]) -> None:
    made = connector(session=RecordedSession(answer))
    made.tables.clock = lambda: NOON
    with pytest.raises(CasebridgeError) as raised:
        made.fetch("service_request", "7/SR")
    assert error is type(raised.value), raised.value


def test_two_service_requests_with_one_number_are_refused() -> None:
    twice = rows({"id": "1", "reference_number": "7/SR"}, {"id": "2", "reference_number": "7/SR"})
    with pytest.raises(RefusedByTarget, match="2 Service Requests"):
        connector(session=RecordedSession(twice)).fetch("service_request", "7/SR")


@pytest.mark.parametrize(
    ("row", "error"),
    [({"id": "8803", "reference_number": None}, Unreachable), ({"id": "8803"}, NotConfigured)],
)
def test_a_number_that_is_not_there_yet_is_waited_for_and_one_that_cannot_be_read_is_told(
    row: dict[str, Any], error: type[CasebridgeError]
) -> None:
    """The Service Request is confirmed by then: the next try only asks for its number."""
    parts = MemoryParts()
    assert error is type(sending(reply('{"id": "8803"}'), rows(row), parts=parts))
    assert {"service request": Receipt("8803")} == parts.confirmed


@pytest.mark.behaviour("T9")
def test_a_request_that_the_minute_overtook_is_signed_anew_once() -> None:
    session = RecordedSession(reply(WRONG_SIGNATURE, 401), rows({"id": "8803", "reference_number": "7/SR"}))
    made = connector(session=session)
    moments = [NOON.replace(second=59), NOON.replace(minute=35, second=0)]
    made.tables.clock = lambda: moments.pop(0)
    assert "7/SR" == made.fetch("service_request", "7/SR").id
    first, second = (sent.headers["X-Hash"] for sent in session.sent)
    assert first != second


@pytest.mark.behaviour("T9")
def test_a_refused_signature_is_told_with_all_that_can_be_its_cause() -> None:
    ahead = reply(WRONG_SIGNATURE, 401, Date="Wed, 01 Jul 2026 11:35:10 GMT")
    told = str(sending(ahead))
    for part in (
        "cannot connect to Tascomi",
        "Authentication failures, invalid public key or HMAC",
        "12:34 Europe/London",
        "wrong key or a wrong clock",
        "time zone",
        "its clock is 40 s ahead of ours",
    ):
        assert part in told
    assert "its clock" not in str(sending(reply(WRONG_SIGNATURE, 401, Date="Wed, 01 Jul 2026 11:34:31 GMT")))
    assert "its clock" not in str(sending(reply(WRONG_SIGNATURE, 401, Date="yesterday")))


def test_a_listing_that_changes_while_it_is_read_is_read_again() -> None:
    """A row that leaves an earlier page moves the others, and one would be passed over."""

    def page(row_id: str, total: int) -> requests.Response:
        return reply(f'[{{"id": "{row_id}"}}]', X_Number_Of_Results=str(total), X_Results_Per_Page="1")

    session = RecordedSession(page("1", 3), page("3", 2), page("2", 2), page("3", 2))
    assert ["2", "3"] == [row["id"] for row in connector(session=session).tables.rows("users")]
    moving = RecordedSession(*[page(str(number), 9 - number) for number in range(6)])
    with pytest.raises(Unreachable, match="kept changing"):
        connector(session=moving).tables.rows("users")


@pytest.mark.parametrize("last", [reply("", 202), reply('[{"id": "1"}]')])
def test_a_listing_ends_also_where_tascomi_does_not_count_its_rows(last: requests.Response) -> None:
    session = RecordedSession(reply('[{"id": "1"}]'), last)
    assert ["1"] == [row["id"] for row in connector(session=session).tables.rows("users")]


def test_the_reason_of_a_refusal_is_told_on_one_line() -> None:
    raised = sending(reply(json.dumps({"message": "not\nnow, " + "x" * 500}), 400))
    assert "not now, xxx" in str(raised)
    assert len(str(raised)) < 300
