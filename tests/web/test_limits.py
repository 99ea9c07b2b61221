"""How much and how fast: nobody can fill the memory, the log or the database of the inbox."""

from __future__ import annotations

import dataclasses
import logging
import socket
from urllib.parse import urlsplit

import pytest
import requests
from pydantic import SecretStr

from casebridge.store.inbox import Inbox
from casebridge.web import allowance, body
from casebridge.web.allowance import Allowance
from casebridge.web.app import create_app
from casebridge.web.refusal import Refusal
from casebridge.web.settings import InboxSettings
from tests.web.senders import JADU_SECRET, PERSONAL, WHITESPACE_SECRET, XML, event, poke, signed, webhook
from tests.web.serving import serving
from tests.web.wire import exchange

LIMIT = 256 * 1024


def chunked(body: bytes, size: int = 8192) -> bytes:
    """The body in chunks, as it is sent when its length is not told."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def padded(length: int) -> bytes:
    """A webhook of that many bytes."""
    body, _ = webhook()
    return body + b" " * (length - len(body))


@pytest.mark.parametrize(("length", "status"), [(LIMIT, 202), (LIMIT + 1, 413), (3 * LIMIT, 413)])
def test_the_length_of_a_body_is_limited(
    url: str, http: requests.Session, inbox: Inbox, length: int, status: int
) -> None:
    body = padded(length)
    answer = http.post(f"{url}/inbox/jadu_cxm", body, headers=signed(body))

    assert status == answer.status_code
    assert (1 if status == 202 else 0) == inbox.count_pending()


@pytest.mark.parametrize(("length", "status"), [(2000, 202), (LIMIT, 202), (LIMIT + 1, 413), (3 * LIMIT, 413)])
def test_a_length_that_is_not_told_is_limited_too(url: str, inbox: Inbox, length: int, status: int) -> None:
    """It is counted while the body comes."""
    body = padded(length)
    headers = [*signed(body).items(), ("Transfer-Encoding", "chunked")]

    assert status == exchange(url, "/inbox/jadu_cxm", headers, chunked(body))[0]
    assert (1 if status == 202 else 0) == inbox.count_pending()


def test_who_asks_first_need_not_send_what_is_too_long(url: str) -> None:
    """Not a byte of the body has left when the answer is there."""
    headers = [*signed(b"").items(), ("Content-Length", str(10**15)), ("Expect", "100-continue")]

    assert 413 == exchange(url, "/inbox/jadu_cxm", headers)[0]


def test_a_body_that_does_not_come_is_not_waited_for(url: str, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand of those would keep everybody else out."""
    monkeypatch.setattr(body, "PATIENCE_S", 0.1)
    whole, headers = webhook()
    lines = [*headers.items(), ("Content-Length", str(len(whole)))]

    assert (408, b'{"error":"the body did not come in time"}') == exchange(url, "/inbox/jadu_cxm", lines, whole[:-1])
    assert [] == inbox.latest()


