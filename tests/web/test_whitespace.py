"""The WorksheetPoke: answered as the receivers in use answer it, and only a hint."""

from __future__ import annotations

from datetime import datetime

import pytest
import requests
from lxml import etree

from casebridge.core.arrival import ArrivalKind
from casebridge.store.inbox import Inbox
from casebridge.web.app import create_app
from casebridge.web.senders import whitespace
from casebridge.web.settings import InboxSettings
from simulators.whitespace.poke import Poke
from tests.web.senders import WHITESPACE_SECRET, XML, poke
from tests.web.serving import serving

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


def post(url: str, http: requests.Session, body: bytes, headers: dict[str, str] = XML) -> requests.Response:
    """Send a poke."""
    return http.post(f"{url}/inbox/whitespace", body, headers=headers)


def fault(answer: requests.Response) -> tuple[str, str]:
    """Code and text of a SOAP fault."""
    assert answer.headers["Content-Type"].startswith("text/xml")
    found = etree.fromstring(answer.content).find(f"{SOAP}Body/{SOAP}Fault")
    assert found is not None
    return str(found.findtext("faultcode")).partition(":")[2], str(found.findtext("faultstring"))


def test_a_poke_is_stored_and_answered_with_a_word(url: str, http: requests.Session, inbox: Inbox) -> None:
    answer = post(url, http, poke())

    assert (200, "OK") == (answer.status_code, answer.text)
    assert "xml" not in answer.headers["Content-Type"]
    [entry] = inbox.latest()
    assert ("whitespace", ArrivalKind.RECORD_UPDATE) == (entry.arrival.system, entry.arrival.kind)
    assert ("242259", "worksheet_updated") == (entry.arrival.subject, entry.arrival.event)
    assert {"reference": "CASE-1001"} == entry.arrival.details


def test_the_simulators_poke_is_taken(url: str, http: requests.Session, inbox: Inbox) -> None:
    message = Poke(WHITESPACE_SECRET, 7, "CASE-7", "Complete", datetime(2026, 7, 4, 11, 34)).message()  # noqa: DTZ001

    assert "OK" == post(url, http, message).text
    assert "7" == inbox.latest()[0].arrival.subject


@pytest.mark.parametrize(
    "body",
    [
        poke(prefix="web:"),
        poke().replace(b"https://www.jadu.net/hubis/webservices", b"urn:another"),
        poke().replace(b"soapenv:", b"").replace(b"xmlns:soapenv", b"xmlns"),
        poke().replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"),
        b"\xef\xbb\xbf" + poke(),
        poke().decode().replace("utf-8", "utf-16").encode("utf-16"),
        poke().replace(b"<secret>", b"<!-- a remark --><?a remark?><secret>"),
        poke(worksheetId=" 242259\n"),
    ],
    ids=["qualified", "namespace", "default", "soap12", "mark", "utf16", "remarks", "blanks"],
)
def test_names_count_and_namespaces_do_not(url: str, http: requests.Session, inbox: Inbox, body: bytes) -> None:
    assert "OK" == post(url, http, body).text
    assert "242259" == inbox.latest()[0].arrival.subject


def test_a_repeated_poke_is_stored_once(url: str, http: requests.Session, inbox: Inbox) -> None:
    for _ in range(3):
        assert "OK" == post(url, http, poke()).text
    assert 1 == inbox.count_pending()


@pytest.mark.parametrize(
    "other", [{"worksheetId": "2"}, {"status": "Overdue"}, {"completedDate": "2026-07-04T11:35:00"}]
)
def test_another_poke_is_another_entry(url: str, http: requests.Session, inbox: Inbox, other: dict[str, str]) -> None:
    post(url, http, poke())
    post(url, http, poke(**other))
    assert 2 == inbox.count_pending()


def test_the_status_is_not_kept(url: str, http: requests.Session, inbox: Inbox) -> None:
    """It is free text, and the worksheet is read again anyway; without one it is fine too."""
    assert "OK" == post(url, http, poke(status="Mr Smith was not in")).text
    assert "OK" == post(url, http, poke(status=None)).text
    assert "Smith" not in str(inbox.latest())


@pytest.mark.parametrize("secret", ["wrong", "", None, WHITESPACE_SECRET + " ", WHITESPACE_SECRET[:-1], "\u20ac"])
def test_a_wrong_secret_is_refused(url: str, http: requests.Session, inbox: Inbox, secret: str | None) -> None:
    """Before anything else is looked at: a stranger learns nothing about what is missing."""
    answer = post(url, http, poke(secret=secret, worksheetId=""))

    assert 401 == answer.status_code
    assert ("Client", "the secret is missing or wrong") == fault(answer)
    assert [] == inbox.latest()


