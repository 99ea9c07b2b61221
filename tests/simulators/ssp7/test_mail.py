"""Inbound e-mail: the four results that the vendor names, and the external reference."""

from __future__ import annotations

import base64
import smtplib
import subprocess
import sys
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulators.process import ROOT
from tests.simulators.ssp7.client import Ssp7
from tests.simulators.ssp7.receiver import Receiver

PROVIDER = "External Service Provider"


def mail(subject: str, body: str, sender: str = "colleague@example.org", kind: str = "plain") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "desk@example.org", subject
    message.set_content(body, subtype=kind)
    return message


def send(ssp7: Ssp7, *messages: EmailMessage) -> None:
    """By SMTP, as another system's mail server does."""
    host, _, port = ssp7.act("mailbox")["smtp"].partition(":")
    assert ssp7.get("info")["smtp"] == f"{host}:{port}"
    with smtplib.SMTP(host, int(port), timeout=20) as server:
        for message in messages:
            server.send_message(message)


def results(ssp7: Ssp7) -> list[list[str]]:
    return [one["results"] for one in ssp7.get("records")["mails"]]


def test_a_mail_that_belongs_to_nothing_becomes_a_ticket_with_its_tags(ssp7: Ssp7) -> None:
    body = "[[Description]]: A new workstation\n[[Priority]]: Low\nThanks\n[[Source]]: Email\n"
    send(ssp7, mail("Workstation", body))
    ticket = ssp7.get("records")["tickets"][-1]
    assert ("Workstation", "A new workstation", "Low") == (ticket["title"], ticket["description"], ticket["priority"])
    assert ticket["form"] == {"Description": "A new workstation", "Priority": "Low", "Source": "Email"}
    assert ticket["requester"]["name"] == "Sample Colleague"


def test_the_failover_person_stands_for_an_unknown_sender(ssp7: Ssp7) -> None:
    send(ssp7, mail("Help", "x", sender="stranger@example.org"))
    assert ssp7.get("records")["tickets"][-1]["requester"]["email"] == "service.desk@example.org"


def test_a_ticket_number_makes_it_a_message_and_tags_are_text_then(ssp7: Ssp7) -> None:
    send(ssp7, mail("Re: TicketId:TCK0005001", "[[Priority]]: Low\nAny news?"))
    ticket = ssp7.get("records")["tickets"][0]
    assert ("High", "[[Priority]]: Low\nAny news?") == (ticket["priority"], ticket["messages"][0]["text"])


def test_a_task_is_updated_solved_and_closed_by_mail(desk: Ssp7, receiver: Receiver) -> None:
    desk.act("assign", task="9001", group=PROVIDER)
    send(
        desk,
        mail("Received", "TaskId: TSK0009001\nExternalId: EXT-5\n"),
        mail("TaskId:9001", "Parts ordered."),
        mail("[Solution] [TaskId: 9001]", "Drum replaced."),
        mail("[closed] TaskId:9001", ""),
    )
    assert results(desk) == [["acknowledgement"], ["update"], ["solution"], ["closed"]]
    task = desk.task()
    assert ("EXT-5", "Drum replaced.", "Closed") == (task["external_reference"], task["solution"], task["status"])
    assert [one["text"] for one in task["updates"]] == ["Parts ordered."]
    assert [one[1:3] for one in desk.events[1:]] == [
        ("", "In"),
        ("Update", "In"),
        ("Reassigned", "In"),
        ("Reassigned", "In"),
    ]


def test_a_reference_and_a_text_can_come_in_one_mail(ssp7: Ssp7) -> None:
    send(ssp7, mail("x", "TaskId: 9001\r\nExternalId: EXT-5\r\n\r\nWe look at it.\r\n"))
    assert results(ssp7) == [["acknowledgement", "update"]]
    assert ssp7.task()["updates"][0]["text"] == "We look at it."


def test_a_mail_for_a_closed_task_is_refused_in_the_log(ssp7: Ssp7) -> None:
    ssp7.act("close", task="9001")
    send(ssp7, mail("TaskId:9001", "Late."))
    ((result,),) = results(ssp7)
    assert "refused: " in result
    assert ssp7.task()["updates"] == []


def test_formats_can_be_chosen_and_html_is_read(ssp7: Ssp7) -> None:
    ssp7.set("settings", mail={"task_number_formats": ["Job#"], "tag_format": "LABEL=Value"})
    send(ssp7, mail("x", "<p>Job#9001</p><p>On its way &amp; soon</p>", kind="html"), mail("New", "Colour=red"))
    assert ssp7.task()["updates"][0]["text"] == "On its way & soon"
    assert ssp7.get("records")["tickets"][-1]["form"] == {"Colour": "red"}


def test_a_mail_can_be_given_without_smtp(ssp7: Ssp7) -> None:
    done = ssp7.act("mail", **{"from": "colleague@example.org", "subject": "TaskId:9001", "body": "Hello"})
    assert done["mail"]["results"] == ["update"]
    content = base64.b64encode(mail("TaskId:9001", "Grüße").as_bytes()).decode()
    ssp7.act("mail", content=content)
    assert [one["text"] for one in ssp7.task()["updates"]] == ["Hello", "Grüße"]
    assert "base64" in ssp7.refused("mail", content="?")
    assert "one line" in ssp7.refused("mail", subject="a\nb", body="")


def test_a_mailbox_closes_and_a_port_that_is_taken_is_named(ssp7: Ssp7) -> None:
    taken = int(ssp7.url.rpartition(":")[2])
    assert f"port {taken}" in ssp7.refused("mailbox", port=taken)
    assert "must be a port" in ssp7.refused("mailbox", port="smtp")
    host, _, port = ssp7.act("mailbox")["smtp"].partition(":")
    assert ssp7.act("mailbox", port=None) == {"smtp": None}
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(host, int(port), timeout=5)


def test_a_sender_that_stays_connected_does_not_keep_it_from_stopping() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "ssp7", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    client = Ssp7(process.stdout.readline().split()[-1])
    host, _, port = client.act("mailbox")["smtp"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=20) as server:
        server.ehlo()
        process.terminate()
        rest, errors = process.communicate(timeout=30)
    client.session.close()
    assert (process.returncode, rest, errors) == (0, "", "")


def test_without_the_package_for_smtp_all_else_works() -> None:
    """The package is one of development: who only runs the product has every simulator without it."""
    script = (
        "import sys; sys.modules['aiosmtpd'] = None\n"
        "from simulators.__main__ import main; sys.exit(main(['ssp7', '--port', '0']))"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    client = Ssp7(process.stdout.readline().split()[-1])
    assert "make install-dev" in client.refused("mailbox")
    assert client.act("mail", subject="TaskId:9001", body="x")["mail"]["results"] == ["update"]
    client.session.close()
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0


@given(st.binary(max_size=400))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mail_breaks_it(ssp7_process: str, content: bytes) -> None:
    client = Ssp7(ssp7_process)
    done: dict[str, Any] = client.act("mail", content=base64.b64encode(content).decode())
    assert done["mail"]["results"] != []
    client.session.close()
