"""A ticket task as a Case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from casebridge.core.case import Case

TYPE = "ticket_task"
PERSON = "requester_"
"""Details that begin so are those of the linked person."""
ADDRESS = "address_"
"""Details that begin so are those of the linked address."""


def read_task(reference: str, details: Mapping[str, Any], *, reference_name: str, page: str, timezone: str) -> Case:
    """The case that the newest event told.

    Every detail is a case field. One that looks like an ISO date is a case date of the same name too.

    Args:
        reference: The case reference number.
        details: What is known.
        reference_name: The Reference that the task's external reference number is of.
        page: Address of a task's page for people, with `{reference}`, or "".
        timezone: Of dates without an offset.
    """
    told: Mapping[str, str] = details.get("told", {})
    held = told.get("external_reference") or details.get("acknowledged", "")
    moments = {name: _moment(text, timezone) for name, text in told.items()}
    return Case(
        reference=reference,
        source="ssp7",
        type=TYPE,
        status=told.get("task_status", ""),
        fields=dict(told),
        dates={name: moment for name, moment in moments.items() if moment is not None},
        person={name.removeprefix(PERSON): text for name, text in told.items() if name.startswith(PERSON)},
        address={name.removeprefix(ADDRESS): text for name, text in told.items() if name.startswith(ADDRESS)},
        url=page.replace("{reference}", reference),
        references={reference_name: held} if held else {},
    )


def _moment(text: str, timezone: str) -> date | datetime | None:
    try:
        if len(text) == len("2026-01-31"):
            return date.fromisoformat(text)
        if text[:4].isdigit() and "T" in text:
            found = datetime.fromisoformat(text)
            return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        pass  # it only looked like one
    return None
