"""The signature of a request and the minute in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebridge.connectors.tascomi.signature import minute_of, signed_headers
from tests.reliability.conftest import FULL

LONDON = "Europe/London"
YEAR = 2026
MINUTES = 365 * 24 * 60
CLOCK_CHANGES = (datetime(YEAR, 3, 29, 1, tzinfo=UTC), datetime(YEAR, 10, 25, 1, tzinfo=UTC))


def independent(moment: datetime, zone: str) -> str:
    """The minute by another library, with rules of its own."""
    return pendulum.from_timestamp(moment.timestamp(), tz="UTC").in_timezone(zone).format("YYYYMMDDHHmm")


@pytest.mark.behaviour("T9")
@pytest.mark.parametrize(
    ("moment", "minute", "signature"),
    [
        (
            "2026-07-01T11:34:00+00:00",
            "202607011234",
            "OGYxNTM0NTlmMjU0YzM4ZTJkN2IxOTEyMzg0NDEzMzhmZTkxZjIwOTI2NzA5NWNmZGFkMjkyNGE0NjY5NzMzOQ==",
        ),
        (
            "2026-07-01T11:34:59+00:00",
            "202607011234",
            "OGYxNTM0NTlmMjU0YzM4ZTJkN2IxOTEyMzg0NDEzMzhmZTkxZjIwOTI2NzA5NWNmZGFkMjkyNGE0NjY5NzMzOQ==",
        ),
        (
            "2026-01-05T09:07:00+00:00",
            "202601050907",
            "YmIyNDQ1ZmNiMjI5N2MwNDhlZjZlZGI0ZDA0YzEzYmE3ODlhOGE1MWMyMjVhZTk4YjY3OWUxNTU5OGNhOTk4Mw==",
        ),
    ],
)
def test_the_signature_is_that_of_public_clients(moment: str, minute: str, signature: str) -> None:
    signed = minute_of(datetime.fromisoformat(moment), LONDON)
    assert minute == signed
    assert {"X-Public": "pub", "X-Hash": signature} == signed_headers("pub", "priv", signed)


@pytest.mark.parametrize("wrong", ["jxU0WfJUw44texkSOEQTOP6R8gkmcJXP2tKSSkZpczk="])
def test_the_signature_is_not_made_of_raw_bytes(wrong: str) -> None:
    assert wrong != signed_headers("pub", "priv", "202607011234")["X-Hash"]


@given(st.integers(0, MINUTES - 1), st.sampled_from([LONDON, "Europe/Dublin", "Australia/Lord_Howe", "UTC"]))
def test_the_minute_of_any_moment_of_a_year_agrees_with_an_independent_computation(number: int, zone: str) -> None:
    moment = datetime(YEAR, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    assert independent(moment, zone) == minute_of(moment, zone)


@pytest.mark.parametrize("change", CLOCK_CHANGES)
def test_every_minute_around_a_clock_change_agrees(change: datetime) -> None:
    for number in range(-180, 180):
        moment = change + timedelta(minutes=number)
        assert independent(moment, LONDON) == minute_of(moment, LONDON)


@pytest.mark.proof
def test_every_minute_of_a_whole_year_agrees() -> None:
    """All 525,600 of them when everything is repeated, else each 97th, which meets every hour and minute."""
    start = datetime(YEAR, 1, 1, tzinfo=UTC)
    for number in range(0, MINUTES, 1 if FULL else 97):
        moment = start + timedelta(minutes=number)
        assert independent(moment, LONDON) == minute_of(moment, LONDON)
