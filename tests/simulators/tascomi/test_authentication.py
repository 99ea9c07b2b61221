"""The signature of each request, to the minute, in local wall-clock time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import requests

from simulators.tascomi.signature import is_signed, signature
from tests.simulators.tascomi.client import MINUTE, PUBLIC, Tascomi, sign

MESSAGE = "Authentication failures, invalid public key or HMAC"
LONDON = ZoneInfo("Europe/London")
SUMMER = "OGYxNTM0NTlmMjU0YzM4ZTJkN2IxOTEyMzg0NDEzMzhmZTkxZjIwOTI2NzA5NWNmZGFkMjkyNGE0NjY5NzMzOQ=="
WINTER = "YmIyNDQ1ZmNiMjI5N2MwNDhlZjZlZGI0ZDA0YzEzYmE3ODlhOGE1MWMyMjVhZTk4YjY3OWUxNTU5OGNhOTk4Mw=="
VECTORS = [
    ("2026-07-01T11:34:00Z", SUMMER),
    ("2026-07-01T11:34:59Z", SUMMER),
    ("2026-01-05T09:07:00Z", WINTER),
]
RAW_BYTES = "jxU0WfJUw44texkSOEQTOP6R8gkmcJXP2tKSSkZpczk="


def status(tascomi: Tascomi, headers: dict[str, str]) -> int:
    return tascomi.send("GET", "titles", headers=headers).status_code


@pytest.mark.parametrize(("moment", "expected"), VECTORS)
def test_the_published_vectors_are_what_the_simulator_computes_and_accepts(
    tascomi: Tascomi, moment: str, expected: str
) -> None:
    """They were made by a production client under a frozen clock."""
    now = datetime.fromisoformat(moment)
    assert expected == signature("pub", "priv", now.astimezone(LONDON))
    assert is_signed(expected, "pub", "priv", now=now, zone=LONDON, tolerance_min=0)
    tascomi.set("credentials", public_key="pub", private_key="priv")
    tascomi.set("clock", now=moment)
    assert status(tascomi, {"X-Public": "pub", "X-Hash": expected}) == 200


@pytest.mark.parametrize("moment", ["2026-07-01T11:33:59.999Z", "2026-07-01T11:35:00Z", "2026-07-01T12:34:00Z"])
def test_a_signature_is_good_for_its_minute_only(tascomi: Tascomi, moment: str) -> None:
    tascomi.set("credentials", public_key="pub", private_key="priv")
    tascomi.set("clock", now=moment)
    assert status(tascomi, {"X-Public": "pub", "X-Hash": SUMMER}) == 401


@pytest.mark.parametrize(
    ("what", "headers"),
    [
        ("nothing", {}),
        ("no hash", {"X-Public": PUBLIC}),
        ("no key", {"X-Hash": sign()["X-Hash"]}),
        ("an empty hash", {"X-Public": PUBLIC, "X-Hash": ""}),
        ("an unknown key", sign(public="somebody")),
        ("another key's hash", {**sign(public="somebody"), "X-Public": PUBLIC}),
        ("a wrong private key", sign(private="wrong")),
        ("the UTC minute in summer", sign("202607011134")),
        ("an hour too late", sign("202607011334")),
        ("no base64", {"X-Public": PUBLIC, "X-Hash": base64.b64decode(sign()["X-Hash"]).decode()}),
        ("upper-case hex", {"X-Public": PUBLIC, "X-Hash": base64.b64encode(b"A" * 64).decode()}),
        ("a hash with a blank", {"X-Public": PUBLIC, "X-Hash": sign()["X-Hash"] + " x"}),
    ],
)
def test_any_other_signature_is_refused_with_the_vendors_words(
    tascomi: Tascomi, what: str, headers: dict[str, str]
) -> None:
    before = tascomi.look("records")
    for method, path in (("GET", "titles"), ("PUT", "contacts"), ("POST", "contacts/5001"), ("DELETE", "contacts/1")):
        answer = tascomi.send(method, path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": MESSAGE}), what
    assert tascomi.look("records") == before


def test_the_raw_bytes_of_the_mac_in_base64_are_refused(tascomi: Tascomi) -> None:
    """The mistake that the published negative vector is for: base64 is over the hex text."""
    token = hashlib.sha256(f"pub{MINUTE}".encode()).hexdigest()
    assert base64.b64encode(hmac.digest(b"priv", token.encode(), "sha256")).decode() == RAW_BYTES
    tascomi.set("credentials", public_key="pub", private_key="priv")
    assert status(tascomi, {"X-Public": "pub", "X-Hash": RAW_BYTES}) == 401


def test_only_the_keys_and_the_minute_are_signed(tascomi: Tascomi) -> None:
    """Any request of one minute carries the same hash, with whatever other headers clients send."""
    headers = {**sign(), "X-Debug": "True", "content-type": "application/json"}
    assert tascomi.send("GET", "titles", headers=headers).status_code == 200
    assert tascomi.send("GET", "users?id=7", headers=headers).status_code == 200
    assert tascomi.send("PUT", "contacts?surname=X", headers=headers).status_code == 200


def test_the_clocks_skew_moves_the_minute(tascomi: Tascomi) -> None:
    """A client whose clock is right meets a refusal near the minute mark, and none a moment later."""
    tascomi.set("clock", now="2026-07-01T11:33:30Z", skew_s=40)
    assert status(tascomi, sign("202607011233")) == 401
    assert status(tascomi, sign("202607011234")) == 200
    tascomi.set("clock", skew_s=0)
    assert status(tascomi, sign("202607011233")) == 200


def test_without_a_frozen_clock_the_real_minute_is_signed(tascomi: Tascomi) -> None:
    tascomi.set("clock", now=None)
    # The minute may end between signing and sending: one of two in a row is in time.
    seen = {status(tascomi, sign(f"{datetime.now(UTC).astimezone(LONDON):%Y%m%d%H%M}")) for _ in range(2)}
    assert 200 in seen


@pytest.mark.parametrize(
    ("moment", "minute"),
    [
        ("2026-10-25T00:59:59Z", "202610250159"),
        ("2026-10-25T01:00:00Z", "202610250100"),
        ("2026-03-29T00:59:59Z", "202603290059"),
        ("2026-03-29T01:00:00Z", "202603290200"),
    ],
)
def test_the_minute_is_wall_time_when_the_clocks_change(tascomi: Tascomi, moment: str, minute: str) -> None:
    """A production client broke in November because it had added an hour."""
    tascomi.set("clock", now=moment)
    assert status(tascomi, sign(minute)) == 200


def test_the_zone_can_be_another(tascomi: Tascomi) -> None:
    tascomi.set("settings", time_zone="Europe/Paris")
    assert status(tascomi, sign("202607011234")) == 401
    assert status(tascomi, sign("202607011334")) == 200


def test_a_server_may_take_the_minutes_around(tascomi: Tascomi) -> None:
    """That it is the exact minute is inferred."""
    tascomi.set("settings", tolerance_min=1)
    minutes = ("202607011232", "202607011233", "202607011234", "202607011235", "202607011236")
    assert [401, 200, 200, 200, 401] == [status(tascomi, sign(minute)) for minute in minutes]


def test_the_keys_may_be_changed(tascomi: Tascomi) -> None:
    tascomi.set("credentials", private_key="another")
    assert status(tascomi, sign()) == 401
    assert status(tascomi, sign(private="another")) == 200


def test_the_documentation_needs_no_key_and_names_every_column(tascomi: Tascomi) -> None:
    page = requests.get(f"{tascomi.url}/rest/v1/documentation.html", timeout=20)
    assert page.status_code == 200
    records = tascomi.look("records")
    assert len(records) == 11
    for table, rows in records.items():
        section = page.text.partition(f'<h2 id="{table}">')[2].partition("</table>")[0]
        assert [name for name in rows[0] if f"<td>{name}</td>" not in section] == []
    assert "timestamp without time zone" in page.text
    assert requests.post(f"{tascomi.url}/rest/v1/documentation.html", timeout=20).status_code == 405


@pytest.mark.parametrize("path", ["", "rest", "rest/contacts", "v1/contacts", "rest/v2/contacts"])
def test_what_is_not_under_the_versions_path_is_not_there(tascomi: Tascomi, path: str) -> None:
    answer = requests.get(f"{tascomi.url}/{path}", headers=sign(), timeout=20)
    assert (answer.status_code, "html" in answer.headers["Content-Type"]) == (404, True)
