"""The second step: call the target, once, and know afterwards whether it happened.

    claim -> in doubt? look it up -> commit the intent -> call -> confirmed | refused | not sent | in doubt

An action may be run again at any time, by a retry or by somebody who clears the task: a confirmed one returns at
once, and one that may have been sent is looked up before it is sent again.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
from casebridge.core.manifest import ActionType
from casebridge.core.outcome import State
from casebridge.core.payload import Payload
from casebridge.core.ports import Connector
from casebridge.core.privacy import hide
from casebridge.core.record import Found, Receipt
from casebridge.store.action import Action
from casebridge.store.claim import Claim
from casebridge.store.ledger import Ledger

log = logging.getLogger(__name__)

CLOCK_DIFFERENCE = timedelta(minutes=10)
"""A record that the target dates this much before our first call cannot be ours, whatever the clocks say."""


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
        if action.state is State.CLOSED:
            raise Conflict(f"the action was closed by a person: {action.reason}")
        if action.payload is None:
            raise Conflict("nothing is planned for this action; run its first task again")
        if not self._connector.enabled:
            error = NotConfigured(f"{self._title} is disabled in its settings; enable it and run this again")
            self._refuse_unless_sent(error)
            raise error
        kind = self._connector.manifest.action(action.action_type)
        if action.maybe_sent:
            log.info("An earlier try got no clear answer: looking for the %s before sending again", kind.record)
            if (found := self._look(kind, action.payload)) is not None:
                return found
        return self._send(kind, action.payload)

    def _send(self, kind: ActionType, payload: Payload) -> Action:
        sent_before = self._claim.action.maybe_sent
        self._claim.intend()
        log.info("Sending %s to %s, our reference %s", kind.title, self._title, self._claim.action.case_reference)
        try:
            receipt = self._connector.send(kind, payload)
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
            raise self._ended(_unexpected(error, self._title), payload) from None
        return self._confirm(kind, receipt)

    def _confirm(self, kind: ActionType, receipt: Receipt, *, found: bool = False) -> Action:
        how = "found again after a lost answer, not created twice" if found else "created"
        if not receipt.record_id:
            reason = f"{kind.title}: done{f', {receipt.detail}' if receipt.detail else ''}"
        else:
            reason = f"{kind.record} {receipt.record_id} {how}"
        action = self._claim.confirm(receipt, reason=reason, found=found)
        log.info("Confirmed: %s%s", reason, f'. Stored in Reference "{action.reference}"' if action.reference else "")
        return action

    def _ended(self, error: CasebridgeError, payload: Payload) -> CasebridgeError:
        """Writes down what the error means and returns the error to raise."""
        hide(error, payload.private_values())
        match error:
            case InDoubtError():
                self._claim.in_doubt(str(error), last=self._last)
                if self._last:
                    return NeedsPerson(f"{error}. The retries are used up: {_HOW_TO_RESOLVE}")
                return _look_later(error, self._connector.look_again_after)
            case TransientError():
                self._claim.not_sent(error, last=self._last)
            case _:
                self._claim.refuse(error)
        return error

    def _look(self, kind: ActionType, payload: Payload) -> Action | None:
        """Adopts the record of an earlier try; None when it is certain enough that there is none.

        Raises:
            InDoubtError: None was found, and it is too early to be sure.
            NeedsPerson: It cannot be told.
        """
        if kind.found_by is None:
            reason = f"{self._title} cannot be searched for a {kind.record}: {_HOW_TO_RESOLVE}"
            self._claim.needs_person(reason)
            raise NeedsPerson(reason)
        candidates = self._candidates(kind, payload)
        if (adopted := self._adopt(kind, candidates)) is not None:
            return adopted
        sent_at = self._claim.action.sent_at or datetime.now(UTC)
        elapsed = (datetime.now(UTC) - sent_at).total_seconds()
        waits = [wait for wait in self._connector.look_again_after if wait > elapsed]
        if waits:
            self._claim.looked()
            reason = f"no {kind.record} with our reference is there yet; it may appear late, so nothing is sent again"
            if self._last:
                self._claim.needs_person(reason)
                raise NeedsPerson(f"{reason}. The retries are used up: {_HOW_TO_RESOLVE}")
            raise InDoubtError(reason, retry_after=waits[0] - elapsed)
        log.warning("No %s with our reference %d s after the earlier try: it was not created", kind.record, elapsed)
        return None

    def _adopt_or_park(self, kind: ActionType, payload: Payload, reason: str) -> Action:
        if (adopted := self._adopt(kind, self._candidates(kind, payload))) is not None:
            return adopted
        self._claim.needs_person(reason)
        raise NeedsPerson(f"{reason}, but no {kind.record} with our reference is found: {_HOW_TO_RESOLVE}")

    def _adopt(self, kind: ActionType, candidates: Sequence[Found]) -> Action | None:
        certain = [found for found in candidates if found.certain]
        if len(certain) == 1:
            record_id = certain[0].id
            receipt = Receipt(record_id, url=self._connector.record_url(kind.record, record_id))
            return self._confirm(kind, receipt, found=True)
        if candidates:
            ids = ", ".join(found.id for found in candidates)
            reason = f"{len(candidates)} {kind.record}s could be the one ({ids}): {_HOW_TO_RESOLVE}"
            self._claim.needs_person(reason)
            raise NeedsPerson(reason)
        return None

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
                raise NeedsPerson(f"{error}. The retries are used up: {_HOW_TO_RESOLVE}") from None
            raise
        except Exception as error:
            self._claim.in_doubt("the look-up failed unexpectedly", last=self._last)
            raise _unexpected(error, self._title) from None
        taken = self._claim.records_of_others([record.id for record in found])
        first_sent_at = self._claim.action.first_sent_at
        return [
            record
            for record in found
            if record.id not in taken
            and not (
                record.created_at is not None
                and first_sent_at is not None
                and record.created_at < first_sent_at - CLOCK_DIFFERENCE
            )
        ]

    def _refuse_unless_sent(self, error: CasebridgeError) -> None:
        if self._claim.action.maybe_sent:
            self._claim.in_doubt(str(error), last=True)
        else:
            self._claim.refuse(error)


_HOW_TO_RESOLVE = "a person must look in the target and decide with `casebridge resolve`"


def _look_later(error: InDoubtError, look_again_after: Sequence[float]) -> InDoubtError:
    if error.retry_after is None and look_again_after:
        error.retry_after = look_again_after[0]
    return error


def _unexpected(error: Exception, title: str) -> InDoubtError:
    """An error that nobody foresaw. Its text may hold a case value, so only its kind and its place are told."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return InDoubtError(f"{title}: an unexpected {type(error).__name__} at {place}")
