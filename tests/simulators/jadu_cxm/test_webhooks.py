"""Rules and webhooks: what triggers them, what they carry, and what becomes of each delivery."""

from __future__ import annotations

import hashlib
import hmac
import socket
import subprocess
import sys
from typing import Any

import pytest

from tests.simulators.jadu_cxm.client import Cxm
from tests.simulators.jadu_cxm.receiver import Receiver
from tests.simulators.process import ROOT

SIGN_IN = {"username": "integration@example.org", "password": "demo-password"}


def signed(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def rule(cxm: Cxm, receiver: Receiver, event: str, **more: Any) -> None:
    cxm.act("rule", **{"case_type": "missed_bin", "event": event, "url": receiver.url, **more})


def test_a_transition_is_told_with_its_signature(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "transitioned")
    cxm.set("clock", now="2026-07-01T11:34:00Z")
    token = cxm.send("POST", "sign-in", json=SIGN_IN).json()["token"]
    cxm.send("POST", "case/MBN001001/transition/close-case", headers={"X-API-TOKEN": token})
    (delivery,) = cxm.deliveries
    (message,) = receiver.messages
    assert message.json == {
        "event": "case.transitioned",
        "version": 1,
        "case": {"reference": "MBN001001", "type": "missed-bin", "status": {"title": "Closed"}},
        "transition": "close-case",
        "from_status": "open",
        "user": SIGN_IN["username"],
        "occurred_at": "2026-07-01T11:34:00+0000",
    }
    assert message.headers["X-Webhook-Signature"] == signed(message.body, "demo-webhook-secret")
    assert message.headers["Content-Type"] == "application/json"
    assert message.path == "/hook?source=cxm"
    assert (delivery["status"], delivery["body"].encode()) == ("delivered", message.body)
    assert delivery["attempts"] == [{"at": "2026-07-01T11:34:00Z", "http_status": 200, "error": None}]


ACTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("updated", "PATCH", "case/MBN001001/edit", {"json": {"details": "x"}}),
    ("transitioned", "POST", "case/MBN001001/transition/resolve", {}),
    ("attachment_added", "POST", "case/MBN001001/attach", {"files": {"json": (None, '{"name":"x"}'), "file": b"x"}}),
    ("note_added", "POST", "case/MBN001001/note", {"json": {"note": "x"}}),
    ("created", "POST", "missed-bin/case/create", {"json": {"details": "x"}}),
]


@pytest.mark.parametrize(("event", "method", "path", "content"), ACTS, ids=[act[0] for act in ACTS])
def test_each_event_triggers_its_own_rules_and_no_others(
    cxm: Cxm, receiver: Receiver, event: str, method: str, path: str, content: dict[str, Any]
) -> None:
    for one in cxm.get("info")["samples"]["event"]:
        rule(cxm, receiver, one)
    assert cxm.send(method, path, **content).status_code == 200
    (delivery,) = cxm.deliveries
    assert delivery["event"] == event
    assert receiver.messages[0].json["event"] == f"case.{event}"


STAFF: list[tuple[str, str, dict[str, Any]]] = [
    ("create", "created", {"type": "missed_bin", "fields": {"details": "x", "item_id": "22"}}),
    ("update", "updated", {"case": "MBN001001", "fields": {"item_id": "32", "bin-was-out": "No"}}),
    ("transition", "transitioned", {"case": "MBN001001", "transition": "send_to_contractor"}),
    ("attach", "attachment_added", {"case": "MBN001001", "name": "x.txt", "content": "eA=="}),
    ("note", "note_added", {"case": "MBN001001", "note": "x"}),
    ("message", "message_added", {"case": "MBN001001", "message": "x"}),
]


@pytest.mark.parametrize(("action", "event", "fields"), STAFF, ids=[act[0] for act in STAFF])
def test_what_a_person_does_triggers_rules_too(
    cxm: Cxm, receiver: Receiver, action: str, event: str, fields: dict[str, Any]
) -> None:
    rule(cxm, receiver, f"case.{event}")
    answer = cxm.act(action, **fields, user="someone@example.org")
    (message,) = receiver.messages
    assert (message.json["event"], message.json["user"]) == (f"case.{event}", "someone@example.org")
    assert answer["case"]["timeline"][-1]["event"] == event
    assert [one["status"] for one in answer["deliveries"]] == ["delivered"]
    assert cxm.record(answer["case"]["reference"]) == answer["case"]


def test_a_rule_is_for_one_case_type_and_its_condition(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "updated", condition={"status": "open", "changed": "item_id", "fields": {"bin-was-out": "Yes"}})
    cxm.edit({"item-id": "1"}, "BLK001001")  # another type
    cxm.edit({"details": "x"}, "MBN001001")  # another field
    cxm.edit({"item-id": "1"}, "MBN001002")  # bin-was-out is Perhaps
    cxm.edit({"item-id": "1"}, "MBN001003")  # in progress
    cxm.edit({"item-id": "1"}, "MBN001001")
    assert [one["case"] for one in cxm.deliveries] == ["MBN001001"]


