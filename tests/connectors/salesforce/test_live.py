"""Conversations brought to the simulator over HTTP, and read back from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casebridge.connectors.base import ConnectorBase
from casebridge.core.errors import ClockSkew, InvalidMapping, NotConfigured, RefusedByTarget
from casebridge.core.manifest import MatchRule
from casebridge.core.message import Attachment, Author
from casebridge.core.payload import Payload
from casebridge.core.record import Receipt
from casebridge.core.template_reader import read_template
from tests.connectors.parts import MemoryParts
from tests.connectors.salesforce.samples import (
    AGENT,
    CREATE,
    CUSTOMER_USER,
    MANIFEST,
    START,
    connector,
    conversation,
    said,
)
from tests.simulators.salesforce.client import Salesforce
from tests.simulators.witiop.client import Witiop

Send = Callable[..., Receipt]


@pytest.fixture
def connect(sf: Salesforce) -> Callable[..., ConnectorBase[Any]]:
    """A connector to the simulator, with audit fields."""
    known = sf.get("credentials")
    values = {name: known[name] for name in ("password", "security_token", "consumer_key", "consumer_secret")}
    audited = {"set_audit_fields": True, "customer_username": CUSTOMER_USER}
    return lambda **more: connector(sf.url, **{**values, "login": known["username"], **audited, **more})


@pytest.fixture
def send(connect: Callable[..., ConnectorBase[Any]]) -> Send:
    """Brings a conversation over, as a new action unless parts are given."""

    def run(payload: Payload, parts: MemoryParts | None = None, **settings: Any) -> Receipt:
        return connect(**settings).send(CREATE, payload, parts or MemoryParts())

    return run


def case_of(sf: Salesforce, receipt: Receipt) -> dict[str, Any]:
    (found,) = [one for one in sf.held("Case") if one["Id"] == receipt.record_id]
    return found


def comments(sf: Salesforce, receipt: Receipt) -> list[dict[str, Any]]:
    """In the order in which Salesforce shows them: by their time, then by their insert."""
    found = [one for one in sf.held("CaseComment") if one["ParentId"] == receipt.record_id]
    return sorted(found, key=lambda one: (one["CreatedDate"], one["Id"]))


def user(sf: Salesforce, username: str) -> str:
    return next(str(one["Id"]) for one in sf.held("User") if one["Username"] == username)


DEMO = "agent.demo@example.com.acme"
TALK = (said(1), said(2, "Buongiorno", by=Author.AGENT), said(3, "ok"), said(3, "ok"))


@pytest.mark.behaviour("V1", "V4", "V5")
def test_a_closed_conversation_is_a_case_of_its_agent(send: Send, sf: Salesforce) -> None:
    case = case_of(sf, send(conversation(*TALK, description="sold")))

    assert "+393331234567 [1793]" == case["Subject"]
    assert user(sf, DEMO) == case["OwnerId"]
    assert ("1793", "WhatsApp", "sold", "New") == (
        case["WitiOp_Conversation_Id__c"],
        case["Origin"],
        case["Description"],
        case["Status"],
    )
    assert case["CaseNumber"]


@pytest.mark.behaviour("V2")
@pytest.mark.parametrize("lag", [0, 3600])
def test_a_known_number_links_its_contact(lag: int, send: Send, sf: Salesforce) -> None:
    """By a query: what a search does not see yet is found all the same."""
    sf.set("settings", search_lag_s=lag)
    before = len(sf.held("Contact"))
    case = case_of(sf, send(conversation(*TALK)))
    (maria,) = [one for one in sf.held("Contact") if one["FirstName"] == "Maria"]

    assert maria["Id"] == case["ContactId"]
    assert before == len(sf.held("Contact"))


@pytest.mark.behaviour("V2")
@pytest.mark.parametrize("stored", ["07700 900777", "+44 (0)7700 900777", "07700-900-777", "(07700) 900 777"])
def test_a_number_is_found_however_it_is_stored(stored: str, send: Send, sf: Salesforce) -> None:
    made = sf.made("Contact", LastName="Typed", OtherPhone=stored)
    case = case_of(sf, send(conversation(number="+447700900777", conversation_id="77")))
    assert made == case["ContactId"]


def test_of_several_contacts_the_oldest_is_taken_and_the_log_says_so(send: Send, sf: Salesforce) -> None:
    receipt = send(conversation(number="+447700900456", conversation_id="78"))
    (oldest,) = [one for one in sf.held("Contact") if one["LastName"] == "First"]

    assert oldest["Id"] == case_of(sf, receipt)["ContactId"]
    assert "the oldest of 2" in receipt.detail


@pytest.mark.behaviour("V3")
@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Ada B. Lovelace", "Ada B.", "Lovelace"), ("", None, "+447700900321"), ("Cher", None, "Cher")],
)
def test_an_unknown_number_makes_a_contact(name: str, first: str | None, last: str, send: Send, sf: Salesforce) -> None:
    receipt = send(conversation(number="+447700900321", conversation_id="79", contact_name=name))
    (made,) = [one for one in sf.held("Contact") if one["Id"] == case_of(sf, receipt)["ContactId"]]

    assert (first, last, "+447700900321", "+447700900321") == (
        made["FirstName"],
        made["LastName"],
        made["MobilePhone"],
        made["WitiOp_Number__c"],
    )
    assert "contact created" in receipt.detail


@pytest.mark.parametrize(("rule", "made"), [("alert", 1), ("block", 0)])
def test_a_duplicate_rule_of_the_org_is_heard(rule: str, made: int, send: Send, sf: Salesforce) -> None:
    """An alert does not stop us, a block names the Contact to link."""
    sf.set("settings", duplicate_rule=rule, hidden_fields=["Contact.WitiOp_Number__c"])
    before = len(sf.held("Contact"))
    payload = conversation(number="+447700900456", conversation_id="80")
    receipt = send(Payload(payload.fields, matching={"contact": MatchRule.CREATE_ONLY}))

    assert before + made == len(sf.held("Contact"))
    assert case_of(sf, receipt)["ContactId"]


def test_a_template_that_allows_a_match_only_makes_no_contact(send: Send, sf: Salesforce) -> None:
    payload = conversation(number="+447700900321", conversation_id="81")
    with pytest.raises(InvalidMapping, match="no Contact with this number"):
        send(Payload(payload.fields, matching={"contact": MatchRule.MATCH_ONLY}))
    assert "81" not in [one["WitiOp_Conversation_Id__c"] for one in sf.held("Case")]


@pytest.mark.behaviour("V4")
@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("agent.nobody@example.com", "no user of Salesforce"),
        ("agent.left@example.com", "not active"),
        ("shared@example.com", "2 active users"),
        ("", "names no e-mail"),
    ],
)
def test_an_agent_who_is_no_single_active_user_is_a_clear_error_or_replaced(
    email: str, why: str, send: Send, sf: Salesforce
) -> None:
    """Nothing is written before that is known."""
    contacts = len(sf.held("Contact"))
    payload = conversation(said(1), number="+447700900321", conversation_id="82", owner_email=email)
    with pytest.raises(InvalidMapping) as refused:
        send(payload)
    assert why in str(refused.value)
    assert not email or email not in str(refused.value)
    assert contacts == len(sf.held("Contact"))

    receipt = send(payload, fallback_owner=DEMO)
    assert user(sf, DEMO) == case_of(sf, receipt)["OwnerId"]
    assert ["fallback_owner"] == [problem.rule for problem in receipt.problems]


@pytest.mark.behaviour("V6", "V7")
def test_a_comment_for_every_message_by_its_author_at_its_time(send: Send, sf: Salesforce) -> None:
    found = comments(sf, send(conversation(*TALK)))

    assert ["ciao", "Buongiorno", "ok", "ok"] == [one["CommentBody"] for one in found]
    customer, agent = user(sf, CUSTOMER_USER), user(sf, DEMO)
    assert [customer, agent, customer, customer] == [one["CreatedById"] for one in found]
    assert "2024-05-01T10:00:02" == str(found[0]["CreatedDate"])[:19]


@pytest.mark.behaviour("V7")
def test_without_audit_fields_the_text_says_who_and_when(send: Send, sf: Salesforce) -> None:
    sf.set("settings", set_audit_fields=False)
    found = comments(sf, send(conversation(*TALK), set_audit_fields=False))

    assert "[2024-05-01 11:00:02 Maria C.] ciao" == found[0]["CommentBody"]
    assert 4 == len(found)


@pytest.mark.behaviour("V11")
def test_audit_fields_without_the_permission_are_refused_with_the_step(send: Send, sf: Salesforce) -> None:
    sf.set("settings", set_audit_fields=False)
    with pytest.raises(NotConfigured, match="Set Audit Fields upon Record Creation"):
        send(conversation(*TALK))
    assert "1793" not in [one["WitiOp_Conversation_Id__c"] for one in sf.held("Case")], "all or none"


def test_a_message_of_the_future_is_waited_for(send: Send, sf: Salesforce) -> None:
    """The desk's clock is ahead of ours: that passes by itself."""
    ahead = int((datetime.now(UTC) - START).total_seconds()) + 90
    with pytest.raises(ClockSkew) as skewed:
        send(conversation(said(1, seconds=ahead)))
    assert 80 < (skewed.value.retry_after or 0) < 100
    send(conversation(said(1, seconds=ahead)), set_audit_fields=False)


