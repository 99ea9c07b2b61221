"""The API key, and acting as a user who has signed in."""

from __future__ import annotations

import pytest
import requests

from tests.simulators.jadu_cxm.client import Cxm

SIGN_IN = {"username": "integration@example.org", "password": "demo-password"}

CALLS = [
    ("POST", "sign-in"),
    ("GET", "case/MBN001001"),
    ("PATCH", "case/MBN001001/edit"),
    ("POST", "case/MBN001001/transition/resolve"),
    ("POST", "case/MBN001001/attach"),
    ("POST", "case/MBN001001/note"),
    ("POST", "missed-bin/case/create"),
    ("GET", "filters/recently-updated/summaries"),
    ("GET", "user/resident.one@example.org"),
    ("GET", "nothing"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_no_call_works_without_the_right_key(cxm: Cxm, method: str, path: str) -> None:
    before = cxm.get("records")
    for key in (None, "", "wrong", "DEMO-API-KEY"):
        answer = cxm.send(method, path, key=key)
        assert answer.status_code == 401
        assert list(answer.json()) == ["message"]
    assert cxm.get("records") == before


def test_the_key_may_stand_in_the_header_or_in_the_query(cxm: Cxm) -> None:
    assert cxm.send("GET", "case/MBN001001").status_code == 200
    assert cxm.send("GET", "case/MBN001001?key=demo-api-key", key=None).status_code == 200
    assert cxm.send("GET", "case/MBN001001?key=wrong", key=None).status_code == 401
    assert cxm.send("GET", "filters/recently-updated/summaries?page=1&key=demo-api-key", key=None).status_code == 200


def test_the_key_may_be_changed(cxm: Cxm) -> None:
    cxm.set("credentials", api_key="another key")
    assert cxm.send("GET", "case/MBN001001").status_code == 401
    assert cxm.send("GET", "case/MBN001001", key="another key").status_code == 200


def test_another_service_api_is_not_there(cxm: Cxm) -> None:
    answer = requests.get(f"{cxm.url}/api/service-api/other/case/MBN001001?key=demo-api-key", timeout=20)
    assert (answer.status_code, list(answer.json())) == (404, ["message"])


def test_signing_in_gives_a_token_and_what_it_is_used_for_is_done_by_that_user(cxm: Cxm) -> None:
    cxm.set("clock", now="2026-07-01T11:34:00Z")
    answer = cxm.send("POST", "sign-in", json=SIGN_IN).json()
    assert set(answer) == {"id", "created_at", "token"}
    assert (answer["id"], answer["created_at"]) == (1, "2026-07-01T11:34:00+0000")
    token = answer["token"]
    in_header = cxm.send("POST", "case/MBN001001/transition/resolve", headers={"X-API-TOKEN": token})
    in_query = cxm.send("POST", f"case/MBN001001/transition/reopen?token={token}")
    without = cxm.transition("resolve")
    assert [one.status_code for one in (in_header, in_query, without)] == [200] * 3
    assert [line.get("by") for line in cxm.record()["timeline"]] == [SIGN_IN["username"], SIGN_IN["username"], None]


@pytest.mark.parametrize(
    "given",
    [{}, {"username": SIGN_IN["username"]}, {**SIGN_IN, "password": "wrong"}, {"username": 1, "password": None}],
)
def test_a_wrong_sign_in_is_refused(cxm: Cxm, given: dict[str, object]) -> None:
    answer = cxm.send("POST", "sign-in", json=given)
    assert (answer.status_code, list(answer.json())) == (401, ["message"])
    assert cxm.get("records")["sign_ins"] == []


def test_a_wrong_token_is_refused_though_none_is_needed(cxm: Cxm) -> None:
    assert cxm.send("GET", "case/MBN001001", headers={"X-API-TOKEN": "wrong"}).status_code == 401
    assert cxm.send("GET", "case/MBN001001?token=wrong").status_code == 401
    assert cxm.send("GET", "case/MBN001001").status_code == 200


def test_a_token_ends_with_its_lifetime(cxm: Cxm) -> None:
    cxm.set("settings", token_lifetime_s=1800)
    cxm.set("clock", now="2026-07-01T11:34:00Z")
    headers = {"X-API-TOKEN": cxm.send("POST", "sign-in", json=SIGN_IN).json()["token"]}
    cxm.set("clock", now="2026-07-01T12:03:59Z")
    assert cxm.send("GET", "case/MBN001001", headers=headers).status_code == 200
    cxm.set("clock", now="2026-07-01T12:04:00Z")
    assert cxm.send("GET", "case/MBN001001", headers=headers).status_code == 401


def test_a_council_may_want_a_token_for_every_call(cxm: Cxm) -> None:
    cxm.set("settings", token_required=True)
    assert cxm.send("GET", "case/MBN001001").status_code == 401
    token = cxm.send("POST", "sign-in", json=SIGN_IN).json()["token"]
    assert cxm.send("GET", "case/MBN001001", headers={"X-API-TOKEN": token}).status_code == 200
