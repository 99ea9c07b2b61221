"""Tickets, their tasks, and the groups that tasks are assigned to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from simulators.shown import plain

#: The processes that a group must have before it can trigger an integration (FACT); one may be used for all.
PROCESSES = ("new_assignment", "update_message", "closure")


@dataclass(frozen=True)
class Person:
    """Somebody of the person database."""

    name: str
    email: str
    telephone: str = ""


@dataclass(frozen=True)
class Group:
    """An assignment group.

    Attributes:
        integrated: "Task assigned to this group triggers integration(s)" is set (FACT).
        processes: Which process is started on which event; all three where the group is integrated.
    """

    name: str
    integrated: bool = False
    processes: Mapping[str, str] = field(default_factory=dict)
    manager: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """An update text of a task, or a message of a ticket. ``direction``: In, from the external system, or Out."""

    text: str
    author: str
    at: datetime
    direction: str
    written_at: str = ""


@dataclass
class Task:
    """The unit that is sent out.

    Attributes:
        id: The id of the process instance task.
        status: open, assigned, ready (a solution was received) or closed.
        solved_by: The group that last reported it ready or closed.
        offered: The groups it has been assigned to so far.
        fields: Further fields, as XSLT Out has set them.
    """

    id: str
    number: str
    ticket: str
    title: str
    description: str
    created_at: datetime
    status: str = "open"
    group: str | None = None
    external_reference: str = ""
    solution: str = ""
    due: str = ""
    updates: list[Message] = field(default_factory=list)
    solved_by: str | None = None
    offered: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {name: plain(value) for name, value in asdict(self).items() if name != "offered"}


@dataclass
class Ticket:
    """What a person has reported. ``form``: the values of its form, by label."""

    id: str
    number: str
    title: str
    description: str
    requester: Person
    created_at: datetime
    priority: str = "Normal"
    category: str = ""
    location: str = ""
    status: str = "open"
    form: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {name: plain(value) for name, value in asdict(self).items()}