def test_a_sender_that_goes_away_leaves_nothing(
    url: str, http: requests.Session, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a message is none, and no error of ours."""
    whole, headers = webhook()
    address = urlsplit(url)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as connection:
        connection.sendall(f"POST /inbox/jadu_cxm HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 9999\r\n\r\n".encode())
        connection.sendall(whole[:50])

    assert 200 == http.get(f"{url}/inbox/health").status_code
    assert [] == inbox.latest()
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "\u0663"])
def test_a_length_that_is_no_number_is_refused(url: str, inbox: Inbox, length: str) -> None:
    headers = [*signed(b"").items(), ("Content-Length", length.encode().decode("latin-1"))]

    assert 400 == exchange(url, "/inbox/jadu_cxm", headers)[0]
    assert [] == inbox.latest()


def test_a_poke_that_is_too_long_is_a_fault(url: str, http: requests.Session) -> None:
    answer = http.post(f"{url}/inbox/whitespace", poke() + b" " * LIMIT, headers=XML)

    assert 413 == answer.status_code
    assert "<faultcode>soap:Client</faultcode>" in answer.text


@pytest.mark.parametrize("path", ["/inbox/jadu_cxm", "/inbox/whitespace"])
def test_who_sends_too_much_is_told_to_wait(
    http: requests.Session, inbox: Inbox, settings: InboxSettings, path: str
) -> None:
    """Before a body is read, and for each system by itself."""
    with serving(create_app(inbox, dataclasses.replace(settings, rate=0.01, burst=2))) as url:
        answers = [http.post(url + path, b"x") for _ in range(3)]
        other = http.post(f"{url}/inbox/{'whitespace' if 'jadu' in path else 'jadu_cxm'}", b"x")

    assert [415, 415, 429] == [answer.status_code for answer in answers]
    assert "100" == answers[-1].headers["Retry-After"]
    assert 415 == other.status_code


def test_tokens_come_back_with_time() -> None:
    """Each address has a bucket of its own."""
    now = [0.0]
    bucket = Allowance(rate=2, burst=3, clock=lambda: now[0])
    for _ in range(3):
        bucket.take("jadu_cxm", "192.0.2.1")
    with pytest.raises(Refusal) as raised:
        bucket.take("jadu_cxm", "192.0.2.1")
    assert 1 == raised.value.retry_after
    bucket.take("jadu_cxm", "192.0.2.2")
    bucket.take("whitespace", "192.0.2.1")
    now[0] = 0.5
    bucket.take("jadu_cxm", "192.0.2.1")
    with pytest.raises(Refusal):
        bucket.take("jadu_cxm", "192.0.2.1")
    now[0] = 1000
    for _ in range(3):
        bucket.take("jadu_cxm", "192.0.2.1")
    with pytest.raises(Refusal):
        bucket.take("jadu_cxm", "192.0.2.1")


def test_addresses_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "MOST_CLIENTS", 5)
    bucket = Allowance(rate=1, burst=1)
    for number in range(50):
        bucket.take("jadu_cxm", f"192.0.2.{number}")
    assert 5 == len(bucket._buckets)


def test_a_refusal_is_one_line_without_what_was_sent(
    url: str, http: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    """A refused body may hold anything, and so may a path or a header."""
    caplog.set_level(logging.DEBUG)
    marked = "sensitive-7f3a\ninjected"
    body = str({"case": PERSONAL, "mark": marked}).encode()
    http.post(f"{url}/inbox/jadu_cxm", body, headers=signed(body))
    http.post(f"{url}/inbox/jadu_cxm", body, headers=signed(body, "sensitive-7f3a"))
    http.post(f"{url}/inbox/jadu_cxm", body, headers=signed(body) | {"Content-Type": "sensitive-7f3a"})
    whole = event(case={"reference": "sensitive-7f3a" * 20})
    http.post(f"{url}/inbox/jadu_cxm", webhook(whole)[0], headers=webhook(whole)[1])
    for children in ({"secret": "sensitive-7f3a"}, {"worksheetId": "", "status": PERSONAL}):
        http.post(f"{url}/inbox/whitespace", poke(**children), headers=XML)
    http.get(f"{url}/sensitive-7f3a")
    http.post(f"{url}/inbox/whitespace", f"<{PERSONAL}".encode(), headers=XML)

    lines = [record.getMessage() for record in caplog.records if record.name == "casebridge.inbox"]
    assert 8 == len(lines)
    assert f"refused: system=jadu_cxm status=401 size={len(body)} reason=the signature is missing or wrong" in lines
    for secret in ("sensitive-7f3a", PERSONAL, JADU_SECRET, WHITESPACE_SECRET, "\n"):
        assert not [line for line in lines if secret in line]


def test_secrets_are_not_printed() -> None:
    """Neither in a log nor in a traceback."""
    settings = InboxSettings(jadu_cxm_secret=SecretStr(JADU_SECRET), whitespace_secret=SecretStr(WHITESPACE_SECRET))

    assert JADU_SECRET not in repr(settings)
    assert WHITESPACE_SECRET not in str(settings)


def test_every_answer_has_the_headers(url: str, http: requests.Session) -> None:
    """Also those to what there is not, and no word about what answers."""
    body, headers = webhook()
    answers = [
        http.get(f"{url}/inbox/health"),
        http.get(f"{url}/"),
        http.get(f"{url}/inbox/jadu_cxm"),
        http.post(f"{url}/inbox/jadu_cxm", body, headers=headers),
        http.post(f"{url}/inbox/whitespace", poke(), headers=XML),
    ]

    assert [200, 404, 405, 202, 200] == [answer.status_code for answer in answers]
    for answer in answers:
        assert "nosniff" == answer.headers["X-Content-Type-Options"]
        assert "no-store" == answer.headers["Cache-Control"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers


def test_there_is_nothing_else(url: str, http: requests.Session) -> None:
    """No pages of documentation, and no other path."""
    for path in ("/", "/docs", "/redoc", "/openapi.json", "/inbox", "/inbox/", "/inbox/tascomi", "/inbox/health/"):
        answer = http.get(url + path)
        assert (404, {"error": "there is nothing here"}) == (answer.status_code, answer.json())
