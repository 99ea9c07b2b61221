"""What happens to a task that concerns an external system: request type and direction, app and process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from simulators.shown import plain

IN, OUT = "In", "Out"


@dataclass(frozen=True)
class EventType:
    """FACT: request type and direction, which only together tell what happened, and the app with its fields.

    Attributes:
        process: Which of the group's processes is started. For the declined solution, and for what comes in, ASSUMED.
    """

    request_type: str
    direction: str
    app: str
    process: str


SUBMIT = EventType("Submit Request", OUT, "Ticketing.TaskAssignment", "new_assignment")
REJECTION = EventType("Resolution Rejection", OUT, "Ticketing.TaskAssignment", "new_assignment")
UPDATE_OUT = EventType("Update", OUT, "Ticketing.TaskUpdateMessage", "update_message")
CLOSED = EventType("Closed", OUT, "Ticketing.TaskClosure", "closure")
UPDATE_IN = EventType("Update", IN, "Ticketing.TaskExternalUpdateMessage", "update_message")
REASSIGNED = EventType("Reassigned", IN, "Ticketing.TaskExternalReassignment", "new_assignment")
#: No source gives its request type: it has none here (ASSUMED).
ACKNOWLEDGED = EventType("", IN, "Ticketing.TaskExternalAcknowledgement", "new_assignment")

#: What settings call the events that come in.
INCOMING = {"acknowledgement": ACKNOWLEDGED, "update": UPDATE_IN, "reassigned": REASSIGNED}
#: All six apps of ticketing (FACT).
APPS = sorted({one.app for one in (SUBMIT, UPDATE_OUT, CLOSED, *INCOMING.values())})


@dataclass(frozen=True)
class Event:
    """Something that happened to a task, with all fields of ticket and task as they were then.

    Attributes:
        id: The number of the process instance that it starts: ``Process_Id``.
        process: The name of the process.
        values: The fields, by what they mean.
        fields: The task's further fields, by name.
        form: The values of the ticket's form, by label.
    """

    id: int
    task: str
    type: EventType
    process: str
    at: datetime
    values: Mapping[str, str]
    fields: Mapping[str, str]
    form: Mapping[str, str]

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {
            "id": self.id,
            "task": self.task,
            "process": self.process,
            "at": plain(self.at),
            **{name: value for name, value in asdict(self.type).items() if name != "process"},
            "values": dict(self.values),
        }
