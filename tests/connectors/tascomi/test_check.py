"""The settings of a connection and what its test proves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from casebridge.connectors.tascomi import connector as module
from casebridge.connectors.tascomi.fields import TABLES
from casebridge.core.errors import NotAuthorised, NotConfigured, Unreachable
from tests.connectors.tascomi.samples import connector
from tests.connectors.tascomi.test_answers import WRONG_SIGNATURE
from tests.connectors.wire import RecordedSession, reply
from tests.simulators.tascomi.client import Tascomi


@pytest.mark.behaviour("T8")
@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("https://my-council.tascomi.com/rest", "https://my-council.tascomi.com/rest/v1"),
        ("https://my-council.tascomi.com/rest/", "https://my-council.tascomi.com/rest/v1"),
        (" https://my-council.tascomi.com/rest// ", "https://my-council.tascomi.com/rest/v1"),
        ("https://my-council.tascomi.com/rest/v1", "https://my-council.tascomi.com/rest/v1"),
        ("https://my-council.tascomi.com/rest/v1/", "https://my-council.tascomi.com/rest/v1"),
        ("my-council.tascomi.com", "https://my-council.tascomi.com/rest/v1"),
        ("https://my-council.tascomi.com/v1", "https://my-council.tascomi.com/rest/v1"),
        ("http://127.0.0.1:9105/other/rest", "http://127.0.0.1:9105/other/rest/v1"),
    ],
)
def test_the_base_url_is_brought_into_its_form(host: str, address: str) -> None:
    assert address == connector(host=host).settings.address


@pytest.mark.behaviour("T8")
@pytest.mark.parametrize("host", ["https://t/rest/v2", "https://t/rest/v1/v1", "https://t/rest?x=1", "https://"])
def test_a_base_url_that_cannot_be_right_is_refused(host: str) -> None:
    with pytest.raises(NotConfigured, match="API base url"):
        connector(host=host)


@pytest.mark.behaviour("T11")
def test_the_check_says_what_it_proved_and_writes_nothing(tascomi: Tascomi) -> None:
    before = tascomi.look("records")
    said = connector(tascomi.url).check()
    assert "View of all 11 tables, Create & Update of complaints and contacts" in said
    assert before == tascomi.look("records")
    viewed = [call["operation"] for call in tascomi.look("requests")["requests"]]
    assert {f"GET {table}" for table in TABLES} <= set(viewed)


@pytest.mark.behaviour("T8")
def test_a_version_in_the_base_url_is_left_out_and_said(tascomi: Tascomi) -> None:
    assert "with its version" in connector(host=f"{tascomi.url}/rest/v1/").check()
    assert "version" not in connector(tascomi.url).check()


@pytest.mark.behaviour("T11")
def test_every_table_with_the_right_that_is_missing_is_named(tascomi: Tascomi) -> None:
    tascomi.set("settings", rights={"contacts": [], "titles": [], "complaints": ["view"]})
    with pytest.raises(NotAuthorised) as raised:
        connector(tascomi.url).check()
    assert "View of contacts, titles; Create & Update of complaints, contacts" in str(raised.value)


@pytest.mark.behaviour("T11")
@pytest.mark.parametrize("table", TABLES)
def test_a_missing_view_of_any_table_is_named(tascomi: Tascomi, table: str) -> None:
    tascomi.set("settings", rights={table: ["create_update"]})
    with pytest.raises(NotAuthorised, match=f"View of {table}$"):
        connector(tascomi.url).check()


@pytest.mark.parametrize("answer", [reply('{"error": "nothing was sent"}', 400), reply("", 404)])
def test_a_right_that_cannot_be_proved_without_writing_is_said(answer: Any) -> None:
    session = RecordedSession(*[reply("", 202) for _ in TABLES], reply('{"id": 0}'), answer)
    said = connector(session=session).check()
    assert "Create & Update of complaints; Create & Update of contacts cannot be proved without writing" in said


def test_without_the_probe_nothing_but_reads_is_sent() -> None:
    session = RecordedSession(*[reply("", 202) for _ in TABLES])
    said = connector(session=session, profile={"write_probe": False}).check()
    assert "Create & Update of complaints and contacts cannot be proved without writing" in said
    assert {"GET"} == {sent.method for sent in session.sent}


def test_a_table_that_is_not_there_is_told_from_a_wrong_address() -> None:
    some = RecordedSession(*[reply("", 404 if table in ("titles", "users") else 202) for table in TABLES])
    with pytest.raises(NotConfigured, match="does not have the tables titles, users"):
        connector(session=some, profile={"write_probe": False}).check()
    none = RecordedSession(*[reply("", 404) for _ in TABLES])
    with pytest.raises(NotConfigured, match="API base url"):
        connector(session=none).check()


@pytest.mark.behaviour("T8")
@pytest.mark.behaviour("C2")
@pytest.mark.parametrize("wrong", [{"login": "x"}, {"password": "x"}, {"timezone": "Asia/Tokyo"}])
def test_wrong_keys_and_a_wrong_time_zone_fail_the_check(
    tascomi: Tascomi, wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    with pytest.raises(NotAuthorised, match="wrong key or a wrong clock"):
        connector(tascomi.url, **wrong).check()


@pytest.mark.parametrize(("second", "waited"), [(0, 10), (9, 1), (10, None), (49, None), (50, 20), (59, 11)])
def test_a_check_that_is_refused_near_a_minute_mark_is_made_once_more_behind_it(
    second: int, waited: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(module.time, "sleep", slept.append)
    made = connector(session=RecordedSession(reply(WRONG_SIGNATURE, 401), reply(WRONG_SIGNATURE, 401)))
    made.tables.clock = lambda: datetime(2026, 7, 1, 11, 34, second, tzinfo=UTC)
    with pytest.raises(NotAuthorised):
        made.check()
    assert ([] if waited is None else [waited]) == slept


def test_a_check_near_a_minute_mark_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    answers = [reply(WRONG_SIGNATURE, 401), *[reply("", 202) for _ in TABLES]]
    made = connector(session=RecordedSession(*answers), profile={"write_probe": False})
    made.tables.clock = lambda: datetime(2026, 7, 1, 11, 34, 59, tzinfo=UTC)
    assert "View of all 11 tables" in made.check()


def test_a_check_of_a_target_that_is_away_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        connector("http://127.0.0.1:1").check()


@pytest.mark.parametrize("profile", [{"complaintz": {}}, {"complaints": {"detailz": "x"}}, {"write_probe": "perhaps"}])
def test_a_wrong_override_is_told_at_its_place(profile: dict[str, Any]) -> None:
    with pytest.raises(NotConfigured, match="complaintz|detailz|write_probe"):
        connector(profile=profile)


def test_a_column_that_the_profile_takes_away_is_told_when_it_is_needed() -> None:
    with pytest.raises(NotConfigured, match=r"complaints\.reference_number"):
        connector(profile={"complaints": {"reference_number": ""}}).fetch("service_request", "1")
