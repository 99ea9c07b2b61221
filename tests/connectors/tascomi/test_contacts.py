"""Contacts against the simulator: linked and updated where exactly one is there, else made."""

from __future__ import annotations

from typing import Any

import pytest

from casebridge.core.errors import InvalidMapping
from casebridge.core.manifest import MatchRule
from casebridge.core.payload import Payload
from casebridge.core.record import Receipt
from tests.connectors.parts import MemoryParts
from tests.connectors.tascomi.samples import CREATE, connector, contacts, create, payload, request_of
from tests.simulators.tascomi.client import Tascomi

COLUMN = {"requester": "requester_contact_id", "contact": "contact_id"}
roles = pytest.mark.parametrize(
    "role",
    [
        pytest.param("requester", marks=[pytest.mark.behaviour("T4"), pytest.mark.behaviour("T5")]),
        pytest.param("contact", marks=pytest.mark.behaviour("T6")),
    ],
)


def sent(tascomi: Tascomi, fields: Payload, parts: MemoryParts | None = None) -> tuple[Receipt, dict[str, str | None]]:
    receipt = connector(tascomi.url).send(CREATE, fields, parts or MemoryParts())
    return receipt, request_of(tascomi, receipt.record_id)


def of(role: str, **fields: Any) -> dict[str, Any]:
    return {f"{role}_{name}": value for name, value in fields.items()}


@roles
def test_exactly_one_match_is_linked_and_updated_with_what_has_a_value(tascomi: Tascomi, role: str) -> None:
    before = tascomi.record("contacts", "5001")
    receipt, row = sent(tascomi, create(**of(role, reference="PER000101", surname="Newname", title="DR", agent=True)))
    after = tascomi.record("contacts", "5001")
    changed = {name: text for name, text in after.items() if text != before[name] and name != "last_updated"}
    assert ("5001", f"{role} 5001 linked and updated") == (row[COLUMN[role]], receipt.detail)
    assert {"surname": "Newname", "title_id": "5", "agent": "t"} == changed


@roles
def test_exactly_one_match_without_further_values_is_linked_and_left_alone(tascomi: Tascomi, role: str) -> None:
    before = contacts(tascomi)
    receipt, row = sent(tascomi, create(**of(role, reference="ANON")))
    assert ("5005", f"{role} 5005 linked") == (row[COLUMN[role]], receipt.detail)
    assert before == contacts(tascomi)


@roles
@pytest.mark.parametrize("reference", ["PER000102", "PER000104"])
def test_none_or_many_matches_make_a_new_contact_for_this_service_request(
    tascomi: Tascomi, role: str, reference: str
) -> None:
    before = contacts(tascomi)
    receipt, row = sent(tascomi, create(**of(role, reference=reference, first_name="Sample", town="Great Wittering")))
    *others, made = contacts(tascomi)
    assert before == others
    assert (made["id"], f"{role} {made['id']} created") == (row[COLUMN[role]], receipt.detail)
    assert (reference, "Sample", "Great Wittering", None) == tuple(
        made[name] for name in ("reference", "firstname", "town", "surname")
    )


@roles
def test_values_without_a_reference_make_a_contact_and_nothing_makes_none(tascomi: Tascomi, role: str) -> None:
    _, row = sent(tascomi, create(**of(role, surname="Resident Nobody")))
    assert "Resident Nobody" == tascomi.record("contacts", row[COLUMN[role]] or "")["surname"]
    before = contacts(tascomi)
    receipt, row = sent(tascomi, create(external_reference="ENV2"))
    assert (None, before, "") == (row[COLUMN[role]], contacts(tascomi), receipt.detail)


@roles
def test_a_template_may_make_a_new_contact_in_any_case(tascomi: Tascomi, role: str) -> None:
    fields = create(**of(role, reference="PER000101", surname="Sample"))
    fields.matching[role] = MatchRule.CREATE_ONLY
    _, row = sent(tascomi, fields)
    assert "5001" != row[COLUMN[role]]


@roles
@pytest.mark.parametrize("reference", ["PER000102", "PER000104"])
def test_a_template_that_allows_only_a_match_makes_none(tascomi: Tascomi, role: str, reference: str) -> None:
    fields = create(**of(role, reference=reference, surname="Sample"))
    fields.matching[role] = MatchRule.MATCH_ONLY
    with pytest.raises(InvalidMapping, match="allows only a match"):
        sent(tascomi, fields)
    assert 6 == len(contacts(tascomi))


def test_requester_and_contact_with_one_new_reference_are_one_contact(tascomi: Tascomi) -> None:
    """The second is searched for when the first is there, as it would be one after the other."""
    fields = {**of("requester", reference="PER000104", surname="Sample"), **of("contact", reference="PER000104")}
    _, row = sent(tascomi, create(**fields))
    assert row["requester_contact_id"] == row["contact_id"]
    assert 7 == len(contacts(tascomi))


def test_what_an_earlier_try_made_is_used_whatever_can_be_found_now(tascomi: Tascomi) -> None:
    parts = MemoryParts({"requester": Receipt("5004"), "contact": Receipt("5003", detail="linked")})
    fields = create(
        **of("requester", reference="PER000101", surname="Sample"), **of("contact", reference="PER000102", town="X")
    )
    fields.matching["contact"] = MatchRule.MATCH_ONLY
    receipt, row = sent(tascomi, fields, parts)
    assert ("5004", "5003") == (row["requester_contact_id"], row["contact_id"])
    assert "requester 5004 created, contact 5003 linked and updated" == receipt.detail
    assert 6 == len(contacts(tascomi))


def test_a_contact_that_was_deleted_meanwhile_is_told(tascomi: Tascomi) -> None:
    tascomi.set("faults", kind="business_error", operation="POST contacts", code=0, description="-")
    with pytest.raises(Exception, match="contacts 5001 was not updated"):
        sent(tascomi, create(**of("requester", reference="PER000101", surname="Sample")))


@pytest.mark.parametrize(
    ("details", "certain"),
    [
        ({"reference": "PER000104", "surname": "Sample"}, [True]),
        ({"surname": "Sample", "first_name": "A", "agent": True}, [True]),
        ({"email": "a@example.org"}, [True]),
        ({"town": "Great Wittering"}, None),
    ],
)
def test_a_new_contact_is_found_again_by_its_reference_or_by_a_telling_value(
    tascomi: Tascomi, details: dict[str, Any], certain: list[bool] | None
) -> None:
    class Looking(MemoryParts):
        def write(self, name: str, record: str, send: Any, *, find: Any = None, **options: Any) -> Receipt:
            receipt = super().write(name, record, send, **options)
            if name == "requester":
                looked.append(find and find())
            return receipt

    looked: list[Any] = []
    _, row = sent(tascomi, create(**of("requester", **details)), Looking())
    (found,) = looked
    if certain is None:
        assert found is None
    else:
        assert [row["requester_contact_id"]] == [record.id for record in found]
        assert certain == [record.certain for record in found]


def test_a_look_alike_is_not_certain(tascomi: Tascomi) -> None:
    same = connector(tascomi.url)
    fields = create(requester_surname="Resident One", requester_first_name="Somebody")
    party = same._contacts.match("requester", CREATE, fields, {}, [])
    find = same._contacts._look_up(party)
    assert find is not None
    assert [("5001", False)] == [(record.id, record.certain) for record in find()]


def test_nobody_s_details_are_shown_by_a_text_form(tascomi: Tascomi) -> None:
    party = connector(tascomi.url)._contacts.match("requester", CREATE, payload(requester_surname="Hidden"), {}, [])
    assert "Hidden" not in repr(party)