def test_a_rule_may_be_for_one_transition_from_one_status(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "transitioned", condition={"transition": "close-case", "from_status": "resolved"})
    for name in ("close-case", "reopen", "resolve", "close-case"):
        cxm.transition(name)
    assert len(cxm.deliveries) == 1
    assert receiver.messages[0].json["from_status"] == "resolved"


def test_a_refused_or_empty_change_triggers_nothing(cxm: Cxm, receiver: Receiver) -> None:
    for event in ("created", "updated", "transitioned"):
        rule(cxm, receiver, event)
    cxm.transition("reopen")
    cxm.edit({"colour": "red"})
    cxm.edit({"bin-was-out": "Yes"})
    cxm.create({})
    assert cxm.deliveries == []


def test_a_webhook_of_the_system_is_told_of_its_events_for_every_type(cxm: Cxm, receiver: Receiver) -> None:
    cxm.act("webhook", name="all", url=receiver.url, secret="own secret", events=["created", "case.updated"], version=2)
    cxm.create({"details": "x"}, "street-cleaning")
    cxm.edit({"details": "x"}, "BLK001001")
    cxm.transition("resolve")
    assert [one["rule"] for one in cxm.deliveries] == [None, None]
    assert [(one.json["event"], one.json["version"]) for one in receiver.messages] == [
        ("case.created", 2),
        ("case.updated", 2),
    ]
    assert all(one.headers["X-Webhook-Signature"] == signed(one.body, "own secret") for one in receiver.messages)


def test_while_a_webhook_is_disabled_nothing_is_kept_for_it(cxm: Cxm, receiver: Receiver) -> None:
    cxm.act("webhook", name="all", url=receiver.url, events=["transitioned"])
    cxm.act("rule", name="closed", case_type="missed_bin", event="transitioned", webhook="all")
    cxm.act("webhook", name="all", enabled=False)
    cxm.transition("resolve")
    cxm.act("webhook", name="all", enabled=True)
    assert cxm.deliveries == []
    cxm.transition("close-case")
    assert [one["rule"] for one in cxm.deliveries] == [None, "closed"]


def test_names_signature_and_event_names_are_what_the_settings_say(cxm: Cxm, receiver: Receiver) -> None:
    names = {"reference": "CaseReference", "transition": "Transition", "user": "Transitioner"}
    wanted = {
        "payload_names": names,
        "event_names": {"transitioned": "case-transition"},
        "signature_header": "X-Jadu-Signature",
        "signature_prefix": "",
    }
    cxm.set("settings", webhooks=wanted)
    rule(cxm, receiver, "case-transition")
    cxm.act("transition", case="MBN001001", transition="resolve")
    (message,) = receiver.messages
    assert message.json["case"]["CaseReference"] == "MBN001001"
    assert (message.json["event"], message.json["Transition"]) == ("case-transition", "resolve")
    assert "sha256=" + message.headers["X-Jadu-Signature"] == signed(message.body, "demo-webhook-secret")
    cxm.set("settings", webhooks={"signature_header": ""})
    cxm.act("transition", case="MBN001001", transition="reopen")
    assert not any("signature" in name.lower() for name in receiver.messages[1].headers)


def test_an_event_can_be_told_though_nothing_changed(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "transitioned")
    before = cxm.record()
    answer = cxm.act("event", case="MBN001001", event="transitioned", transition="resolve", from_status="open")
    assert receiver.messages[0].json["transition"] == "resolve"
    assert (answer["case"], cxm.record()) == (before, before)
    assert cxm.admin("jadu_cxm/event", case="MBN001001", event="transitioned").status_code == 400


def test_a_failed_delivery_is_not_tried_again_unless_the_settings_say_so(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "transitioned")
    receiver.statuses = [500, 302, 503, 204]
    cxm.transition("resolve")
    cxm.transition("reopen")
    cxm.act("settle")
    cxm.set("settings", webhooks={"attempts": 3, "retry_wait_s": 0})
    cxm.transition("resolve")
    assert [(one["status"], [each["http_status"] for each in one["attempts"]]) for one in cxm.deliveries] == [
        ("failed", [500]),
        ("failed", [302]),
        ("delivered", [503, 204]),
    ]


def test_a_receiver_that_is_not_there_fails_the_delivery_and_not_the_change(cxm: Cxm) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    cxm.act("rule", case_type="missed_bin", event="transitioned", url=f"http://127.0.0.1:{port}/")
    cxm.act("rule", case_type="missed_bin", event="transitioned", url="http://no-such-host.invalid/")
    assert cxm.transition("resolve").status_code == 200
    assert [(one["status"], one["attempts"][0]["http_status"]) for one in cxm.deliveries] == [("failed", None)] * 2
    assert "ConnectionRefused" in cxm.deliveries[0]["attempts"][0]["error"]