@pytest.mark.behaviour("V6")
def test_a_long_conversation_is_there_whole_and_in_order(send: Send, sf: Salesforce) -> None:
    """More than one Composite and one Collection hold, and a message longer than a comment."""
    messages = [said(number, f"line {number}", seconds=number) for number in range(1, 451)]
    found = comments(sf, send(conversation(*messages, said(451, "🗑" * 1500, seconds=451))))

    assert [f"line {number}" for number in range(1, 451)] == [one["CommentBody"] for one in found[:450]]
    assert ["🗑" * 1000, "🗑" * 500] == [one["CommentBody"] for one in found[450:]]


@pytest.mark.parametrize("hidden", [[], ["Case.WitiOp_Conversation_Id__c"]])
def test_a_conversation_that_is_closed_again_adds_only_what_is_new(
    hidden: list[str], send: Send, sf: Salesforce
) -> None:
    """One case for a conversation for ever, also where the org has no unique field for it."""
    sf.set("settings", hidden_fields=hidden)
    first = send(conversation(*TALK))
    second = send(conversation(*TALK, said(9, "one more thing"), said(10, "ok")))

    assert first.record_id == second.record_id
    assert ["ciao", "Buongiorno", "ok", "ok", "one more thing", "ok"] == [
        one["CommentBody"] for one in comments(sf, first)
    ]
    assert ("exact subject only" if hidden else "WitiOp_Conversation_Id__c") in second.detail


