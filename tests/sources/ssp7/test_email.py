"""E-mail in place of an API: what left so stays unconfirmed until an event, and a real mail server took it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from casebridge.core.errors import Conflict
from casebridge.core.outcome import State
from casebridge.steps.call import call_target
from tests.service_desk import GROUP, ServiceDesk

ROOT = Path(__file__).parents[3]
CASE = "TSK0009001"


class Mailbox:
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd asks for it)
        await asyncio.sleep(0)
        self.mails.append(envelope.content)
        return "250 OK"


def free_port() -> int:
    """A port that nobody listens on; the controller connects to its own, so it must know it beforehand."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class RudeMailbox(Mailbox):
    """Keeps what it gets, and breaks off before it says so."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        said = await super().handle_DATA(server, session, envelope)
        server.transport.abort()
        return said


PROGRAM = """
import json, sys
from casebridge.airflow.mail import send_email
from casebridge.core.errors import CasebridgeError
from casebridge.transport.email import told_by_mail_server
try:
    with told_by_mail_server("Desk"):
        send_email(*json.loads(sys.argv[1]))
except CasebridgeError as error:
    print(type(error).__name__)
"""


def by_airflow(port: int, to: str, subject: str, text: str) -> str:
    """Sends as a task does: Airflow's own SMTP hook, in a process of its own. Returns the name of its error."""
    connection = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": port,
        "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "casebridge@example.org"},
    }
    home = {"AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(connection), "PYTHONPATH": f"{ROOT}/plugins:{ROOT}"}
    arguments = [sys.executable, "-c", PROGRAM, json.dumps([to, subject, text])]
    done = subprocess.run(arguments, env=os.environ | home, capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stderr[-2000:]
    return next((line for line in reversed(done.stdout.splitlines()) if line.isidentifier()), "")


def test_a_mail_server_that_is_not_ours_receives_the_tagged_mail_and_the_action_stays_unconfirmed(
    office: ServiceDesk,
) -> None:
    """Until the provider's event with our reference: then the ticket's number is in the Reference and on the task."""
    office.connector_settings = {"channel": "email", "email_to": "desk@provider.example"}
    with office.listening():
        office.ssp7.act("assign", task="9001", group=GROUP)
        office.work()
        [action] = office.log.latest()
        assert (State.UNCONFIRMED, None) == (action.state, action.record_id)
        office.work()
        assert 1 == len(office.mails), "it is not sent again"

        box = Mailbox()
        controller = Controller(box, hostname="127.0.0.1", port=free_port())
        controller.start()
        try:
            assert "" == by_airflow(controller.port, *office.mails[0])
        finally:
            controller.stop()
        mail = message_from_bytes(box.mails[0], policy=policy.default)
        body = mail.get_body(("html", "plain"))
        assert "Repair the printer" == mail["Subject"]
        assert body is not None
        assert {"[[Priority]]: high<br>", f"ExternalId: {CASE}<br>"} <= set(body.get_content().splitlines())

        office.connector_settings = {}
        number = office.provider.new(CASE, title="By hand, from the mail")
        office.provider.act("update", ticket=number, text="We have it.")
        office.work()
    [action] = [one for one in office.log.latest() if one.template]
    assert (State.CONFIRMED, number) == (action.state, action.record_id)
    assert [number] == [one.record_id for one in office.references.of_case(CASE)]
    assert ["We have it."] == [one["text"] for one in office.ssp7.task("9001")["updates"]]


def test_a_message_whose_answer_was_lost_is_sent_once_and_is_in_doubt() -> None:
    """Airflow's own hook would send it six times."""
    box = RudeMailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        told = by_airflow(controller.port, "desk@provider.example", "Printer", "Blank pages")
    finally:
        controller.stop()
    assert (1, "InDoubtError") == (len(box.mails), told)


def test_a_mail_server_that_is_away_is_tried_again() -> None:
    assert "Unreachable" == by_airflow(free_port(), "desk@provider.example", "Printer", "Blank pages")


def test_a_person_may_confirm_it_too(office: ServiceDesk) -> None:
    office.connector_settings = {"channel": "email", "email_to": "desk@provider.example"}
    with office.listening():
        office.ssp7.act("assign", task="9001", group=GROUP)
        office.work()
    [action] = office.log.latest()
    office.decisions.adopt(action.id, record_id="SD-7", who="somebody")
    assert ["SD-7"] == [one.record_id for one in office.references.of_case(CASE)]


def test_a_message_that_did_not_arrive_is_sent_again_when_a_person_says_so(office: ServiceDesk) -> None:
    office.connector_settings = {"channel": "email", "email_to": "desk@provider.example"}
    with office.listening():
        office.ssp7.act("assign", task="9001", group=GROUP)
        office.work()
        office.decisions.adopt(office.log.latest()[0].id, record_id="SD-7", who="somebody")
        office.ssp7.act("update", task="9001", text="Please hurry.")
        office.work()
    [update] = [action for action in office.log.latest() if action.action_type == "update"]
    for again in (2, 3):
        office.decisions.allow_again(update.id, who="somebody")
        call_target(update.id, ledger=office.ledger, connector=office.connector, attempt=again)
    assert ["Please hurry."] * 3 == [text.splitlines()[-1] for _, subject, text in office.mails if "SD-7" in subject]
    office.decisions.adopt(update.id, record_id="SD-7", who="somebody")
    assert State.CONFIRMED == office.ledger.action(update.id).state


def test_what_left_for_ssp7_by_e_mail_is_told_again_by_hand_only(office: ServiceDesk) -> None:
    """Its text is not kept once it was sent."""
    office.source_settings = {"channel": "email", "email_to": "ssp@council.example"}
    with office.listening():
        office.ssp7.act("assign", task="9001", group=GROUP)
        office.work()
        office.provider.act("update", ticket=office.tickets()[0]["number"], text="A part is on its way.")
        office.work()
    [update] = [one for one in office.log.latest() if not one.template]
    with pytest.raises(Conflict, match="close it"):
        office.decisions.allow_again(update.id, who="somebody")
    office.decisions.close(update.id, who="somebody", reason="told by telephone")
    assert State.CLOSED == office.ledger.action(update.id).state


def test_an_event_behind_an_unconfirmed_ticket_waits_for_its_number(office: ServiceDesk) -> None:
    """An update cannot name the ticket before somebody knows it; it costs no tries until then."""
    office.connector_settings = {"channel": "email", "email_to": "desk@provider.example"}
    with office.listening():
        office.ssp7.act("assign", task="9001", group=GROUP)
        office.ssp7.act("update", task="9001", text="Please hurry.")
        office.work()
        assert 1 == office.inbox.count_pending()
        [action] = office.log.latest()
        office.decisions.adopt(action.id, record_id="SD-7", who="somebody")
        office.work()
    assert ["Repair the printer", "TicketId: SD-7"] == [subject for _, subject, _ in office.mails]


@pytest.mark.behaviour("S7")
def test_a_task_is_written_back_by_e_mail_and_confirmed_by_the_event_that_comes_of_it(office: ServiceDesk) -> None:
    """SSP7 reads its mailbox: the external reference, an update text, a solution and a closure."""
    office.source_settings = {"channel": "email", "email_to": "ssp@council.example"}
    ssp7 = office.ssp7

    def read_mails() -> None:
        for _, subject, body in office.mails:
            ssp7.act("mail", subject=subject, body=body, **{"from": "hub@example.org"})
        office.mails.clear()

    with office.listening():
        ssp7.act("assign", task="9001", group=GROUP)
        office.work()
        read_mails()
        number = office.tickets()[0]["number"]
        assert number == ssp7.task("9001")["external_reference"]
        office.provider.act("update", ticket=number, text="A part is on its way.")
        office.work()
        [update] = [one for one in office.log.latest() if not one.template]
        assert State.UNCONFIRMED == update.state
        read_mails()
        office.work()
        assert State.CONFIRMED == office.ledger.action(update.id).state
        office.provider.act("solve", ticket=number, solution="Drum replaced.")
        office.work()
        read_mails()
        assert ("Ready", "Drum replaced.") == (ssp7.task("9001")["status"], ssp7.task("9001")["solution"])
        office.provider.act("close", ticket=number)
        office.work()
        read_mails()
    assert "Closed" == ssp7.task("9001")["status"]
    assert ["Provider's agent: A part is on its way."] == [one["text"] for one in ssp7.task("9001")["updates"]]
