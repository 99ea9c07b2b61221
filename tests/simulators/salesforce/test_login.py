"""Logging in: every flow with what it refuses, and the life of a session."""

from __future__ import annotations

import base64
import time

import jwt
import pytest
import requests
from lxml import etree

from tests.simulators.salesforce.client import Salesforce, code

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PARTNER = "urn:partner.soap.sforce.com"
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def error(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def assertion(sf: Salesforce, key: str | None = None, **claims: object) -> str:
    known = sf.get("credentials")
    own: dict[str, object] = {
        "iss": known["consumer_key"],
        "sub": known["username"],
        "aud": "https://login.salesforce.com",
        "exp": str(int(time.time()) + 180),
    }
    return jwt.encode(own | claims, key or known["jwt_private_key"], "RS256")


def soap(sf: Salesforce, inner: str, header: str = "", version: str = "64.0") -> tuple[int, etree._Element]:
    body = (
        f'<e:Envelope xmlns:e="{SOAP}"><e:Header>{header}</e:Header>'
        f'<e:Body xmlns="{PARTNER}">{inner}</e:Body></e:Envelope>'
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": "login"}
    answer = requests.post(f"{sf.url}/services/Soap/u/{version}", body.encode(), headers=headers, timeout=20)
    return answer.status_code, etree.fromstring(answer.content)


def login(user: str = "witiop.api@example.org", password: str = "demo-passworddemo-security-token") -> str:
    return f"<login><username>{user}</username><password>{password}</password></login>"


def text(root: etree._Element, name: str) -> str | None:
    return root.findtext(f".//{{*}}{name}")


def test_the_password_flow_gives_a_session_and_its_instance(sf: Salesforce) -> None:
    answer = sf.grant(**sf.password_form()).json()
    assert {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"} == set(answer)
    assert (sf.url, "Bearer") == (answer["instance_url"], answer["token_type"])


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"password": "demo-password"}, "invalid_grant"),
        ({"username": "agent.demo@example.com.acme"}, "invalid_grant"),
        ({"client_id": "x"}, "invalid_client_id"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "refresh"}, "unsupported_grant_type"),
        ({"username": ""}, "invalid_request"),
    ],
)
def test_the_password_flow_refuses(sf: Salesforce, changes: dict[str, str], seen: str) -> None:
    assert (400, seen) == error(sf.grant(**{**sf.password_form(), **changes}))


def test_a_blocked_password_flow_looks_like_a_wrong_password(sf: Salesforce) -> None:
    sf.set("settings", password_flow=False)
    assert (400, "invalid_grant") == error(sf.grant(**sf.password_form()))


def test_client_credentials_come_by_basic_or_in_the_form(sf: Salesforce) -> None:
    pair = base64.b64encode(b"demo-consumer-key:demo-consumer-secret").decode()
    address = f"{sf.url}/services/oauth2/token"
    form = {"grant_type": "client_credentials"}
    by_basic = requests.post(address, form, headers={"Authorization": f"Basic {pair}"}, timeout=20)
    in_form = sf.grant(**form, client_id="demo-consumer-key", client_secret="demo-consumer-secret")
    assert [200, 200] == [by_basic.status_code, in_form.status_code]
    assert (400, "invalid_client_id") == error(sf.grant(**form))


def test_a_jwt_signed_with_the_known_key_is_a_log_in(sf: Salesforce) -> None:
    answer = sf.grant(grant_type=BEARER, assertion=assertion(sf))
    assert 200 == answer.status_code
    sf.token = answer.json()["access_token"]
    assert 200 == sf.send("GET", "limits").status_code


def test_a_jwt_is_refused_for_each_thing_that_is_wrong(sf: Salesforce) -> None:
    from simulators.salesforce.demo_key import key_pair

    wrong = {
        "key": assertion(sf, key_pair()["jwt_private_key"]),
        "issuer": assertion(sf, iss="x"),
        "user": assertion(sf, sub="nobody@example.org"),
        "audience": assertion(sf, aud="https://example.org"),
        "expired": assertion(sf, exp=int(time.time()) - 3600),
        "no expiry": assertion(sf, exp="soon"),
        "no token": "abc",
    }
    seen = {name: error(sf.grant(grant_type=BEARER, assertion=one)) for name, one in wrong.items()}
    expected = dict.fromkeys(wrong, (400, "invalid_grant")) | {"issuer": (400, "invalid_client_id")}
    assert expected == seen