def test_assignment_rules_of_the_org_do_not_take_the_case_from_the_agent(send: Send, sf: Salesforce) -> None:
    sf.set("settings", assignment_owner="agent.two@example.com.acme", composite_headers_inherited=False)
    assert user(sf, DEMO) == case_of(sf, send(conversation(*TALK)))["OwnerId"]


def test_further_fields_of_a_case_are_written_and_read_back(
    send: Send, connect: Callable[..., ConnectorBase[Any]], sf: Salesforce
) -> None:
    sf.set("salesforce/field", object="Case", name="Product__c", kind="text", length=40)
    payload = conversation(said(1))
    rows = [{"key": "Product__c", "value": "Bins"}, {"key": "SuppliedName", "value": "Maria C."}]
    receipt = send(Payload(payload.fields, {"case_field": rows}))  # type: ignore[dict-item]
    record = connect().fetch("case", receipt.record_id)

    assert ("Bins", "Maria C.") == (
        record.keyed["case_field"]["Product__c"],
        record.keyed["case_field"]["SuppliedName"],
    )
    assert (receipt.record_id, "New") == (record.fields["case_id"], record.fields["status"])
    assert record.fields["case_number"]


@pytest.mark.parametrize("keys", [["Subject"], ["OwnerId"], ["Product__c", "Product__c"]])
def test_a_field_that_is_given_twice_is_refused(keys: list[str], send: Send) -> None:
    rows = [{"key": key, "value": "x"} for key in keys]
    with pytest.raises(InvalidMapping, match="given twice"):
        send(Payload(conversation().fields, {"case_field": rows}))  # type: ignore[dict-item]


def test_a_refusal_of_the_org_is_told_with_its_code(send: Send, sf: Salesforce) -> None:
    sf.set("settings", restricted_picklists=["Case.Origin"])
    with pytest.raises(RefusedByTarget) as refused:
        send(conversation(said(1), origin="Pigeon"))
    assert "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" == refused.value.code


# files


def file(desk: Witiop, number: int = 0) -> Attachment:
    """A file that the desk holds."""
    listed = desk.read("/api/conversations/1793").json()["messages"]
    one = [file for message in listed for file in message["attachments"]][number]
    return Attachment(one["id"], one["name"], one["url"], one["mime"], one["size"])


def versions(sf: Salesforce) -> list[dict[str, Any]]:
    return sf.held("ContentVersion")


@pytest.mark.behaviour("V8")
def test_a_file_is_uploaded_onto_the_case_by_its_author_at_its_time(send: Send, sf: Salesforce, desk: Witiop) -> None:
    receipt = send(conversation(said(1), said(2, "", by=Author.AGENT, files=[file(desk)])))

    (version,) = versions(sf)
    assert ("listino.pdf", 12345, receipt.record_id) == (
        version["PathOnClient"],
        version["ContentSize"],
        version["FirstPublishLocationId"],
    )
    assert user(sf, DEMO) == version["CreatedById"]
    assert "[file: listino.pdf]" == comments(sf, receipt)[1]["CommentBody"]
    assert () == receipt.problems


@pytest.mark.behaviour("V8")
def test_with_attachments_off_a_file_is_a_link(send: Send, sf: Salesforce, desk: Witiop) -> None:
    one = file(desk)
    receipt = send(conversation(said(1, files=[one])), add_attachments=False)

    assert [] == versions(sf)
    assert one.url in comments(sf, receipt)[0]["CommentBody"]


