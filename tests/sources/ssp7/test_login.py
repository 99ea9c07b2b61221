"""How the web service knows who calls: a hash in each message, a user by Basic or NTLM; and what a wrong one means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casebridge.core.errors import NotAuthorised, NotConfigured
from casebridge.sources import registry as sources
from casebridge.sources.ssp7.source import Ssp7Source
from tests.simulators.ssp7.client import HASH, Ssp7
from tests.sources.ssp7.windows_door import PASSWORD, USER, windows_door


def source(host: str, **settings: Any) -> Ssp7Source:
    made = sources.source("ssp7", {"host": host, "password": HASH, **settings}, where="ssp7_default")
    assert isinstance(made, Ssp7Source)
    return made


def basic(ssp7: Ssp7, **settings: Any) -> Ssp7Source:
    """With the user and the password that the simulator accepts."""
    ssp7.set("settings", authentication="basic")
    known = ssp7.get("info")["credentials"]
    values = {"authentication": "basic", "login": known["username"], "password": known["password"], **settings}
    return source(ssp7.url, **values)


def messages(ssp7: Ssp7) -> list[str]:
    """The operations that were called."""
    return [one["operation"] for one in ssp7.get("requests")["requests"] if one["operation"]]


def test_a_user_is_proved_by_the_wsdl_which_changes_nothing(ssp7: Ssp7) -> None:
    """Nobody without a login is given it."""
    assert basic(ssp7).check().endswith("the credentials are accepted")
    assert [] == messages(ssp7)


def test_a_hash_is_proved_by_an_acknowledgement_for_a_task_that_does_not_exist(ssp7: Ssp7) -> None:
    assert source(ssp7.url).check().endswith("the credentials are accepted")
    assert ["ProcessInstanceTaskExternalAcknowledgement"] == messages(ssp7)


def test_without_a_task_to_try_it_on_nothing_is_sent_and_that_is_said(ssp7: Ssp7) -> None:
    said = source(ssp7.url, profile={"unused_task": ""}).check()
    assert "not tried" in said
    assert [] == messages(ssp7)


def test_a_web_service_that_asks_for_nothing_is_not_called(ssp7: Ssp7) -> None:
    ssp7.set("settings", authentication="anonymous")
    assert "asks for no credentials" in source(ssp7.url, authentication="none").check()
    assert [] == messages(ssp7)


def test_a_hash_beside_a_user_is_proved_too(ssp7: Ssp7) -> None:
    assert basic(ssp7, hash="a-hash").check().endswith("the credentials are accepted")
    assert ["ProcessInstanceTaskExternalAcknowledgement"] == messages(ssp7)


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"login": "somebody"}])
def test_a_wrong_user_or_password_is_told(ssp7: Ssp7, wrong: dict[str, str]) -> None:
    with pytest.raises(NotAuthorised, match="credentials"):
        basic(ssp7, **wrong).check()


def test_a_wrong_hash_is_told(ssp7: Ssp7) -> None:
    with pytest.raises(NotAuthorised, match="hash"):
        source(ssp7.url, password="wrong").check()


def test_a_login_page_is_told_apart_from_an_answer(ssp7: Ssp7) -> None:
    """It comes with 200 where a client follows the redirect; trying again would not help."""
    ssp7.set("settings", authentication="login_page")
    with pytest.raises(NotConfigured, match="login page"):
        source(ssp7.url).check()


def test_a_login_page_in_place_of_an_answer_is_told(ssp7: Ssp7) -> None:
    """The WSDL was read before the server was changed."""
    made = source(ssp7.url)
    made.check()
    ssp7.set("settings", authentication="login_page")
    with pytest.raises(NotConfigured, match="login page"):
        made._service.call("update", {"task": "9001", "text": "one"})
    assert [] == ssp7.task("9001")["updates"]


# NTLM


def windows(host: str, **settings: Any) -> Ssp7Source:
    return source(host, **{"authentication": "ntlm", "login": USER, "password": PASSWORD, **settings})


def test_a_windows_user_is_let_in_and_writes_once(ssp7: Ssp7, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message that is refused with a challenge reaches nobody behind the door."""
    ssp7.set("settings", authentication="anonymous")
    with windows_door(ssp7.url, tmp_path, monkeypatch) as door:
        made = windows(door)
        assert made.check().endswith("the credentials are accepted")
        assert [] == messages(ssp7)
        made._service.call("update", {"task": "9001", "text": "one"})
    assert ["one"] == [one["text"] for one in ssp7.task("9001")["updates"]]


def test_a_wrong_windows_password_is_told(ssp7: Ssp7, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ssp7.set("settings", authentication="anonymous")
    with windows_door(ssp7.url, tmp_path, monkeypatch) as door, pytest.raises(NotAuthorised, match="credentials"):
        windows(door, password="wrong").check()


def test_a_server_whose_challenge_nobody_can_answer_does_not_accept_the_user(ssp7: Ssp7) -> None:
    ssp7.set("settings", authentication="windows")
    with pytest.raises(NotAuthorised, match="credentials"):
        windows(ssp7.url).check()
