"""Notices changed cases by reading a list of them: what a webhook missed is found here."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from casebridge.core.arrival import Arrival, ArrivalKind
from casebridge.core.case import ChangedCase
from casebridge.store.case_states import CaseStates
from casebridge.store.inbox import Inbox

log = logging.getLogger(__name__)


class ChangeList(Protocol):
    """A case source that can list changed cases."""

    name: str

    def changed(self, since: datetime | None) -> Iterable[ChangedCase]:
        """The cases that were changed at or after a moment, newest first; all that are listed when None."""


def start_noticing(source: ChangeList, *, case_states: CaseStates, now: datetime) -> bool:
    """The cases that are listed before anything was noticed are known as they are, and count as no change.

    Otherwise the first list would hold every case there is, and rules would act on what was done with long ago.

    Args:
        source: The case source.
        case_states: What was last seen of cases.
        now: From when changes count when no case is listed.

    Returns:
        Whether this was the first time; nothing is done at any other.
    """
    cursor = _cursor(source.name)
    if case_states.position(cursor):
        return False
    listed = list(source.changed(None))
    case_states.see_all({(source.name, case.reference): case.status for case in listed})
    case_states.move(cursor, max((case.updated_at for case in listed), default=now).isoformat())
    log.info("%d cases are known as they are; what changes from now on is noticed", len(listed))
    return True


def notice_changes(source: ChangeList, *, inbox: Inbox, case_states: CaseStates) -> int:
    """Changes since the last time are in the inbox; returns how many were new there.

    Equal times are read again, since several cases may be changed in one second; the inbox knows them by their key.
    """
    cursor = _cursor(source.name)
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


def _cursor(name: str) -> str:
    return f"changed:{name}"


__all__ = ["ChangeList", "ChangedCase", "notice_changes", "start_noticing"]