def test_a_file_that_is_there_is_not_uploaded_again(send: Send, sf: Salesforce, desk: Witiop) -> None:
    """Closed again, and sent twice: by its mark, or by its name and its MD5."""
    one = file(desk)
    same = Attachment("another-id", one.name, one.url, one.media_type, one.size)
    send(conversation(said(1, files=[one])))
    send(conversation(said(1, files=[one]), said(2, files=[same])))

    assert 1 == len(versions(sf))


@pytest.mark.behaviour("V8")
@pytest.mark.parametrize("fault", ["gone", "refused", "not allowed", "cut short"])
def test_a_file_that_cannot_be_brought_over_is_a_link_and_the_action_says_partial(
    fault: str, send: Send, sf: Salesforce, desk: Witiop
) -> None:
    one, more = file(desk), {}
    if fault == "gone":
        one = Attachment(one.id, one.name, one.url.replace(one.id, "m999"), one.media_type, one.size)
    elif fault == "refused":
        refusal = {"code": "STORAGE_LIMIT_EXCEEDED", "description": "full"}
        sf.set("faults", kind="business_error", operation="create_ContentVersion", **refusal)
    elif fault == "cut short":
        one = Attachment(one.id, one.name, one.url, one.media_type, (one.size or 0) + 1)
    else:
        more = {"attachments_from": "files.example"}
    parts = MemoryParts()
    payload = conversation(said(1), said(2, files=[one], by=Author.AGENT))
    receipt = send(payload, parts, **more)
    again = send(payload, parts, **more)

    assert [] == versions(sf)
    posted = {one["CommentBody"] for one in comments(sf, receipt)}
    assert {"ciao", "ciao\n[file: listino.pdf]", f"[file: listino.pdf] {one.url}"} == posted
    assert 3 == len(comments(sf, receipt))
    assert "partial: 1 as links" in receipt.detail
    assert ["file_as_link"] == [problem.rule for problem in receipt.problems]
    assert not receipt.problems[0].stops
    assert receipt == again, "a later try posts no second link"


def test_files_are_fetched_with_a_token_from_the_hosts_of_the_connection_only(
    send: Send, sf: Salesforce, desk: Witiop
) -> None:
    desk.set("settings", media_needs_token=True)
    token = f"Bearer {desk.get('credentials')['api_token']}"
    send(conversation(said(1, files=[file(desk)])), attachments_from="127.0.0.1", attachments_authorization=token)
    assert 1 == len(versions(sf))


# finding and listing


def test_cases_of_conversations_are_listed_by_the_period_of_their_change(
    send: Send, connect: Callable[..., ConnectorBase[Any]], sf: Salesforce
) -> None:
    sf.set("settings", page_size=3)
    ids = {send(conversation(conversation_id=f"L{number}")).record_id for number in range(7)}
    sf.made("Case", Subject="not of a conversation")
    now = datetime.now(UTC)
    listed = list(connect().listing("case", now - timedelta(hours=1), now + timedelta(hours=1)))

    assert ids <= {one.id for one in listed}
    assert all(one.external_reference for one in listed)
    assert [] == list(connect().listing("case", now + timedelta(hours=1), now + timedelta(hours=2)))
    sf.set("settings", hidden_fields=["Case.WitiOp_Conversation_Id__c"])
    with pytest.raises(NotConfigured, match="cannot be listed"):
        list(connect().listing("case", now, now))


def test_a_case_is_found_again_by_its_conversation(send: Send, connect: Callable[..., ConnectorBase[Any]]) -> None:
    payload = conversation(*TALK)
    receipt = send(payload)
    assert [receipt.record_id] == [found.id for found in connect().find(CREATE, payload)]


def test_the_agent_s_email_stands_in_no_text(send: Send) -> None:
    assert AGENT not in send(conversation(*TALK)).detail


def test_a_template_is_compared_with_the_fields_and_picklists_of_the_org(
    connect: Callable[..., ConnectorBase[Any]], sf: Salesforce
) -> None:
    """Before the first conversation is closed."""
    text = """\
name: T
type: create_case
reference: case
rows:
  - {to: contact_phone, person: phone}
  - {to: origin, text: Pigeon}
  - {to: priority, text: High}
  - {to: case_field, key: SuppliedNam, text: x}
  - {to: case_field, key: CaseNumber, text: x}
"""
    template = read_template(text, template_id="t", manifest=MANIFEST)
    found = connect().check_template(template)
    assert [("unknown_value", False), ("unknown_field", True), ("read_only", True)] == [
        (problem.rule, problem.stops) for problem in found
    ]
    assert "SuppliedName" in found[1].way_out
    sf.set("settings", restricted_picklists=["Case.Origin"])
    assert connect().check_template(template)[0].stops