def test_the_secret_is_compared_in_constant_time(
    url: str, http: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(whitespace.hmac, "compare_digest", lambda one, two: not compared.append((one, two)))

    assert 200 == post(url, http, poke(secret="guess")).status_code
    assert [(WHITESPACE_SECRET.encode(), b"guess")] == compared


@pytest.mark.parametrize("name", ["worksheetId", "worksheetReference", "completedDate"])
@pytest.mark.parametrize("text", ["", "  ", None])
def test_what_is_empty_is_refused(url: str, http: requests.Session, name: str, text: str | None) -> None:
    answer = post(url, http, poke(**{name: text}))

    assert 400 == answer.status_code
    assert ("Client", f"Bad request: {name} is missing") == fault(answer)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no body"),
        (b"not xml", "the body is not XML"),
        (poke()[:-20], "the body is not XML"),
        (b"\xff\xfe\xfd", "the body is neither UTF-8 nor UTF-16"),
        (poke() + b"\x00", "the body is not XML"),
        (b"<a/>", "there is no WorksheetPoke in a SOAP body"),
        (poke().replace(b"WorksheetPoke", b"WorksheetJab"), "there is no WorksheetPoke in a SOAP body"),
        (poke(worksheetId="1</worksheetId><worksheetId>2"), "a child of the WorksheetPoke stands there twice"),
        (poke(worksheetId="1" * 201), "worksheetId is too long or holds control characters"),
        (poke(worksheetReference="a&#10;b"), "worksheetReference is too long or holds control characters"),
        (b"<a>" * 10_000 + b"</a>" * 10_000, "the body is not XML"),
    ],
)
def test_what_makes_no_sense_is_refused(
    url: str, http: requests.Session, inbox: Inbox, body: bytes, reason: str
) -> None:
    answer = post(url, http, body)

    assert 400 == answer.status_code
    assert ("Client", f"Bad request: {reason}") == fault(answer)
    assert [] == inbox.latest()


LAUGHS = b'<!DOCTYPE lolz [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
)
ENTITIES = {
    "laughs": poke(worksheetId="&j;").replace(b"<soapenv:Env", LAUGHS + b"]><soapenv:Env", 1),
    "file": poke(worksheetId="&x;").replace(
        b"<soapenv:Env", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><soapenv:Env', 1
    ),
    "network": poke().replace(b"<soapenv:Env", b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><soapenv:Env', 1),
    "parameter": poke().replace(
        b"<soapenv:Env", b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]><soapenv:Env', 1
    ),
    "plain": poke().replace(b"<soapenv:Env", b"<!DOCTYPE a><soapenv:Env", 1),
}
ENTITIES["utf16"] = ENTITIES["file"].decode().replace("utf-8", "utf-16").encode("utf-16")


@pytest.mark.parametrize("body", ENTITIES.values(), ids=list(ENTITIES))
def test_a_document_type_is_refused(url: str, http: requests.Session, inbox: Inbox, body: bytes) -> None:
    """With it a message could make the parser build more than was sent, or read what it was not sent."""
    answer = post(url, http, body)

    assert 400 == answer.status_code
    assert ("Client", "Bad request: a document type is not allowed") == fault(answer)
    assert [] == inbox.latest()


@pytest.mark.parametrize("encoding", ["utf-7", "ebcdic-cp-us", "utf-16le"])
def test_a_document_type_cannot_hide_in_an_encoding(url: str, http: requests.Session, encoding: str) -> None:
    """What the message says about its encoding is not believed."""
    codec = {"ebcdic-cp-us": "cp037"}.get(encoding, encoding)
    body = ENTITIES["file"].decode().replace("utf-8", encoding).encode(codec)

    assert 400 == post(url, http, body).status_code


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml", "application/soap+xml; action=x", "TEXT/XML"])
def test_every_type_of_xml_is_taken(url: str, http: requests.Session, content_type: str) -> None:
    assert 200 == post(url, http, poke(), {"Content-Type": content_type}).status_code


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", None])
def test_another_content_type_is_refused(url: str, http: requests.Session, content_type: str | None) -> None:
    answer = post(url, http, poke(), {"Content-Type": content_type})  # type: ignore[dict-item]

    assert 415 == answer.status_code
    assert "Client" == fault(answer)[0]


def test_only_post_is_taken(url: str, http: requests.Session) -> None:
    for method in ("GET", "PUT", "DELETE", "HEAD", "PATCH"):
        answer = http.request(method, f"{url}/inbox/whitespace")
        assert (405, "POST") == (answer.status_code, answer.headers["Allow"])


def test_without_a_secret_nothing_is_taken(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    """Not even what knows that there is none."""
    with serving(create_app(inbox, InboxSettings(jadu_cxm_secret=settings.jadu_cxm_secret))) as url:
        for secret in ("", None, "guess"):
            answer = http.post(f"{url}/inbox/whitespace", data=poke(secret=secret), headers=XML)
            assert 500 == answer.status_code
            assert "<faultcode>soap:Server</faultcode>" in answer.text
    assert [] == inbox.latest()
