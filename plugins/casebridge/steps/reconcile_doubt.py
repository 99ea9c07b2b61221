"""An action in doubt whose record can be told now: it is adopted, and nothing is sent."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from casebridge.core.errors import CasebridgeError, TransientError
from casebridge.core.look_up import Ours, judge, plausible
from casebridge.core.outcome import RESOLVABLE
from casebridge.core.ports import Connector
from casebridge.core.privacy import hide
from casebridge.core.record import Receipt
from casebridge.store.action import Action
from casebridge.store.ledger import Ledger

log = logging.getLogger(__name__)


def adopt_if_certain(action_id: str, *, ledger: Ledger, connector: Connector) -> Action | None:
    """An action in doubt is confirmed with the record that it made, if exactly one can be it.

    Nothing else about the action changes: its own run, or a person, decides whatever cannot be told here.

    Returns:
        The action when it has a record now, by this or by its own run.

    Raises:
        TransientError: The target gave no answer.
        Fenced: Its own run is at work on it.
    """
    with ledger.claim(action_id, attempt=0) as claim:
        action = claim.action
        if action.state not in RESOLVABLE:
            return action if action.record_id else None
        kind = connector.manifest.action(action.action_type)
        if action.payload is None or kind.found_by is None or kind.in_parts:
            return None
        try:
            found = connector.find(kind, action.payload)
        except CasebridgeError as error:
            hide(error, action.payload.private_values())
            if isinstance(error, TransientError):
                raise
            log.warning("Action %s: the look-up was refused: %s", action.id[:8], error)
            return None
        taken = claim.records_of_others(kind.record, [record.id for record in found])
        now = datetime.now(UTC)
        verdict = judge(
            plausible(found, taken=taken, first_sent_at=action.first_sent_at),
            sent_at=action.sent_at or now,
            now=now,
            look_again_after=(),
        )
        if not isinstance(verdict, Ours):
            return None
        receipt = Receipt(verdict.record_id, url=connector.record_url(kind.record, verdict.record_id))
        reason = f"{kind.record} {verdict.record_id} found again by reconciliation, not created twice"
        return claim.confirm(receipt, reason=reason, found=True)
