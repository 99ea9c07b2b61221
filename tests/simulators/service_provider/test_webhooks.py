"""Webhooks: what the provider's own people do is told, signed, and tried again."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys

from tests.simulators.jadu_cxm.receiver import Receiver
from tests.simulators.process import ROOT
from tests.simulators.service_provider.client import Provider

SECRET = b"demo-webhook-secret"


def sign(content: bytes, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, content, hashlib.sha256).hexdigest()


def test_an_update_a_solution_and_a_closure_are_told_with_their_signature(
    provider: Provider, receiver: Receiver
) -> None:
    provider.set("settings", webhooks={"url": receiver.url})
    provider.set("clock", now="2026-03-01T10:00:00Z")
    number = provider.new("TSK-1")
    provider.act("update", ticket=number, text="We look at it.", author="Agent")
    provider.act("solve", ticket="TSK-1", solution="Restarted.")
    provider.act("close", ticket=number, note="Done.")
    told = [one.json for one in receiver.messages]
    assert [(one["event"], one["ticket"]["status"]) for one in told] == [
        ("ticket.updated", "in_progress"),
        ("ticket.solved", "solved"),
        ("ticket.closed", "closed"),
    ]
    assert told[0] == {
        "id": 1,
        "event": "ticket.updated",
        "occurred_at": "2026-03-01T10:00:00Z",
        "origin": "provider",
        "ticket": {"number": number, "reference": "TSK-1", "status": "in_progress"},
        "update": {
            "id": 1,
            "text": "We look at it.",
            "author": "Agent",
            "origin": "provider",
            "at": "2026-03-01T10:00:00Z",
        },
    }
    assert ("Restarted.", "Done.", "Restarted.") == (told[1]["solution"], told[2]["note"], told[2]["solution"])
    for one in receiver.messages:
        assert sign(one.body) == one.headers["X-Signature"]
    assert ("1", "1772359200") == (
        receiver.messages[0].headers["X-Delivery"],
        receiver.messages[0].headers["X-Timestamp"],
    )


def test_the_timestamp_can_be_signed_too_and_the_names_changed(provider: Provider, receiver: Receiver) -> None:
    webhooks = {"url": receiver.url, "signed": "timestamp.body", "signature_header": "X-Hub-Signature-256"}
    provider.set("settings", webhooks={**webhooks, "event_names": {"update": "comment"}})
    provider.set("credentials", webhook_secret="other")
    provider.act("update", ticket=provider.new(), text="x")
    (one,) = receiver.messages
    expected = sign(one.headers["X-Timestamp"].encode() + b"." + one.body, b"other")
    assert (expected, "comment") == (one.headers["X-Hub-Signature-256"], one.json["event"])


def test_what_the_caller_did_is_told_only_where_that_is_chosen(provider: Provider, receiver: Receiver) -> None:
    """An echo: who applies it, and sends it on, goes round in circles."""
    provider.set("settings", webhooks={"url": receiver.url})
    number = provider.new()
    provider.send("POST", f"tickets/{number}/updates", json={"text": "x"})
    provider.act("settle")
    assert receiver.messages == []
    provider.set("settings", webhooks={"own_changes": True})
    provider.send("POST", f"tickets/{number}/close")
    provider.act("settle")
    assert [(one.json["event"], one.json["origin"]) for one in receiver.messages] == [("ticket.closed", "customer")]


def test_a_ticket_can_have_its_own_address(provider: Provider, receiver: Receiver) -> None:
    number = provider.new(callback_url=receiver.url)
    assert provider.act("update", ticket=number, text="x")["delivery"]["status"] == "delivered"
    assert provider.act("update", ticket=provider.new("TSK-2"), text="x")["delivery"] is None
    assert len(receiver.messages) == 1


def test_a_webhook_is_tried_again_and_then_has_failed(provider: Provider, receiver: Receiver) -> None:
    provider.set("settings", webhooks={"url": receiver.url}, deliveries={"attempts": 3, "retry_wait_s": 0})
    number = provider.new()
    receiver.statuses = [503, 500]
    done = provider.act("update", ticket=number, text="x")["delivery"]
    assert ("delivered", [503, 500, 200]) == (done["status"], [one["http_status"] for one in done["attempts"]])
    assert {one.headers["X-Delivery"] for one in receiver.messages} == {"1"}
    receiver.statuses = [410] * 3
    assert provider.act("solve", ticket=number, solution="x")["delivery"]["status"] == "failed"
    assert provider.act("redeliver")["deliveries"][0]["status"] == "delivered"


def test_a_slow_receiver_is_given_up(provider: Provider, receiver: Receiver) -> None:
    provider.set("settings", webhooks={"url": receiver.url}, deliveries={"attempts": 1, "timeout_s": 0.2})
    receiver.answers.clear()
    done = provider.act("update", ticket=provider.new(), text="x")["delivery"]
    assert ("failed", "No answer within 0.2 s.") == (done["status"], done["attempts"][0]["error"])


def test_held_webhooks_go_in_any_order_and_twice(provider: Provider, receiver: Receiver) -> None:
    provider.set("settings", webhooks={"url": receiver.url}, deliveries={"hold": True})
    number = provider.new()
    provider.act("solve", ticket=number, solution="x")
    provider.act("close", ticket=number)
    assert [one["status"] for one in provider.get("records")["deliveries"]] == ["held", "held"]
    provider.act("redeliver", order="reversed")
    provider.act("redeliver", deliveries=[1, 1])
    events = [one.json["event"] for one in receiver.messages]
    assert events == ["ticket.closed", "ticket.solved", "ticket.solved", "ticket.solved"]
    for wrong in ({"delivery": 9}, {"deliveries": "all"}, {"delivery": 1, "deliveries": [1]}, {"times": 101}):
        assert provider.admin("service_provider/redeliver", **wrong).status_code == 400


def test_a_reset_forgets_webhooks_that_are_under_way(provider: Provider, receiver: Receiver) -> None:
    provider.set("settings", webhooks={"url": receiver.url})
    receiver.answers.clear()
    provider.act("update", ticket="SD-100001", text="x", wait=False)
    assert receiver.arrived.wait(20)
    provider.set("reset")
    receiver.answers.set()
    provider.act("settle")
    assert provider.get("records")["deliveries"] == []


def test_a_receiver_that_never_answers_does_not_keep_it_from_stopping(receiver: Receiver) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "service_provider", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    client = Provider(process.stdout.readline().split()[-1])
    client.set("settings", webhooks={"url": receiver.url})
    receiver.answers.clear()
    client.act("update", ticket="SD-100001", text="x", wait=False)
    assert receiver.arrived.wait(20)
    process.terminate()
    rest, errors = process.communicate(timeout=30)
    client.session.close()
    assert (process.returncode, rest, errors) == (0, "", "")
