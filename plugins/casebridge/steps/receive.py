"""An update of a record: read the record again and apply it to every case that holds it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import (
    CasebridgeError,
    InDoubtError,
    NeedsPerson,
    NotConfigured,
    NotFound,
    TransientError,
)
from casebridge.core.outcome import State
from casebridge.core.ports import CaseSource, Connector
from casebridge.core.record import Record
from casebridge.steps.apply import apply_incoming
from casebridge.store.action import Action, ActionRequest
from casebridge.store.ledger import Ledger
from casebridge.store.references import References

log = logging.getLogger(__name__)


def receive_update(
    request: ActionRequest,
    record_id: str,
    *,
    ledger: Ledger,
    references: References,
    catalogue: Catalogue,
    source: Callable[[str], CaseSource],
    connector: Connector,
    told: Record | None = None,
) -> list[Action]:
    """Every case that holds the record in a Reference has its data.

    Args:
        request: What was asked for; its case is filled in from the Reference.
        record_id: The target's id of the record.
        ledger: Where it is recorded.
        references: Where References are found.
        catalogue: Where mapping templates are found.
        source: The case source of a name.
        connector: The target.
        told: What the target told of the record; it is read when None.

    Raises:
        NotFound: No Reference holds the record.
        NotConfigured: The integration is disabled.
        CasebridgeError: As `apply_incoming` says.
    """
    if not connector.enabled:
        raise NotConfigured(f"{connector.manifest.title} is disabled in its settings; enable it and run this again")
    holding = references.holding(request.system, request.record, record_id)
    if not holding:
        raise NotFound(f"no case holds {request.record} {record_id} of {connector.manifest.title} in a Reference")
    done: list[Action] = []
    failures: list[CasebridgeError] = []
    for number, reference in enumerate(holding, 1):
        key = request.key if number == 1 else f"{request.key}#{number}"
        action = ledger.open_update(request, key=key, reference=reference)
        done.append(action)
        if action.state is State.CLOSED:
            log.info("A person closed the update of case %s", action.case_reference)
            continue
        log.info("Updating case %s from %s %s", action.case_reference, action.record, record_id)
        try:
            apply_incoming(
                action,
                ledger=ledger,
                catalogue=catalogue,
                source=source(reference.case_source),
                connector=connector,
                told=told,
            )
        except CasebridgeError as error:
            failures.append(error)  # one case must not keep the others from their data
    if failures:
        # What is worth another try comes first: the case that was refused is told again then.
        worth = (TransientError, InDoubtError, NeedsPerson)
        raise next((error for error in failures if isinstance(error, worth)), failures[0])
    return done
