"""WS-Security: a bare UsernameToken in clear text, and nothing else, lets a caller in."""

from __future__ import annotations

import pytest

from tests.simulators.client import SOAP_12, WSSE, Whitespace

TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
DIGEST = TEXT.replace("PasswordText", "PasswordDigest")


def token(password_type: str) -> str:
    return (
        f'<wsse:Security xmlns:wsse="{WSSE}" soap:mustUnderstand="1"><wsse:UsernameToken>'
        f"<wsse:Username>WSAPI_DEMO</wsse:Username>"
        f'<wsse:Password Type="{password_type}">demo-password</wsse:Password>'
        "</wsse:UsernameToken></wsse:Security>"
    )


def test_a_bare_token_lets_in(whitespace: Whitespace, face: str) -> None:
    assert whitespace.call("GetServices", "<serviceInput/>", face).code == 0


def test_a_standard_token_of_clear_text_lets_in_and_a_digest_does_not(whitespace: Whitespace, face: str) -> None:
    assert whitespace.call("GetServices", "<serviceInput/>", face, security=token(TEXT)).code == 0
    assert whitespace.call("GetServices", "<serviceInput/>", face, security=token(DIGEST)).status == 500


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"password": "nearly"}, "FailedAuthentication"),
        ({"password": ""}, "FailedAuthentication"),
        ({"user": "wsapi_demo"}, "FailedAuthentication"),
        ({"security": ""}, "InvalidSecurity"),
        ({"security": f'<Security xmlns="{WSSE}"/>'}, "InvalidSecurity"),
    ],
)
def test_wrong_or_missing_credentials_are_a_fault_and_store_nothing(
    whitespace: Whitespace, face: str, wrong: dict[str, str], fault: str
) -> None:
    inner = "<worksheetInput><Uprn>10001</Uprn><ServiceId>289</ServiceId></worksheetInput>"
    answer = whitespace.call("CreateWorksheet", inner, face, **wrong)
    assert (answer.status, answer.fault) == (500, fault)
    assert answer.root.find(".//faultcode").text.startswith("wsse:")
    assert whitespace.worksheets == []


def test_the_fault_has_the_shape_of_12_in_soap_12(whitespace: Whitespace) -> None:
    message = whitespace.envelope("GetServices", "<serviceInput/>", soap=SOAP_12, password="x")
    answer = whitespace.post(message, "asmx", Content_Type="application/soap+xml")
    assert (answer.status, answer.all("Value")) == (500, ["soap:Sender", "wsse:FailedAuthentication"])


def test_accepted_credentials_can_be_changed(whitespace: Whitespace) -> None:
    whitespace.set("credentials", username="WSAPI_OTHER", password="p&w")
    assert whitespace.call("GetServices", "<serviceInput/>").status == 500
    answer = whitespace.call("GetServices", "<serviceInput/>", user="WSAPI_OTHER", password="p&amp;w")
    assert answer.code == 0
    assert whitespace.get("info")["credentials"] == {"username": "WSAPI_OTHER", "password": "p&w"}


def test_hello_world_proves_no_credentials(whitespace: Whitespace, face: str) -> None:
    assert whitespace.call("HelloWorld", face=face, security="").one("HelloWorldResult") == "Hello World"
