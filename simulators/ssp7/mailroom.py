"""What a mail that has been read does: a new ticket, a message, an update text, a solution, a reference."""

from __future__ import annotations

from typing import Any

from simulators.shown import plain
from simulators.ssp7 import mail, tickets
from simulators.ssp7.errors import Refusal
from simulators.ssp7.mail import Mail
from simulators.ssp7.ticketing import Ticketing
from simulators.ssp7.tickets import Person, Task


def take(ticketing: Ticketing, content: bytes) -> dict[str, Any]:
    """The mail has been read and applied; what came of it is in the list of mails, and is returned."""
    read = mail.read(content, ticketing.settings.mail)
    entry: dict[str, Any] = {
        "at": plain(ticketing.clock.now()),
        "from": read.sender,
        "subject": read.subject,
        "results": [],
        "ticket": None,
        "task": None,
    }
    ticketing.mails.append(entry)
    task = ticketing.task_named(read.task) if read.task else None
    ticket = ticketing.ticket_named(read.ticket) if read.ticket else None
    if task is not None:
        entry["task"], entry["ticket"] = task.number, ticketing.tickets[task.ticket].number
        try:
            _for_task(ticketing, read, task, entry["results"])
        except Refusal as refusal:
            text = ticketing.settings.errors[refusal.kind].text
            entry["results"].append("refused: " + text.replace("{detail}", refusal.detail))
    elif ticket is not None:
        entry["ticket"] = ticket.number
        ticket.messages.append(tickets.Message(read.text, _sender(ticketing, read).name, ticketing.clock.now(), "In"))
        entry["results"].append("message")
    else:
        made = ticketing.new_ticket(
            read.tags.get("Title") or read.subject,
            read.tags.get("Description") or read.text,
            _sender(ticketing, read),
            priority=read.tags.get("Priority") or "Normal",
            form=read.tags,
        )
        entry["ticket"] = made.number
        entry["results"].append("new_ticket")
    return entry


def _for_task(ticketing: Ticketing, read: Mail, task: Task, results: list[str]) -> None:
    """The reference first, then what the mail says; a mail with a reference and no text says no more (ASSUMED)."""
    if read.external_reference:
        ticketing.acknowledge(task, read.external_reference)
        results.append("acknowledgement")
    if read.says is not None:
        status = ticketing.settings.statuses["closed" if read.says == "closed" else "ready"]
        ticketing.reassign(task, status, read.text, "")
        results.append(read.says)
    elif read.text:
        ticketing.external_update(task, read.text, _sender(ticketing, read).name)
        results.append("update")


def _sender(ticketing: Ticketing, read: Mail) -> Person:
    """Who sent it, by the person database; else the failover person."""
    people = {address.casefold(): person for address, person in ticketing.persons.items()}
    failover = ticketing.settings.mail.failover_person
    known = people.get(read.sender.casefold()) or people.get(failover.casefold())
    return known or Person("Failover person", failover)