def test_soap_login_gives_session_server_and_user(sf: Salesforce) -> None:
    status, root = soap(sf, login())
    assert (200, "false") == (status, text(root, "passwordExpired"))
    assert f"{sf.url}/services/Soap/u/64.0/" in (text(root, "serverUrl") or "")
    sf.token = text(root, "sessionId") or ""
    assert 200 == sf.send("GET", "limits").status_code
    header = f'<SessionHeader xmlns="{PARTNER}"><sessionId>{sf.token}</sessionId></SessionHeader>'
    status, info = soap(sf, "<getUserInfo/>", header)
    assert (200, "witiop.api@example.org") == (status, text(info, "userName"))
    assert 200 == soap(sf, "<logout/>", header)[0]
    assert (401, "INVALID_SESSION_ID") == code(sf.send("GET", "limits"))


@pytest.mark.parametrize(
    ("inner", "version", "seen"),
    [
        (login(password="demo-password"), "59.0", "INVALID_LOGIN"),
        (login(), "65.0", "INVALID_OPERATION"),
        (login(), "30.0", "UNSUPPORTED_API_VERSION"),
        ("<query/>", "59.0", "INVALID_OPERATION"),
        ("<getUserInfo/>", "59.0", "INVALID_SESSION_ID"),
        ("", "59.0", "INVALID_OPERATION"),
    ],
)
def test_soap_refuses_by_a_fault(sf: Salesforce, inner: str, version: str, seen: str) -> None:
    status, root = soap(sf, inner, version=version)
    assert (500, seen) == (status, text(root, "exceptionCode"))
    assert (root.findtext(".//faultstring") or "").startswith(f"{seen}: ")


def test_soap_login_can_be_switched_off(sf: Salesforce) -> None:
    sf.set("settings", soap_login=False)
    assert "INVALID_OPERATION" == text(soap(sf, login())[1], "exceptionCode")


def test_a_session_ends_by_time_by_revocation_and_while_all_are_refused(sf: Salesforce) -> None:
    sf.set("clock", now="2026-07-01T10:00:00Z")
    sf.log_in()
    sf.set("clock", now="2026-07-01T11:59:00Z")
    assert 200 == sf.send("GET", "limits").status_code
    sf.set("clock", now="2026-07-01T13:59:01Z")
    assert (401, "INVALID_SESSION_ID") == code(sf.send("GET", "limits"))
    sf.log_in()
    assert {"revoked": 3} == sf.set("salesforce/revoke")
    assert (401, "INVALID_SESSION_ID") == code(sf.send("GET", "limits"))
    sf.set("settings", refuse_sessions=True)
    sf.log_in()
    assert (401, "INVALID_SESSION_ID") == code(sf.send("GET", "limits"))


def test_who_is_logged_in(sf: Salesforce) -> None:
    headers = {"Authorization": f"Bearer {sf.token}"}
    seen = requests.get(f"{sf.url}/services/oauth2/userinfo", headers=headers, timeout=20).json()
    assert "witiop.api@example.org" == seen["preferred_username"]
    assert 403 == requests.get(f"{sf.url}/services/oauth2/userinfo", timeout=20).status_code


def test_credentials_can_be_changed(sf: Salesforce) -> None:
    sf.set("credentials", password="other")
    assert "other" + "demo-security-token" == sf.password_form()["password"]
    assert 200 == sf.grant(**sf.password_form()).status_code
    assert (400, "invalid_grant") == error(
        sf.grant(**{**sf.password_form(), "password": "demo-passworddemo-security-token"})
    )


def test_no_secret_of_a_session_is_shown(sf: Salesforce) -> None:
    assert sf.token not in str(sf.get("records"))
