"""The fields of the external apps: all fields of ticket and task, the same for every app (FACT)."""

from __future__ import annotations

from datetime import UTC, datetime

from simulators.ssp7.events import EventType
from simulators.ssp7.tickets import Task, Ticket

#: What each field is called. FACT: ``Task_ExternalRequestType``, the prefix and the style. Every other name is ASSUMED.
FIELD_NAMES = {
    "request_type": "Task_ExternalRequestType",
    "direction": "Task_ExternalRequestDirection",
    "external_reference": "Task_ExternalReference",
    "task_id": "Task_Id",
    "task_number": "Task_Number",
    "task_title": "Task_Title",
    "task_description": "Task_Description",
    "task_status": "Task_Status",
    "task_group": "Task_AssignmentGroup",
    "task_solution": "Task_Solution",
    "task_due": "Task_DueDate",
    "task_created": "Task_CreationDate",
    "ticket_id": "Ticket_Id",
    "ticket_number": "Ticket_Number",
    "ticket_title": "Ticket_Title",
    "ticket_description": "Ticket_Description",
    "ticket_status": "Ticket_Status",
    "ticket_priority": "Ticket_Priority",
    "ticket_category": "Ticket_Category",
    "ticket_location": "Ticket_Location",
    "ticket_created": "Ticket_CreationDate",
    "requester_name": "Ticket_RequesterName",
    "requester_email": "Ticket_RequesterEmail",
    "requester_telephone": "Ticket_RequesterTelephone",
    "process_id": "Process_Id",
    "update_text": "UpdateMessage_Text",
    "update_author": "UpdateMessage_Author",
}


def values(task: Task, ticket: Ticket, what: EventType, number: int, text: str, author: str) -> dict[str, str]:
    """Every field, by what it means; statuses are named as the simulator does."""
    return {
        "request_type": what.request_type,
        "direction": what.direction,
        "external_reference": task.external_reference,
        "task_id": task.id,
        "task_number": task.number,
        "task_title": task.title,
        "task_description": task.description,
        "task_status": task.status,
        "task_group": task.group or "",
        "task_solution": task.solution,
        "task_due": task.due,
        "task_created": stamp(task.created_at),
        "ticket_id": ticket.id,
        "ticket_number": ticket.number,
        "ticket_title": ticket.title,
        "ticket_description": ticket.description,
        "ticket_status": ticket.status,
        "ticket_priority": ticket.priority,
        "ticket_category": ticket.category,
        "ticket_location": ticket.location,
        "ticket_created": stamp(ticket.created_at),
        "requester_name": ticket.requester.name,
        "requester_email": ticket.requester.email,
        "requester_telephone": ticket.requester.telephone,
        "process_id": str(number),
        "update_text": text,
        "update_author": author,
    }


def stamp(moment: datetime) -> str:
    """A moment as fields carry it: ISO 8601 in UTC (ASSUMED)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
