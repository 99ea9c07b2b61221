"""What an API key may do, by table and by column."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.tascomi.client import REQUIRED, Tascomi, sign


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_the_key_has_by_default_what_the_partners_integration_asks_for(tascomi: Tascomi) -> None:
    rights = tascomi.look("settings")["rights"]
    assert len(rights) == 11
    assert {name for name, given in rights.items() if given != ["view"]} == {"complaints", "contacts"}
    assert rights["complaints"] == rights["contacts"] == ["view", "create_update"]
    for table in rights:
        assert tascomi.get(table).status_code == 200
    assert refusal(tascomi.put("titles", name="Sir")) == (
        403,
        "The API key has no right to create and update titles",
    )
    assert tascomi.post("users", 7, forename="X").status_code == 403


def test_a_key_without_rights_on_a_table_neither_views_nor_writes_it(tascomi: Tascomi) -> None:
    tascomi.set("settings", rights={"contacts": []})
    answers = [tascomi.get("contacts"), tascomi.put("contacts"), tascomi.post("contacts", 5001)]
    answers += [tascomi.get("contacts", reference="NOBODY"), tascomi.remove("contacts", 5001)]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert refusal(answers[0]) == (403, "The API key has no right to view contacts")
    assert tascomi.put("complaints", **REQUIRED, contact_id="5001").status_code == 200


def test_viewing_and_writing_are_two_rights(tascomi: Tascomi) -> None:
    tascomi.set("settings", rights={"contacts": ["create_update"], "complaints": ["view"]})
    assert (tascomi.get("contacts").status_code, tascomi.put("contacts", surname="X").status_code) == (403, 200)
    assert (tascomi.get("complaints").status_code, tascomi.put("complaints", **REQUIRED).status_code) == (200, 403)


def test_a_refused_key_is_told_so_before_its_values_are_looked_at(tascomi: Tascomi) -> None:
    tascomi.set("settings", rights={"contacts": []})
    assert tascomi.put("contacts", colour="red").status_code == 403
    assert tascomi.post("contacts", "x").status_code == 403


def test_a_column_may_have_other_rights_than_its_table(tascomi: Tascomi) -> None:
    """Access is per field too, says the vendor's partner."""
    tascomi.set("settings", rights={"contacts.email": [], "contacts.surname": ["view"]})
    [row] = tascomi.rows("contacts", id="5001")
    assert ("email" in row, row["surname"]) == (False, "Resident One")
    assert refusal(tascomi.get("contacts", email="x")) == (403, "The API key has no right to view contacts.email")
    assert refusal(tascomi.post("contacts", 5001, surname="X"))[0] == 403
    assert refusal(tascomi.put("contacts", town="X", email="x"))[0] == 403
    assert tascomi.post("contacts", 5001, town="X").json() == {"id": "5001", "town": "X"}
    tascomi.set("settings", rights={"contacts.email": None})
    assert "email" in tascomi.rows("contacts", id="5001")[0]


def test_a_second_key_has_rights_of_its_own(tascomi: Tascomi) -> None:
    tascomi.set("settings", keys={"limited": {"private_key": "secret", "rights": {"contacts": []}}})
    limited = sign(public="limited", private="secret")
    assert tascomi.send("GET", "contacts", headers=limited).status_code == 403
    assert tascomi.send("GET", "titles", headers=limited).status_code == 200
    assert tascomi.send("GET", "titles", headers=sign(public="limited")).status_code == 401
    assert tascomi.get("contacts").status_code == 200
    tascomi.set("settings", keys={"limited": {"rights": {"titles": []}}})
    assert tascomi.send("GET", "contacts", headers=limited).status_code == 403
    tascomi.set("settings", keys={"limited": {"rights": {"contacts": ["view"]}}})
    assert tascomi.send("GET", "contacts", headers=limited).status_code == 200
    assert tascomi.send("PUT", "contacts", headers=limited).status_code == 403
    tascomi.set("settings", keys={"limited": None})
    assert tascomi.send("GET", "titles", headers=limited).status_code == 401


@pytest.mark.parametrize("table", ["complaints", "users"])
def test_a_table_may_be_opened_for_everything(tascomi: Tascomi, table: str) -> None:
    tascomi.set("settings", rights={table: ["view", "create_update", "delete"]})
    fields = REQUIRED if table == "complaints" else {"code": "NEW"}
    made = tascomi.put(table, **fields).json()["id"]
    assert tascomi.remove(table, made).json() == {"id": made}
