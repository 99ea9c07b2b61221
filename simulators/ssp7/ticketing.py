"""SSP's ticketing: groups, tickets and tasks, what may be done to them, and the events that follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from simulators.clock import Clock
from simulators.courier import Courier, Delivery, Reply
from simulators.courier import Message as HttpMessage
from simulators.ssp7 import app_fields, events
from simulators.ssp7.errors import Refusal
from simulators.ssp7.events import Event, EventType
from simulators.ssp7.settings import Settings
from simulators.ssp7.tickets import Group, Message, Person, Task, Ticket
from simulators.ssp7.web_service import CannotRead

_SAMPLE = Path(__file__).parent / "sample_data.yaml"
EXTERNAL = "External system"


class NotAllowed(Exception):
    """A person cannot do this to that task now; the text is a sentence."""


class Ticketing:
    """All that a call, a mail or a person can read and change.

    Args:
        clock: Dates everything.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.settings = Settings()
        self.courier = Courier(clock, lambda: self.settings.deliveries, self._message, self._answered)
        self._sample = yaml.safe_load(_SAMPLE.read_text(encoding="utf-8"))
        self._load()

    def reset(self) -> None:
        """Sample data and default switches."""
        self.settings = Settings()
        self.courier.clear()
        self._load()

    def _load(self) -> None:
        sample = self._sample
        self.persons = {one["email"]: Person(**one) for one in sample["persons"]}
        self.groups = {
            one["name"]: Group(**{**one, "members": tuple(one.get("members", ()))}) for one in sample["groups"]
        }
        self.tickets: dict[str, Ticket] = {}
        self.tasks: dict[str, Task] = {}
        self.events: dict[int, Event] = {}
        self.mails: list[dict[str, Any]] = []
        self._ticket_ids, self._task_ids, self._process_ids = count(5001), count(9001), count(70001)
        for one in sample["tickets"]:
            at = datetime.fromisoformat(one["created_at"]).astimezone(UTC)
            more = {name: one[name] for name in ("priority", "category", "location", "form") if name in one}
            ticket = self.new_ticket(one["title"], one["description"], self.persons[one["requester"]], at, **more)
            for task in one["tasks"]:
                made = self.new_task(ticket, task["title"], task["description"], at, due=task.get("due", ""))
                if group := task.get("group"):
                    made.group, made.status = group, "assigned"
                    made.offered.append(group)

    # tickets and tasks

    def new_ticket(
        self, title: str, description: str, requester: Person, at: datetime | None = None, **more: Any
    ) -> Ticket:
        """A ticket with the next number."""
        number = next(self._ticket_ids)
        made = Ticket(str(number), f"TCK{number:07}", title, description, requester, at or self.clock.now(), **more)
        self.tickets[made.id] = made
        return made

    def new_task(self, ticket: Ticket, title: str, description: str, at: datetime | None = None, due: str = "") -> Task:
        """A task of the ticket, with the next number, assigned to nobody."""
        number = next(self._task_ids)
        made = Task(str(number), f"TSK{number:07}", ticket.id, title, description, at or self.clock.now(), due=due)
        self.tasks[made.id] = made
        return made

    def ticket_named(self, name: str) -> Ticket | None:
        """The ticket of that id or number."""
        return self.tickets.get(name) or next((one for one in self.tickets.values() if one.number == name), None)

    def task_named(self, name: str, key: str = "either") -> Task | None:
        """The task of that id, that number, or either."""
        by_id = self.tasks.get(name) if key in ("id", "either") else None
        by_number = next((one for one in self.tasks.values() if one.number == name), None)
        return by_id or (by_number if key in ("number", "either") else None)

    def integrated(self, task: Task) -> bool:
        """Whether the group that has the task triggers integrations."""
        return task.group is not None and self.groups[task.group].integrated

    # what people do

    def assign(self, task: Task, group: str) -> Event | None:
        """The task is with that group.

        Raises:
            NotAllowed: The task is closed, or is with that group.
        """
        _not_closed(task)
        if task.group == group:
            raise NotAllowed(f"The task is assigned to {group} already.")
        first = group not in task.offered
        task.group, task.status = group, "assigned"
        task.offered.append(group)
        starts = first or bool(task.external_reference) or not self.settings.reassignment_needs_reference
        return self._happened(task, events.SUBMIT) if starts else None

    def update(self, task: Task, text: str, author: str) -> Event | None:
        """The update text has been entered by hand."""
        _not_closed(task)
        task.updates.append(Message(text, author, self.clock.now(), events.OUT))
        return self._happened(task, events.UPDATE_OUT, text, author)

    def reject(self, task: Task, text: str, author: str) -> Event | None:
        """The solution that came from the external system is declined: the group that gave it has the task again.

        Raises:
            NotAllowed: No solution has been received.
        """
        if task.status != "ready":
            raise NotAllowed("There is no solution to decline: the task is not reported ready.")
        task.status, task.group = "assigned", task.solved_by or task.group
        if text:
            task.updates.append(Message(text, author, self.clock.now(), events.OUT))
        return self._happened(task, events.REJECTION, text, author)

    def close(self, task: Task, solution: str) -> Event | None:
        """The task has been closed by hand."""
        _not_closed(task)
        task.solution = solution or task.solution
        self._close(task)
        return self._happened(task, events.CLOSED)

    # what the external system reports, by web service or mail; each is done whole or refused

    def acknowledge(self, task: Task, reference: str) -> Event | None:
        """The external reference number is set."""
        self._writable(task)
        other = task.external_reference not in ("", reference)
        if other and self.settings.second_reference == "refuse":
            raise Refusal("other_reference", task.number)
        task.external_reference = reference
        return self._happened(task, events.ACKNOWLEDGED, author=EXTERNAL)

    def external_update(self, task: Task, text: str, author: str, written_at: str = "") -> Event | None:
        """An update text has come from the external system."""
        self._writable(task)
        by = author or EXTERNAL
        task.updates.append(Message(text, by, self.clock.now(), events.IN, written_at))
        return self._happened(task, events.UPDATE_IN, text, by)

    def reassign(self, task: Task, status: str, solution: str, group: str) -> Event | None:
        """The task is reported ready, or closed; without a status it is ready (ASSUMED).

        Raises:
            Refusal: The status or the group is not known, or the task is closed.
        """
        self._writable(task)
        names = {self.settings.statuses[one].casefold(): one for one in ("ready", "closed")}
        becomes = names.get(status.casefold()) if status else "ready"
        if becomes is None:
            raise Refusal("unknown_status", status)
        if group and group not in self.groups:
            raise Refusal("unknown_group", group)
        had = task.solved_by = task.group
        task.solution = solution or task.solution
        task.group = group or task.group
        if becomes == "closed":
            self._close(task)
        else:
            task.status = becomes
        return self._happened(task, events.REASSIGNED, had=had)

    def _writable(self, task: Task) -> None:
        if task.status == "closed" and self.settings.closed_task == "refuse":
            raise Refusal("task_closed", task.number)

    def _close(self, task: Task) -> None:
        task.status = "closed"
        if all(one.status == "closed" for one in self.tasks.values() if one.ticket == task.ticket):
            self.tickets[task.ticket].status = "closed"

    # what follows

    def _happened(
        self, task: Task, what: EventType, text: str = "", author: str = "", had: str | None = None
    ) -> Event | None:
        """The event, which is under way where it leaves; None where no integrated group is concerned."""
        group = self.groups.get(had or task.group or "")
        if group is None or not group.integrated:
            return None
        number, ticket = next(self._process_ids), self.tickets[task.ticket]
        made = Event(
            id=number,
            task=task.id,
            type=what,
            process=group.processes[what.process],
            at=self.clock.now(),
            values=app_fields.values(task, ticket, what, number, text, author),
            fields=dict(task.fields),
            form=dict(ticket.form),
        )
        self.events[number] = made
        delivery = Delivery(number, queue=task.id)
        if self._leaves(what):
            self.courier.accept(delivery)
        else:
            delivery.status = "not_sent"
            self.courier.deliveries.append(delivery)
        return made

    def _leaves(self, what: EventType) -> bool:
        sent = [events.INCOMING[name] for name in self.settings.sent_incoming]
        return self.settings.web_service.url is not None and (what.direction == events.OUT or what in sent)

    def named_values(self, event: Event) -> dict[str, str]:
        """The fields of an event by the names that they have."""
        names, statuses = self.settings.field_names, self.settings.statuses
        values = dict(event.values)
        for name in ("task_status", "ticket_status"):
            values[name] = statuses[values[name]]
        named = {names[name]: value for name, value in values.items()}
        return named | dict(event.fields) | {f"Form_{label}": value for label, value in event.form.items()}

    def _message(self, delivery: Delivery) -> HttpMessage:
        return self.settings.web_service.message(self.named_values(self.events[delivery.id]))

    def _answered(self, delivery: Delivery, reply: Reply) -> Mapping[str, Any]:
        """The fields of the answer are in the task."""
        task = self.tasks[self.events[delivery.id].task]
        try:
            given = self.settings.web_service.fields_of(reply.body)
        except CannotRead as error:
            return {"written": {}, "answer_error": str(error)}
        return {"written": self._write(task, given)}

    def _write(self, task: Task, given: Mapping[str, str]) -> dict[str, str]:
        """What was set: reference, solution, or a further field. Ids and what is empty are left alone (ASSUMED)."""
        means = {name: role for role, name in self.settings.field_names.items()}
        written = {}
        for name, value in given.items():
            role = means.get(name)
            if not value or not name or (role is not None and role not in ("external_reference", "task_solution")):
                continue
            if role == "external_reference":
                task.external_reference = value
            elif role == "task_solution":
                task.solution = value
            else:
                task.fields[name] = value
            written[name] = value
        return written


def _not_closed(task: Task) -> None:
    if task.status == "closed":
        raise NotAllowed("The task is closed.")
