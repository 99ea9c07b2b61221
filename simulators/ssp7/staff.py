"""What the people of the service desk do in SSP, called from the admin side; groups and the mailbox are theirs too."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from simulators.fields import BadField, Fields
from simulators.ssp7 import mailroom
from simulators.ssp7.events import Event
from simulators.ssp7.mailbox import Mailbox
from simulators.ssp7.ticketing import NotAllowed, Ticketing
from simulators.ssp7.tickets import PROCESSES, Group, Person, Task

AGENT = "Service desk agent"


class Staff:
    """The people, and the one who looks after the system."""

    def __init__(self, ticketing: Ticketing, mailbox: Mailbox) -> None:
        self._ticketing = ticketing
        self._mailbox = mailbox

    def actions(self) -> Mapping[str, Callable[[Fields], Any]]:
        """Each as ``POST /_sim/ssp7/<name>``."""
        return {
            "create_ticket": self.create_ticket,
            "create_task": self.create_task,
            "assign": self.assign,
            "update": self.update,
            "reject": self.reject,
            "close": self.close,
            "group": self.group,
            "mail": self.mail,
            "mailbox": self.mailbox,
            "resend": self.resend,
            "settle": self.settle,
        }

    def create_ticket(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """A ticket with one task: ``title``, ``description``, ``requester`` (e-mail); if wanted ``priority``,
        ``category``, ``location``, ``form`` (texts by label), and ``group``, which the task is assigned to.
        """
        desk = self._ticketing
        title, description = fields.text("title"), fields.text("description", "")
        requester = self._person(fields)
        more = {name: fields.text(name) for name in ("priority", "category", "location") if name in fields}
        form = fields.group("form")
        labels = {name: form.text(name) for name in form.names()} if form else {}
        group, wait = self._group(fields, None), fields.flag("wait", True)
        fields.end()
        task = desk.new_task(desk.new_ticket(title, description, requester, form=labels, **more), title, description)
        return self._done(task, desk.assign(task, group) if group else None, wait)

    def create_task(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """A further task of ``ticket``: ``title``, ``description``; if wanted ``due``, and ``group``."""
        desk, name = self._ticketing, fields.text("ticket")
        ticket = desk.ticket_named(name)
        if ticket is None:
            raise BadField(f'Field "ticket" must be the id or number of a ticket; there is no {name[:40]!r}.')
        title, description, due = fields.text("title"), fields.text("description", ""), fields.text("due", "")
        group, wait = self._group(fields, None), fields.flag("wait", True)
        fields.end()
        task = desk.new_task(ticket, title, description, due=due)
        ticket.status = "open"
        return self._done(task, desk.assign(task, group) if group else None, wait)

    def assign(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """``task`` is assigned to ``group``."""
        task, group = self._task(fields), self._group(fields)
        return self._act(fields, task, lambda: self._ticketing.assign(task, group))

    def update(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """An update ``text`` is entered in ``task``; if wanted ``author``."""
        task, text, author = self._task(fields), fields.text("text"), fields.text("author", AGENT)
        return self._act(fields, task, lambda: self._ticketing.update(task, text, author))

    def reject(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """The button "decline solution" is clicked in ``task``; if wanted ``text``, ``author``."""
        task, text, author = self._task(fields), fields.text("text", ""), fields.text("author", AGENT)
        return self._act(fields, task, lambda: self._ticketing.reject(task, text, author))

    def close(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """``task`` is closed by hand; if wanted with a ``solution``."""
        task, solution = self._task(fields), fields.text("solution", "")
        return self._act(fields, task, lambda: self._ticketing.close(task, solution))

    def group(self, fields: Fields) -> dict[str, Any]:
        """The group ``name`` is changed, or new: ``integrated``, ``processes``."""
        name = fields.text("name")
        old = self._ticketing.groups.get(name, Group(name))
        given = fields.group("processes")
        processes = dict(old.processes)
        for event in PROCESSES if given else ():
            if given and event in given:
                processes[event] = given.text(event)
        if given:
            given.end()
        integrated = fields.flag("integrated", old.integrated)
        fields.end()
        if missing := [event for event in PROCESSES if integrated and not processes.get(event)]:
            raise BadField(f'Field "processes.{missing[0]}" is missing: an integrated group has all three processes.')
        made = Group(name, integrated, processes, old.manager, old.members)
        self._ticketing.groups[name] = made
        return {"group": {**vars(made), "members": list(made.members)}}

    def mail(self, fields: Fields) -> dict[str, Any]:
        """A mail is in the mailbox: ``content`` (RFC 5322, base64), or ``subject``, ``body`` and ``from``."""
        if "content" in fields:
            try:
                content = base64.b64decode(fields.text("content"), validate=True)
            except (binascii.Error, ValueError):
                raise BadField('Field "content" must be base64.') from None
        else:
            content = _written(fields.text("from", "unknown@example.org"), fields.text("subject"), fields.text("body"))
        fields.end()
        return {"mail": mailroom.take(self._ticketing, content)}

    async def mailbox(self, fields: Fields) -> dict[str, Any]:
        """The mailbox listens by SMTP: ``port`` (0: a free one), ``host``; null as ``port`` closes it."""
        host = fields.text("host", "127.0.0.1")
        wanted = fields.value("port", 0)
        fields.end()
        if wanted is None:
            self._mailbox.close()
            return {"smtp": None}
        if not isinstance(wanted, int) or isinstance(wanted, bool) or not 0 <= wanted <= 65535:
            raise BadField('Field "port" must be a port, 0 for a free one, or null.')
        return {"smtp": await self._mailbox.open(host, wanted)}

    async def resend(self, fields: Fields) -> dict[str, Any]:
        """Events are sent again, or at last: ``delivery`` or ``deliveries`` (ids of events); none named: all that are
        held or failed; ``times``, ``order``.
        """
        courier = self._ticketing.courier
        chosen = courier.chosen(fields)
        await courier.send_again(chosen)
        return {"deliveries": [delivery.shown() for delivery in {one.id: one for one in chosen}.values()]}

    async def settle(self, fields: Fields) -> dict[str, Any]:
        """Answers when no event is under way any more."""
        fields.end()
        await self._ticketing.courier.settle()
        return {"settled": True}

    def _act(self, fields: Fields, task: Task, act: Callable[[], Event | None]) -> Awaitable[dict[str, Any]]:
        wait = fields.flag("wait", True)
        fields.end()
        try:
            event = act()
        except NotAllowed as error:
            raise BadField(f'Field "task": {error}') from None
        return self._done(task, event, wait)

    async def _done(self, task: Task, event: Event | None, wait: bool) -> dict[str, Any]:
        """What became of it, when the event has been sent; ``wait`` false: at once."""
        ticket, deliveries = self._ticketing.tickets[task.ticket], self._ticketing.courier.deliveries
        if wait:
            await self._ticketing.courier.settle()
        sent = next((one for one in deliveries if event is not None and one.id == event.id), None)
        return {
            "task": task.shown(),
            "ticket": ticket.shown(),
            "event": event.shown() if event else None,
            "delivery": sent.shown() if sent else None,
        }

    def _task(self, fields: Fields) -> Task:
        name = fields.text("task")
        found = self._ticketing.task_named(name)
        if found is None:
            raise BadField(f'Field "task" must be the id or number of a task; there is no {name[:40]!r}.')
        return found

    def _group(self, fields: Fields, *default: None) -> Any:
        return fields.choice("group", self._ticketing.groups, *default)

    def _person(self, fields: Fields) -> Person:
        email = fields.text("requester", next(iter(self._ticketing.persons)))
        found = self._ticketing.persons.get(email)
        if found is None:
            raise BadField(f'Field "requester" must be the e-mail address of a person; there is no {email[:60]!r}.')
        return found


def _written(sender: str, subject: str, body: str) -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    try:
        message["From"], message["Subject"] = sender, subject
    except ValueError:
        raise BadField('Fields "from" and "subject" must be one line each.') from None
    message.set_content(body)
    return message.as_bytes()
