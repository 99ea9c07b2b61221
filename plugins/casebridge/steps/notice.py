"""Notices changed cases by reading a list of them: what a webhook missed is found here."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.store.case_states import CaseStates
from casebridge.store.inbox import Inbox

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChangedCase:
    """A case in a list of changes.

    Attributes:
        reference: The case reference number.
        status: Its status now.
        updated_at: When it was changed last, with offset.
        case_type: Its type, "" when the list does not say.
    """

    reference: str
    status: str
    updated_at: datetime
    case_type: str = ""


class ChangeList(Protocol):
    """A case source that can list changed cases."""

    name: str

    def changed(self, since: datetime | None) -> Iterable[ChangedCase]:
        """The cases that were changed at or after a moment, newest first; all that are listed when None."""


def notice_changes(source: ChangeList, *, inbox: Inbox, case_states: CaseStates) -> int:
    """Changes since the last time are in the inbox; returns how many were new there.

    Equal times are read again, since several cases may be changed in one second; the inbox knows them by their key.
    """
    cursor = f"changed:{source.name}"
    position = case_states.position(cursor)
    since = datetime.fromisoformat(position) if position else None
    changed = list(source.changed(since))
    arrivals = [
        Arrival(
            system=source.name,
            kind=ArrivalKind.CASE_EVENT,
            key=f"changed:{case.reference}:{case.updated_at.isoformat()}",
            subject=case.reference,
            details={
                "status": case.status,
                "case_type": case.case_type,
                "occurred_at": case.updated_at.isoformat(),
            },
        )
        for case in reversed(changed)
    ]
    new = inbox.put(arrivals)
    if changed:
        case_states.move(cursor, max(case.updated_at for case in changed).isoformat())
    log.info("%d changed cases listed, %d of them new", len(changed), new)
    return new
