"""The second step: call the target, once, and know afterwards whether it happened.

    claim -> in doubt? look it up -> commit the intent -> call
          -> confirmed | sent, unconfirmed | refused | not sent | in doubt

An action may be run again at any time, by a retry or by somebody who clears the task: a confirmed one returns at
once, and one that may have been sent is looked up before it is sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from casebridge.core.errors import (
    CasebridgeError,
    Conflict,
    DuplicateRefused,
    InDoubtError,
    NeedsPerson,
    NotConfigured,
    RejectedError,
    TransientError,
)
from casebridge.core.look_up import Absent, Ours, TooEarly, Unclear, Verdict, judge, plausible
from casebridge.core.manifest import ActionType, ReferenceUse
from casebridge.core.outcome import State
from casebridge.core.payload import Payload
from casebridge.core.ports import Connector
from casebridge.core.privacy import hide
from casebridge.core.record import Found, Receipt
from casebridge.steps.parts import ActionParts
from casebridge.steps.surprise import HOW_TO_RESOLVE, unexpected
from casebridge.store.action import Action
from casebridge.store.claim import Claim
from casebridge.store.ledger import Ledger

log = logging.getLogger(__name__)


def call_target(
    action_id: str, *, ledger: Ledger, connector: Connector, attempt: int = 1, last: bool = False
) -> Action:
    """The target has carried the action out, once, and the ledger says so.

    Args:
        action_id: The action.
        ledger: Where it is recorded.
        connector: The target.
        attempt: Airflow's try number, from 1.
        last: Whether no try will follow.

    Raises:
        RejectedError: It was refused, or only a person can tell what happened.
        TransientError: Nothing was written; worth another try.
        InDoubtError: It may have been written; the next try looks first.
    """
    with ledger.claim(action_id, attempt=attempt) as claim:
        return _Call(claim, connector, last).run()


class _Call:
    def __init__(self, claim: Claim, connector: Connector, last: bool) -> None:
        self._claim = claim
        self._connector = connector
        self._last = last
        self._title = connector.manifest.title

    def run(self) -> Action:
        action = self._claim.action
        if action.state is State.CONFIRMED:
            log.info("Already confirmed: %s %s. Nothing to send", action.record, action.record_id)
            return action
        if action.state is State.UNCONFIRMED:
            log.info("Sent already, and not confirmed yet. Nothing to send")
            return action
        if action.state is State.CLOSED:
            raise Conflict(f"the action was closed by a person: {action.reason}")
        if action.payload is None:
            raise Conflict("nothing is planned for this action; run its first task again")
        if not self._connector.enabled:
            error = NotConfigured(f"{self._title} is disabled in its settings; enable it and run this again")
            self._refuse_unless_sent(error)
            raise error
        kind = self._connector.manifest.action(action.action_type)
        if action.maybe_sent and not (kind.repeatable or kind.in_parts):
            log.info("An earlier try got no clear answer: looking for the %s before sending again", kind.record)
            if (found := self._look(kind, action.payload)) is not None:
                return found
        return self._send(kind, action.payload)

    def _send(self, kind: ActionType, payload: Payload) -> Action:
        sent_before = self._claim.action.maybe_sent and not kind.in_parts
        self._claim.intend()
        log.info("Sending %s to %s, our reference %s", kind.title, self._title, self._claim.action.case_reference)
        try:
            receipt = self._connector.send(kind, payload, self._parts(payload))
        except DuplicateRefused as error:
            if sent_before:
                # It holds such a record already, and we may have made it: a refusal is no answer here.
                hide(error, payload.private_values())
                log.warning("%s. An earlier try may have made it: looking for it", error)
                return self._adopt_or_park(kind, payload, str(error))
            raise self._ended(error, payload) from None
        except CasebridgeError as error:
            raise self._ended(error, payload) from None
        except Exception as error:
            raise self._ended(unexpected(error, self._title), payload) from None
        return self._unconfirmed(kind, receipt) if receipt.unconfirmed else self._confirm(kind, receipt)

    def _unconfirmed(self, kind: ActionType, receipt: Receipt) -> Action:
        reason = f"{kind.title}: {receipt.detail or 'sent'}"
        action = self._claim.unconfirmed(receipt, reason=reason)
        log.info("Sent, unconfirmed: %s", reason)
        return action

    def _confirm(self, kind: ActionType, receipt: Receipt, *, found: bool = False) -> Action:
        if found:
            how = "found again after a lost answer, not created twice"
        else:
            how = "created" if kind.reference is ReferenceUse.STORES else "updated"
        done = f"{kind.record} {receipt.record_id} {how}" if receipt.record_id else f"{kind.title}: done"
        reason = f"{done}, {receipt.detail}" if receipt.detail else done
        action = self._claim.confirm(receipt, reason=reason, found=found)
        log.info("Confirmed: %s%s", reason, f'. Stored in Reference "{action.reference}"' if action.reference else "")
        return action

    def _ended(self, error: CasebridgeError, payload: Payload) -> CasebridgeError:
        """Writes down what the error means and returns the error to raise."""
        hide(error, payload.private_values())
        if not isinstance(error, InDoubtError | NeedsPerson) and (part := self._part_in_doubt()):
            # Whatever stopped this try says nothing about a part that an earlier one sent.
            reason = f"{error}. The {part} was sent earlier and not answered"
            may_help = isinstance(error, TransientError)
            error = InDoubtError(reason) if may_help else NeedsPerson(f"{reason}: {HOW_TO_RESOLVE}")
        match error:
            case InDoubtError():
                self._claim.in_doubt(str(error), last=self._last)
                if self._last:
                    return NeedsPerson(f"{error}. The retries are used up: {HOW_TO_RESOLVE}")
                return _look_later(error, self._connector.look_again_after)
            case TransientError():
                self._claim.not_sent(error, last=self._last)
            case NeedsPerson():
                self._claim.needs_person(str(error))
            case _:
                self._claim.refuse(error)
        return error

    def _part_in_doubt(self) -> str:
        kind = self._connector.manifest.action(self._claim.action.action_type)
        return next(iter(self._claim.parts.unanswered), "") if kind.in_parts else ""

    def _parts(self, payload: Payload) -> ActionParts:
        return ActionParts(
            self._claim, title=self._title, payload=payload, look_again_after=self._connector.look_again_after
        )

    def _look(self, kind: ActionType, payload: Payload) -> Action | None:
        """Adopts the record of an earlier try; None when it is certain enough that there is none.

        Raises:
            InDoubtError: None was found, and it is too early to be sure.
            NeedsPerson: It cannot be told.
        """
        if kind.found_by is None:
            reason = f"{self._title} cannot be searched for a {kind.record}: {HOW_TO_RESOLVE}"
            self._claim.needs_person(reason)
            raise NeedsPerson(reason)
        match self._verdict(kind, payload):
            case Ours(record_id):
                return self._adopt(kind, record_id)
            case Unclear(record_ids):
                raise self._several(kind, record_ids)
            case TooEarly(seconds):
                self._claim.looked()
                reason = (
                    f"no {kind.record} with our reference is there yet; it may appear late, so nothing is sent again"
                )
                if self._last:
                    self._claim.needs_person(reason)
                    raise NeedsPerson(f"{reason}. The retries are used up: {HOW_TO_RESOLVE}")
                raise InDoubtError(reason, retry_after=seconds)
            case Absent(seconds):
                log.warning(
                    "No %s with our reference %d s after the earlier try: it was not created", kind.record, seconds
                )
        return None

    def _adopt_or_park(self, kind: ActionType, payload: Payload, reason: str) -> Action:
        match self._verdict(kind, payload):
            case Ours(record_id):
                return self._adopt(kind, record_id)
            case Unclear(record_ids):
                raise self._several(kind, record_ids)
        self._claim.needs_person(reason)
        raise NeedsPerson(f"{reason}, but no {kind.record} with our reference is found: {HOW_TO_RESOLVE}")

    def _adopt(self, kind: ActionType, record_id: str) -> Action:
        receipt = Receipt(record_id, url=self._connector.record_url(kind.record, record_id))
        return self._confirm(kind, receipt, found=True)

    def _several(self, kind: ActionType, record_ids: Sequence[str]) -> NeedsPerson:
        reason = f"{len(record_ids)} {kind.record}s could be the one ({', '.join(record_ids)}): {HOW_TO_RESOLVE}"
        self._claim.needs_person(reason)
        return NeedsPerson(reason)

    def _verdict(self, kind: ActionType, payload: Payload) -> Verdict:
        now = datetime.now(UTC)
        return judge(
            self._candidates(kind, payload),
            sent_at=self._claim.action.sent_at or now,
            now=now,
            look_again_after=self._connector.look_again_after,
        )

    def _candidates(self, kind: ActionType, payload: Payload) -> list[Found]:
        try:
            found = self._connector.find(kind, payload)
        except RejectedError as error:
            # The look-up cannot be made at all; that says nothing about the record.
            hide(error, payload.private_values())
            self._claim.in_doubt(str(error), last=True)
            raise
        except TransientError as error:
            hide(error, payload.private_values())
            self._claim.in_doubt(str(error), last=self._last)
            if self._last:
                raise NeedsPerson(f"{error}. The retries are used up: {HOW_TO_RESOLVE}") from None
            raise
        except Exception as error:
            self._claim.in_doubt("the look-up failed unexpectedly", last=self._last)
            raise unexpected(error, self._title) from None
        taken = self._claim.records_of_others(kind.record, [record.id for record in found])
        return plausible(found, taken=taken, first_sent_at=self._claim.action.first_sent_at)

    def _refuse_unless_sent(self, error: CasebridgeError) -> None:
        if self._claim.action.maybe_sent:
            self._claim.in_doubt(str(error), last=True)
        else:
            self._claim.refuse(error)


def _look_later(error: InDoubtError, look_again_after: Sequence[float]) -> InDoubtError:
    if error.retry_after is None and look_again_after:
        error.retry_after = look_again_after[0]
    return error
