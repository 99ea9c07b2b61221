"""Logging in: four ways, at most two logins, nothing lost over a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from casebridge.connectors.base import ConnectorBase
from casebridge.core.errors import CasebridgeError, NotAuthorised, NotConfigured, Throttled, Unreachable
from tests.connectors.parts import MemoryParts
from tests.connectors.salesforce.samples import CREATE, CUSTOMER_USER, TOKEN, answered, connector, conversation, said
from tests.connectors.wire import RecordedSession, reply
from tests.simulators.salesforce.client import Salesforce

Connect = Callable[..., ConnectorBase[Any]]


@pytest.fixture
def connect(sf: Salesforce) -> Connect:
    """A connector to the simulator."""
    known = sf.get("credentials")
    values = {name: known[name] for name in ("password", "security_token", "consumer_key", "consumer_secret")}
    return lambda **more: connector(sf.url, **{**values, "login": known["username"], **more})


def operations(sf: Salesforce) -> list[str]:
    return [one["operation"] for one in sf.get("requests")["requests"]]


@pytest.mark.behaviour("V9")
@pytest.mark.parametrize("flow", ["password", "soap", "client_credentials", "jwt"])
def test_every_way_to_log_in_works(flow: str, connect: Connect, sf: Salesforce) -> None:
    more = {
        "password": {},
        "soap": {"consumer_key": "", "consumer_secret": ""},
        "client_credentials": {"login": "", "domain": "acme.my"},
        "jwt": {"private_key": sf.get("credentials")["jwt_private_key"]},
    }
    made = connect(**more[flow])

    assert f"accepted the login by {flow}" in made.check()


def test_a_soap_login_asks_an_older_version_than_the_calls() -> None:
    """SOAP login() is not there in 65.0 and later."""
    session = RecordedSession(reply("<html/>", 500))
    made = connector(consumer_key="", consumer_secret="", session=session, version="66.0")
    with pytest.raises(CasebridgeError):
        made.check()
    assert "https://sf.example/services/Soap/u/64.0" == session.sent[0].url


@pytest.mark.parametrize("flow", ["password", "soap"])
def test_a_session_that_stays_refused_stops_after_two_logins(flow: str, connect: Connect, sf: Salesforce) -> None:
    """The library alone logs in again without end."""
    sf.set("settings", refuse_sessions=True)
    before = len(operations(sf))
    with pytest.raises(NotAuthorised, match="session of a new login"):
        connect(auth=flow).send(CREATE, conversation(said(1)), MemoryParts())

    made = operations(sf)[before:]
    assert 2 == sum(one in ("token", "login") for one in made)
    assert 4 == len(made)


def test_a_session_that_has_ended_is_renewed_and_nothing_of_the_request_is_lost(
    connect: Connect, sf: Salesforce
) -> None:
    """The header that keeps an assignment rule from changing the owner must be there at the second try too."""
    sf.set("settings", assignment_owner="agent.two@example.com.acme", composite_headers_inherited=True)
    sf.set("faults", kind="wrong_credentials", operation="composite")
    receipt = connect().send(CREATE, conversation(said(1)), MemoryParts())

    (case,) = [one for one in sf.held("Case") if one["Id"] == receipt.record_id]
    (agent,) = [one for one in sf.held("User") if one["Email"] == "agent.demo@example.com"]
    assert agent["Id"] == case["OwnerId"]
    assert 1 == len(case["Subject"].split("[1793]")) - 1


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"consumer_secret": "wrong"}, "Consumer Secret"),
        ({"consumer_key": "wrong"}, "Consumer Key"),
        ({"consumer_key": "", "consumer_secret": "", "password": "wrong"}, "INVALID_LOGIN"),
    ],
)
def test_a_refused_login_says_which_way_and_why(more: dict[str, str], hint: str, connect: Connect) -> None:
    with pytest.raises(NotAuthorised) as refused:
        connect(**more).check()
    assert hint in str(refused.value)
    assert "wrong-" not in str(refused.value)


@pytest.mark.parametrize(("switch", "more"), [("soap_login", {"auth": "soap"}), ("password_flow", {})])
def test_an_org_that_has_closed_a_way_is_told_and_the_others_are_named(
    switch: str, more: dict[str, str], connect: Connect, sf: Salesforce
) -> None:
    sf.set("settings", **{switch: False})
    with pytest.raises(NotAuthorised):
        connect(**more).check()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply("<html>login</html>", 200), NotConfigured),
        (answered({"access_token": "x"}), Unreachable),
        (reply("", 503), Unreachable),
        (reply("", 429, Retry_After="7"), Throttled),
        (reply("", 404), NotConfigured),
        (reply("", 302), NotConfigured),
        (requests.ReadTimeout(), Unreachable),
    ],
)
def test_a_login_without_a_clear_answer_is_one_of_our_errors(
    answer: requests.Response | Exception, error: type[CasebridgeError]
) -> None:
    with pytest.raises(error) as caught:
        connector(session=RecordedSession(answer)).check()
    assert not caught.value.may_have_happened


def test_a_private_key_that_is_none_is_told() -> None:
    with pytest.raises(NotConfigured, match="private key"):
        connector(private_key="no key", session=RecordedSession()).check()


def test_no_request_is_without_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The login included."""
    timeouts: list[Any] = []

    class Noting(RecordedSession):
        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
            timeouts.append(options.get("timeout"))
            return super().send(request)

    session = Noting(answered(TOKEN), answered({"fields": []}))
    connector(session=session, read_timeout_s=7, connect_timeout_s=3).check()
    assert [(3, 7), (3, 7)] == timeouts


def test_a_day_that_is_used_up_is_waited_for_without_another_request() -> None:
    used = answered({"fields": []}, Sforce_Limit_Info="api-usage=15000/15000")
    session = RecordedSession(answered(TOKEN), used)
    made = connector(session=session)
    made.check()
    with pytest.raises(Throttled) as paused:
        made.check()
    assert 2 == len(session.sent)
    assert (paused.value.retry_after or 0) >= 600


@pytest.mark.behaviour("V11")
@pytest.mark.parametrize(
    ("settings", "step"),
    [
        ({"set_audit_fields": False}, "Set Audit Fields upon Record Creation"),
        ({"modify_all_data": False}, "Modify All Data"),
    ],
)
def test_the_check_names_the_step_of_the_set_up_that_is_missing(
    settings: dict[str, bool], step: str, connect: Connect, sf: Salesforce
) -> None:
    sf.set("settings", **settings)
    with pytest.raises(NotConfigured) as refused:
        connect(set_audit_fields=True, customer_username=CUSTOMER_USER).check()
    assert step in str(refused.value)


@pytest.mark.behaviour("V11")
def test_the_check_names_a_user_that_is_missing_and_warns_of_a_field(connect: Connect, sf: Salesforce) -> None:
    with pytest.raises(NotConfigured, match="does not exist"):
        connect(set_audit_fields=True, customer_username="nobody@example.org").check()
    sf.set("settings", hidden_fields=["Case.WitiOp_Conversation_Id__c"])
    assert "Warning" in connect().check()