def test_a_silent_receiver_fails_the_delivery_after_the_time_limit_and_holds_up_nobody(
    cxm: Cxm, receiver: Receiver
) -> None:
    receiver.answers.clear()
    cxm.set("settings", webhooks={"timeout_s": 0.3})
    rule(cxm, receiver, "transitioned")
    assert cxm.transition("resolve").status_code == 200
    assert cxm.read()["status"] == {"title": "Resolved"}
    (delivery,) = cxm.deliveries
    assert (delivery["status"], delivery["attempts"][0]["error"]) == ("failed", "No answer within 0.3 s.")


def test_a_receiver_may_read_the_case_before_it_answers(cxm: Cxm, receiver: Receiver) -> None:
    receiver.answers.clear()
    rule(cxm, receiver, "transitioned")
    cxm.transition("resolve")
    assert receiver.arrived.wait(20)
    reference = receiver.messages[0].json["case"]["reference"]
    assert cxm.read(reference)["status"] == {"title": "Resolved"}
    receiver.answers.set()
    assert [one["status"] for one in cxm.deliveries] == ["delivered"]


def test_a_delivery_is_sent_again_as_it_was(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "transitioned")
    receiver.statuses = [500]
    first = cxm.act("transition", case="MBN001001", transition="resolve")["deliveries"][0]
    cxm.transition("close-case")
    answer = cxm.act("redeliver", delivery=first["id"], times=2)
    assert [one["id"] for one in answer["deliveries"]] == [first["id"]]
    assert [each["http_status"] for each in answer["deliveries"][0]["attempts"]] == [500, 200, 200]
    bodies = [one.body for one in receiver.messages]
    assert bodies[0] == bodies[2] == bodies[3] != bodies[1]


def test_failed_and_held_deliveries_are_what_is_sent_again_where_none_is_named(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "transitioned")
    receiver.statuses = [500]
    for name in ("resolve", "reopen"):
        cxm.act("transition", case="MBN001001", transition=name)
    cxm.act("redeliver")
    assert [one.json["transition"] for one in receiver.messages] == ["resolve", "reopen", "resolve"]


def test_deliveries_come_twice_or_out_of_order_on_request(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "transitioned")
    cxm.set("settings", webhooks={"hold": True})
    for name in ("send-to-contractor", "resolve", "close-case"):
        cxm.transition(name)
    assert [one["status"] for one in cxm.deliveries] == ["held"] * 3
    assert receiver.messages == []
    cxm.act("redeliver", order="reversed")
    assert [one.json["transition"] for one in receiver.messages] == ["close-case", "resolve", "send-to-contractor"]
    cxm.set("settings", webhooks={"hold": False, "copies": 2})
    cxm.act("transition", case="MBN001001", transition="reopen")
    assert [one.json["transition"] for one in receiver.messages[3:]] == ["reopen", "reopen"]
    assert receiver.messages[3].body == receiver.messages[4].body


def test_messages_to_one_receiver_come_in_the_order_of_what_happened(cxm: Cxm, receiver: Receiver) -> None:
    rule(cxm, receiver, "note_added")
    rule(cxm, receiver, "created")
    made = [cxm.create({"details": str(number)}).json()["reference"] for number in range(20)]
    assert [one["case"] for one in cxm.deliveries] == made
    assert [one.json["case"]["reference"] for one in receiver.messages] == made


def test_a_webhook_under_way_does_not_keep_the_simulator_from_stopping_quietly(receiver: Receiver) -> None:
    receiver.answers.clear()
    command = [sys.executable, "-m", "simulators", "jadu_cxm", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    cxm = Cxm(process.stdout.readline().split()[-1])
    cxm.set("settings", webhooks={"timeout_s": 600})
    rule(cxm, receiver, "transitioned")
    cxm.transition("resolve")
    assert receiver.arrived.wait(20)
    process.terminate()
    rest = process.communicate(timeout=20)
    cxm.session.close()
    assert (process.returncode, rest) == (0, ("", ""))


def test_a_rule_does_not_take_the_name_of_a_webhook_of_the_system(cxm: Cxm, receiver: Receiver) -> None:
    cxm.act("webhook", name="all", url=receiver.url, events=["created"])
    fields = {"name": "all", "case_type": "missed_bin", "event": "created", "url": receiver.url}
    assert '"name"' in cxm.admin("jadu_cxm/rule", **fields).json()["error"]


def test_reset_forgets_rules_and_what_is_under_way(cxm: Cxm, receiver: Receiver) -> None:
    receiver.answers.clear()
    rule(cxm, receiver, "transitioned")
    cxm.transition("resolve")
    cxm.set("reset")
    records = cxm.get("records")
    assert (records["rules"], records["webhooks"], records["deliveries"]) == ([], [], [])
    cxm.transition("resolve")
    assert cxm.deliveries == []
