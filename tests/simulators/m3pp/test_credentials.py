"""HTTP Basic or a WS-Security UsernameToken lets a caller in, whichever the council has set."""

from __future__ import annotations

import pytest

from tests.simulators.m3pp.client import WSSE, M3pp, token

DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
REFUSED = ("AUTH", "The user name or password is not valid.")


def test_get_version_answers_the_tested_version(m3pp: M3pp) -> None:
    assert m3pp.call("GetVersion").result("Version") == "2.9.3.6"
    m3pp.set("settings", version="3.0")
    assert m3pp.call("GetVersion").result("Version") == "3.0"


@pytest.mark.parametrize(
    ("auth", "basic_enters", "token_enters"),
    [("either", True, True), ("basic", True, False), ("username_token", False, True)],
)
def test_a_switch_says_which_credentials_let_in(m3pp: M3pp, auth: str, basic_enters: bool, token_enters: bool) -> None:
    m3pp.set("settings", auth=auth)
    assert (200 if basic_enters else 500) == m3pp.call("GetVersion").status
    assert (200 if token_enters else 500) == m3pp.call("GetVersion", login=None, header=token()).status


@pytest.mark.parametrize(
    ("login", "header"),
    [
        (None, ""),
        (("M3PP_DEMO", "nearly"), ""),
        (("m3pp_demo", "demo-password"), ""),
        (None, token(password="nearly")),
        (None, token(password_type=DIGEST)),
        (None, f'<Security xmlns="{WSSE}"/>'),
    ],
)
def test_wrong_or_missing_credentials_are_a_fault_and_store_nothing(
    m3pp: M3pp, login: tuple[str, str] | None, header: str
) -> None:
    assert m3pp.call("GetVersion", login=login, header=header).fault == REFUSED
    assert m3pp.worksheet(login=login, header=header).fault == REFUSED
    assert m3pp.worksheets == []


@pytest.mark.parametrize("header", ["Basic", "Basic ~", "Basic /w==", "Basic YWJj", "Bearer x", ""])
def test_an_authorization_that_cannot_be_read_is_refused(m3pp: M3pp, header: str) -> None:
    answer = m3pp.post("<x/>", None, Authorization=header)
    assert answer.fault[0] == "Client"  # the envelope is looked at first
    assert m3pp.call("GetVersion", login=None).fault == REFUSED
    body = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>' + (
        '<GetVersion xmlns="http://m3pp.casebridge.example/assumed/"/></e:Body></e:Envelope>'
    )
    assert m3pp.post(body, None, Authorization=header).fault == REFUSED


def test_the_faults_code_is_a_name_of_the_service(m3pp: M3pp) -> None:
    """As .NET writes the code of a SoapException; the detail repeats it for clients that look there."""
    answer = m3pp.call("GetVersion", login=None)
    code = answer.root.find(".//faultcode")
    assert (code.text, code.nsmap["q0"]) == ("q0:AUTH", "http://m3pp.casebridge.example/assumed/")
    assert answer.all("ErrorCode") == ["AUTH"]


def test_wrong_credentials_can_be_a_401_as_a_web_server_gives_it(m3pp: M3pp) -> None:
    m3pp.set("settings", unauthorised="status_401")
    answer = m3pp.call("GetVersion", login=None)
    assert (answer.status, answer.response.headers["www-authenticate"]) == (401, 'Basic realm="M3PP"')
    assert m3pp.requests[0]["code"] == "AUTH"


def test_accepted_credentials_can_be_changed(m3pp: M3pp) -> None:
    m3pp.set("credentials", username="other", password="pässword: & more")
    assert m3pp.call("GetVersion").status == 500
    assert m3pp.call("GetVersion", login=None, header=token("other", "pässword: &amp; more")).succeeded
    login = ("other", "pässword: & more".encode())
    assert m3pp.call("GetVersion", login=login).succeeded  # type: ignore[arg-type]
