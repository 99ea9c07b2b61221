"""What Whitespace's answers mean, each of them."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import urllib3

from casebridge.connectors import registry
from casebridge.core.errors import (
    CasebridgeError,
    DuplicateRefused,
    InDoubtError,
    NotAuthorised,
    NotConfigured,
    NotFound,
    RefusedByTarget,
    Throttled,
    Unreachable,
)
from tests.connectors.parts import MemoryParts
from tests.connectors.whitespace.test_wire import CREATE, PAYLOAD, SUCCESS, connector, result
from tests.connectors.wire import RecordedSession, reply

FAULT = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
    "<faultcode>{code}</faultcode><faultstring>because</faultstring></s:Fault></s:Body></s:Envelope>"
)
FAULT_12 = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>'
    "<s:Subcode><s:Value>wsse:FailedAuthentication</s:Value></s:Subcode></s:Code>"
    "<s:Reason><s:Text>because</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
)


def refusal(code: int, description: str, flag: str = "false") -> str:
    inner = (
        f"<ErrorCode>{code}</ErrorCode><ErrorDescription>{description}</ErrorDescription>"
        f"<SuccessFlag>{flag}</SuccessFlag>"
    )
    return result("CreateWorksheet", inner)


def never_connected() -> requests.ConnectionError:
    reason = urllib3.exceptions.NewConnectionError(None, "refused")  # type: ignore[arg-type]
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


@pytest.mark.behaviour("C13")
@pytest.mark.parametrize(
    ("answer", "error", "may_have_happened"),
    [
        (reply(refusal(6, "No results returned")), RefusedByTarget, False),
        (reply(refusal(1, "Invalid or missing input: ServiceId")), RefusedByTarget, False),
        (reply(refusal(3, "-")), DuplicateRefused, False),
        (reply(refusal(77, "A duplicate worksheet exists")), DuplicateRefused, False),
        (reply(refusal(99, "An unexpected error has occurred")), InDoubtError, True),
        (reply(refusal(0, "-", flag="false")), RefusedByTarget, False),
        (reply(refusal(5, "-", flag="true")), RefusedByTarget, False),
        (reply(result("CreateWorksheet", SUCCESS)), InDoubtError, True),
        (reply(result("CreateWorksheet", "")), InDoubtError, True),
        (reply(FAULT.format(code="s:Client"), 500), RefusedByTarget, False),
        (reply(FAULT.format(code="s:Server"), 500), InDoubtError, True),
        (reply(FAULT.format(code="wsse:FailedAuthentication"), 500), NotAuthorised, False),
        (reply(FAULT.format(code="InvalidSecurity"), 500), NotAuthorised, False),
        (reply(FAULT_12, 500), NotAuthorised, False),
        (reply("<html><body>Sign in</body></html>"), NotConfigured, True),
        (reply("<html>gone</html>", 503), InDoubtError, True),
        (reply("<s:Envelope", 200), InDoubtError, True),
        (reply("", 200), InDoubtError, True),
        (reply("", 500), InDoubtError, True),
        (reply("", 408), InDoubtError, True),
        (reply("", 429, Retry_After="9"), Throttled, False),
        (reply("", 401), NotAuthorised, False),
        (reply("", 403), NotAuthorised, False),
        (reply("", 404), NotConfigured, False),
        (reply("", 302, Location="/login"), NotConfigured, False),
        (never_connected(), Unreachable, False),
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
    with pytest.raises(CasebridgeError) as raised:
        connector(RecordedSession(answer)).send(CREATE, PAYLOAD, MemoryParts())
    assert error is type(raised.value), raised.value
    assert may_have_happened == raised.value.may_have_happened


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (requests.ReadTimeout("-"), Unreachable),
        (reply("", 503), Unreachable),
        (reply("<s:Envelope", 200), Unreachable),
        (reply(FAULT.format(code="s:Server"), 500), Unreachable),
        (reply(result("GetFullWorksheetDetails", "<ErrorCode>6</ErrorCode>")), NotFound),
    ],
)
def test_a_read_is_never_in_doubt(answer: Any, error: type[CasebridgeError]) -> None:
    with pytest.raises(CasebridgeError) as raised:
        connector(RecordedSession(answer)).fetch("worksheet", "7")
    assert error is type(raised.value), raised.value


def test_a_pause_is_read_from_a_date_too() -> None:
    answer = reply("", 429, Retry_After="Fri, 31 Dec 2099 23:59:59 GMT")
    with pytest.raises(Throttled) as raised:
        connector(RecordedSession(answer)).send(CREATE, PAYLOAD, MemoryParts())
    assert (raised.value.retry_after or 0) > 10**9


def test_the_namespace_of_the_answer_does_not_matter() -> None:
    arrays = 'xmlns:a="http://schemas.microsoft.com/2003/10/Serialization/Arrays"'
    inner = f"{SUCCESS}<WorksheetResponse {arrays}><a:anyType>9</a:anyType><a:anyType/></WorksheetResponse>"
    receipt = connector(RecordedSession(reply(result("CreateWorksheet", inner)))).send(CREATE, PAYLOAD, MemoryParts())
    assert "9" == receipt.record_id


def test_what_is_assumed_can_be_overridden_without_touching_code() -> None:
    values = {"host": "w.example", "login": "u", "password": "p", "wsdl": "bundled"}
    profile = {"error_codes": {"duplicate": [12]}, "members": {"worksheet_reference": ["OurRef"]}}
    session = RecordedSession(reply(refusal(12, "already there")))
    made = registry.connector("whitespace", {**values, "profile": profile}, where="w", session=session)
    with pytest.raises(DuplicateRefused):
        made.send(CREATE, PAYLOAD, MemoryParts())
    details = "<FullWSDetails><Worksheet><WorksheetID>7</WorksheetID><OurRef>C-1</OurRef></Worksheet></FullWSDetails>"
    made.session = RecordedSession(reply(result("GetFullWorksheetDetails", SUCCESS + details)))
    again = registry.connector("whitespace", {**values, "profile": profile}, where="w", session=made.session)
    assert "C-1" == again.fetch("worksheet", "7").fields["worksheet_reference"]


def test_a_wrong_override_is_told_at_its_place() -> None:
    values = {"host": "w.example", "login": "u", "password": "p", "wsdl": "bundled", "profile": {"error_codez": {}}}
    with pytest.raises(NotConfigured, match="error_codez"):
        registry.connector("whitespace", values, where="w")


def test_a_missing_setting_names_the_connection_and_every_setting() -> None:
    with pytest.raises(NotConfigured) as raised:
        registry.connector("whitespace", {"timezone": "London"}, where="my_connection")
    for part in ('connection "my_connection"', "Base URL", "User name", "Password", "Location/Area"):
        assert part in str(raised.value)


def test_a_setting_that_is_wrong_is_told_without_its_value() -> None:
    values = {"host": "h", "login": "u", "password": "p", "read_timeout_s": "hunter2"}
    with pytest.raises(NotConfigured) as raised:
        registry.connector("whitespace", values, where="c")
    assert "hunter2" not in str(raised.value)
