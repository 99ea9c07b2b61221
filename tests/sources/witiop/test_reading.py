"""Conversations of three desks become cases of one kind: their templates need not know the desk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from casebridge.core.case import CaseChanges
from casebridge.core.errors import NotAuthorised, NotConfigured, NotFound
from casebridge.core.message import Author
from casebridge.sources.twilio.source import _address
from simulators.witiop.twilio_face import sid
from tests.simulators.witiop.client import Witiop
from tests.sources.witiop.conftest import Faces

REFERENCES = {"witiop": "1793", "chatwoot": "1793", "twilio": sid("CH", 1793)}

every_face = pytest.mark.parametrize("name", sorted(REFERENCES))


@every_face
def test_a_conversation_is_a_case_with_its_messages(name: str, face: Faces, desk: Witiop) -> None:
    desk.act("close", conversation=1793, profile={"disposition": "sold"})
    case = face(name).read(REFERENCES[name])

    assert (name, "conversation", "closed") == (case.source, case.type, case.status)
    assert {
        "customer_number": "+393331234567",
        "customer_name": "Maria C.",
        "agent_email": "agent.demo@example.com",
        "channel": "whatsapp",
        "disposition": "sold",
        "conversation_id": REFERENCES[name],
    }.items() <= dict(case.fields).items()
    assert {"name": "Maria C.", "phone": "+393331234567"} == case.person
    said = [(message.author, message.text) for message in case.messages]
    assert [(Author.CUSTOMER, "ciao"), (Author.AGENT, "Buongiorno"), (Author.AGENT, "")] == said
    assert datetime(2024, 5, 1, 10, 0, 1, tzinfo=UTC) == case.messages[0].sent_at
    assert "Maria C." == case.messages[0].author_name
    assert "agent.demo@example.com" == case.messages[1].author_email
    (file,) = case.messages[2].attachments
    assert ("listino.pdf", 12345) == (file.name, file.size)
    assert 12345 == len(desk.read(file.url).content)


@every_face
def test_a_customer_without_a_name_has_none(name: str, face: Faces) -> None:
    """The number must not be taken for a name: the target decides what to do without one."""
    reference = sid("CH", 1794) if name == "twilio" else "1794"
    assert "" == face(name).read(reference).person["name"]


@every_face
def test_a_long_conversation_is_whole_and_in_order_and_without_private_notes(
    name: str, face: Faces, desk: Witiop
) -> None:
    """Desks give pages; notes among agents are not for a customer's case."""
    messages = [
        {"from": "customer", "text": f"line {number}", "sent_at": f"2024-05-03T10:{number // 60:02}:{number % 60:02}Z"}
        for number in range(130)
    ]
    messages[50] |= {"private": True, "from": "agent"}
    desk.act("open", id=55, customer={"number": "+447700900321"}, messages=messages)
    case = face(name).read(sid("CH", 55) if name == "twilio" else "55")

    assert [f"line {number}" for number in range(130) if number != 50] == [one.text for one in case.messages]


@every_face
def test_an_unknown_conversation_is_told(name: str, face: Faces) -> None:
    with pytest.raises(NotFound):
        face(name).read("CH" + "0" * 32 if name == "twilio" else "999999")


@every_face
@pytest.mark.behaviour("V10")
def test_a_disabled_source_reads_nothing_and_says_so(name: str, face: Faces) -> None:
    with pytest.raises(NotConfigured, match="disabled"):
        face(name, enabled=False).read(REFERENCES[name])


@every_face
def test_the_check_of_a_connection_proves_its_credentials(name: str, face: Faces) -> None:
    assert "accepted" in face(name).check()
    with pytest.raises(NotAuthorised):
        face(name, password="wrong").check()


@every_face
def test_what_is_brought_back_is_kept_beside_the_conversation(name: str, face: Faces) -> None:
    source = face(name)
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    source.write(REFERENCES[name], CaseChanges(fields={"salesforce_case_number": "00001002"}, dates={"due": moment}))
    source.write(REFERENCES[name], CaseChanges(fields={"salesforce_status": "New"}))

    fields = source.read(REFERENCES[name]).fields
    assert ("00001002", "New", "+393331234567") == (
        fields["salesforce_case_number"],
        fields["salesforce_status"],
        fields["customer_number"],
    )


@every_face
def test_a_conversation_takes_no_transition_and_no_file(name: str, face: Faces) -> None:
    """Either would reach the customer."""
    source = face(name)
    for act in (lambda: source.transition("1", "close"), lambda: source.attach("1", "a.txt", b"x")):
        with pytest.raises(NotConfigured):
            act()


@pytest.mark.parametrize("name", ["chatwoot", "twilio"])
def test_a_conversation_with_too_many_messages_is_refused_and_not_cut(name: str, face: Faces, desk: Witiop) -> None:
    desk.act("open", id=56, customer={"number": "+447700900321"}, messages=[{"text": "x"}] * 25)
    with pytest.raises(NotConfigured, match="most_messages"):
        face(name, most_messages=20).read(sid("CH", 56) if name == "twilio" else "56")


def told(desk: Witiop, number: int) -> dict[str, Any]:
    found: dict[str, Any] = desk.read(f"/api/conversations/{number}").json()
    return found


def test_what_a_callback_told_is_the_conversation_and_an_older_one_changes_nothing(face: Faces, desk: Witiop) -> None:
    """It is what the agent saw when closing it, whatever WitiOp can be asked later."""
    source: Any = face("witiop")
    first = told(desk, 1794)
    desk.act("message", conversation=1794, text="one more thing")
    second = told(desk, 1794)
    source.remember("1794", {"conversation": json.dumps(second)}, event="conversation.closed", position=2)
    source.remember("1794", {"conversation": json.dumps(first)}, event="conversation.closed", position=1)
    source.write("1794", CaseChanges(fields={"salesforce_status": "New"}))
    source.remember("1794", {"conversation": json.dumps(second)}, event="conversation.closed", position=3)

    case = source.read("1794")
    assert "one more thing" == case.messages[-1].text
    assert "New" == case.fields["salesforce_status"]


@pytest.mark.behaviour("V10")
def test_a_disabled_witiop_remembers_nothing_and_says_so(face: Faces) -> None:
    with pytest.raises(NotConfigured, match="disabled"):
        face("witiop", enabled=False).remember(  # type: ignore[attr-defined]
            "1", {"conversation": "{}"}, event="conversation.closed", position=1
        )


def test_names_of_witiop_that_are_assumed_can_be_overridden(face: Faces) -> None:
    source: Any = face("witiop", profile={"conversation": {"number": "who.phone"}})
    source.remember("7", {"conversation": '{"who": {"phone": "+44 1"}}'}, event="e", position=1)
    assert "+44 1" == source.read("7").fields["customer_number"]


@pytest.mark.parametrize(
    ("text", "channel", "number"),
    [("whatsapp:+39333", "whatsapp", "+39333"), ("+39333", "sms", "+39333"), ("", "", "")],
)
def test_the_channel_of_twilio_stands_before_the_number(text: str, channel: str, number: str) -> None:
    assert (channel, number) == _address(text)
