"""The desk: closing tells the webhook in the manner of each face, and the rest is fetched."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

import pytest
import requests

from tests.simulators.jadu_cxm.receiver import Receiver
from tests.simulators.witiop.client import Witiop


def closed(desk: Witiop, receiver: Receiver, face: str = "witiop", number: int = 1793) -> object:
    delivery = {"attempts": 3, "retry_wait_s": 0.01}
    desk.set("settings", webhook_url=receiver.url, face=face, delivery=delivery)
    return desk.act("close", conversation=number, profile={"disposition": "sold"})


def signed(secret: str, text: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def test_a_closed_conversation_is_told_with_a_signature(desk: Witiop, receiver: Receiver) -> None:
    closed(desk, receiver)
    (message,) = receiver.messages
    text = message.headers["X-Hub-Timestamp"].encode() + b"." + message.body
    assert signed("demo-webhook-secret", text) == message.headers["X-Hub-Signature-256"]
    told = message.json["conversation"]
    assert ("conversation.closed", 1793, {"disposition": "sold"}) == (
        message.json["event"],
        told["id"],
        told["profile"],
    )
    assert ["ciao", "Buongiorno", ""] == [one["text"] for one in told["messages"]]
    assert ["inbound", "outbound", "outbound"] == [one["direction"] for one in told["messages"]]
    (file,) = told["messages"][2]["attachments"]
    assert 12345 == file["size"] == len(requests.get(file["url"], timeout=20).content)
    assert told == desk.read("/api/conversations/1793").json()


def test_a_customer_without_a_name_has_none(desk: Witiop, receiver: Receiver) -> None:
    closed(desk, receiver, number=1794)
    assert {"number": "+447700900321"} == receiver.messages[0].json["conversation"]["customer"]


def test_a_delivery_is_tried_again_until_it_is_taken_and_keeps_its_event_id(desk: Witiop, receiver: Receiver) -> None:
    receiver.statuses = [503, 500]
    closed(desk, receiver)
    assert 3 == len(receiver.messages)
    assert 1 == len({one.json["event_id"] for one in receiver.messages})
    (delivery,) = desk.get("records")["deliveries"]
    assert ("delivered", [503, 500, 200]) == (delivery["status"], [one["http_status"] for one in delivery["attempts"]])


def test_a_second_close_is_an_event_of_its_own(desk: Witiop, receiver: Receiver) -> None:
    closed(desk, receiver)
    assert 400 == desk.admin("witiop/close", conversation=1793).status_code
    assert 400 == desk.admin("witiop/message", conversation=1793, text="x").status_code
    desk.act("reopen", conversation=1793)
    desk.act("message", conversation=1793, text="one more thing")
    desk.act("close", conversation=1793)
    first, second = (one.json for one in receiver.messages)
    assert first["event_id"] != second["event_id"]
    assert (3, 4) == tuple(len(one["conversation"]["messages"]) for one in (first, second))
    desk.act("redeliver", delivery=1)
    assert first == receiver.messages[2].json


def test_chatwoot_tells_the_last_message_and_the_rest_is_fetched(desk: Witiop, receiver: Receiver) -> None:
    closed(desk, receiver, "chatwoot")
    (message,) = receiver.messages
    text = message.headers["X-Chatwoot-Timestamp"].encode() + b"." + message.body
    assert signed("demo-chatwoot-secret", text) == message.headers["X-Chatwoot-Signature"]
    told = message.json
    assert ("conversation_status_changed", "resolved", 1) == (told["event"], told["status"], len(told["messages"]))
    assert "+393331234567" == told["meta"]["sender"]["phone_number"]
    assert "email" not in told["meta"]["assignee"]
    agents = {one["id"]: one["email"] for one in desk.read("/chatwoot/api/v1/accounts/1/agents").json()}
    assert "agent.demo@example.com" == agents[told["meta"]["assignee"]["id"]]
    history = desk.read("/chatwoot/api/v1/accounts/1/conversations/1793/messages").json()["payload"]
    assert [0, 1, 1, 2] == [one["message_type"] for one in history]
    file = history[2]["attachments"][0]
    assert file["file_size"] == len(requests.get(file["data_url"], timeout=20).content)


def test_chatwoot_gives_twenty_messages_at_once(desk: Witiop) -> None:
    messages = [{"text": str(at)} for at in range(25)]
    desk.act("open", id=5, customer={"number": "+39"}, messages=messages)
    path = "/chatwoot/api/v1/accounts/1/conversations/5/messages"
    last = desk.read(path).json()["payload"]
    first = desk.read(path, params={"before": last[0]["id"]}).json()["payload"]
    assert [str(at) for at in range(25)] == [one["content"] for one in first + last]


@pytest.mark.parametrize("face", ["twilio", "twilio_events"])
def test_twilio_tells_the_state_and_the_rest_is_fetched(desk: Witiop, receiver: Receiver, face: str) -> None:
    closed(desk, receiver, face)
    (message,) = receiver.messages
    address = receiver.url.partition("/hook")[0] + message.path
    if face == "twilio":
        told = dict(parse_qsl(message.body.decode()))
        text = address + "".join(name + told[name] for name in sorted(told))
    else:
        told, text = message.json[0]["data"], address  # type: ignore[index]
        assert address.endswith("bodySHA256=" + hashlib.sha256(message.body).hexdigest())
    signature = base64.b64encode(hmac.new(b"demo-twilio-token", text.encode(), hashlib.sha1).digest()).decode()
    assert signature == message.headers["X-Twilio-Signature"]
    assert ("active", "closed") == (told["StateFrom"], told["StateTo"])
    path = f"/twilio/v1/Conversations/{told['ConversationSid']}"
    assert "closed" == desk.read(path).json()["state"]
    people = desk.read(f"{path}/Participants").json()["participants"]
    assert "whatsapp:+393331234567" == people[0]["messaging_binding"]["address"]
    page = desk.read(f"{path}/Messages?PageSize=2").json()
    rest = desk.read(page["meta"]["next_page_url"].removeprefix(desk.url)).json()
    assert (["ciao", "Buongiorno"], None) == ([one["body"] for one in page["messages"]], rest["meta"]["next_page_url"])
    media = rest["messages"][0]["media"][0]["sid"]
    service = desk.read(path).json()["chat_service_sid"]
    links = desk.read(f"/twilio/v1/Services/{service}/Media/{media}").json()["links"]
    assert 12345 == len(requests.get(links["content_direct_temporary"], timeout=20).content)


def test_a_large_file_is_made_while_it_is_sent(desk: Witiop) -> None:
    size = 100 * 1024 * 1024 + 1
    file = {"name": "video.mp4", "mime": "video/mp4", "size": size}
    desk.act("message", conversation=1793, attachments=[file])
    key = desk.get("info")["samples"]["attachment"][-1]
    with requests.get(f"{desk.url}/media/{key}", stream=True, timeout=20) as answer:
        assert (str(size), "video/mp4") == (answer.headers["content-length"], answer.headers["content-type"])
        assert size == sum(len(piece) for piece in answer.iter_content(1 << 20))
    desk.set("faults", kind="malformed", operation="media", reference=key)
    assert size // 2 == len(requests.get(f"{desk.url}/media/{key}", timeout=20).content)
    assert str(size) == requests.head(f"{desk.url}/media/{key}", timeout=20).headers["content-length"]


def test_closed_conversations_can_be_polled(desk: Witiop) -> None:
    desk.set("clock", now="2026-07-01T10:00:00Z")
    desk.act("close", conversation=1793)
    listed = desk.read("/api/conversations", params={"status": "closed", "closed_after": "2026-07-01T09:00:00Z"}).json()
    assert (1, [1793]) == (listed["total"], [one["id"] for one in listed["conversations"]])
    assert 400 == desk.read("/api/conversations", params={"closed_after": "soon"}).status_code


@pytest.mark.parametrize(
    "path",
    ["/api/conversations", "/chatwoot/api/v1/accounts/1/agents", "/twilio/v1/Conversations/CH" + "0" * 32],
)
def test_wrong_credentials_are_refused_by_each_face(desk: Witiop, path: str) -> None:
    assert 401 == requests.get(desk.url + path, timeout=20).status_code
    desk.set("faults", kind="wrong_credentials")
    assert 401 == desk.read(path).status_code


@pytest.mark.parametrize(
    "path",
    ["/api/nope", "/api/conversations/9", "/media/m99", "/chatwoot/x", "/twilio/v1/Conversations/CH" + "0" * 32],
)
def test_what_is_not_there_is_404(desk: Witiop, path: str) -> None:
    assert 404 == desk.read(path).status_code


def test_files_may_need_the_token(desk: Witiop) -> None:
    desk.set("settings", media_needs_token=True)
    assert 401 == requests.get(f"{desk.url}/media/m1", timeout=20).status_code
    assert 200 == desk.read("/media/m1").status_code


def test_faults_are_chosen_by_conversation(desk: Witiop) -> None:
    desk.set("faults", kind="status_503", operation="read_conversation", reference="1794")
    assert [200, 503, 200] == [desk.read(f"/api/conversations/{one}").status_code for one in (1793, 1794, 1794)]


def test_an_unusable_admin_call_changes_nothing(desk: Witiop) -> None:
    before = desk.get("records"), desk.get("settings")
    for call, fields in (
        ("settings", {"webhook_url": "x"}),
        ("settings", {"page_size": 1000}),
        ("witiop/open", {"id": 1793, "customer": {"number": "+39"}}),
        ("witiop/open", {"customer": {}}),
        ("witiop/close", {"conversation": 9}),
        ("witiop/message", {"conversation": 1793, "attachments": [{"size": 1}]}),
    ):
        assert 400 == desk.admin(call, **fields).status_code
    assert before == (desk.get("records"), desk.get("settings"))
