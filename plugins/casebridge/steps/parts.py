"""The parts of an action that makes several writes: each is sent once, and looked for when its answer was lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from casebridge.core.errors import CasebridgeError, InDoubtError, NeedsPerson, RejectedError, TransientError
from casebridge.core.look_up import Absent, Ours, TooEarly, Unclear, judge, plausible
from casebridge.core.payload import Payload
from casebridge.core.privacy import hide
from casebridge.core.record import Found, Receipt
from casebridge.steps.surprise import HOW_TO_RESOLVE, unexpected
from casebridge.store.claim import Claim
from casebridge.store.parts import Part, PartState

log = logging.getLogger(__name__)


class ActionParts:
    """Implements `casebridge.core.ports.Parts` over the ledger.

    Args:
        claim: The hold on the action.
        title: What people call the target.
        payload: What is sent, for hiding its values in texts.
        look_again_after: Seconds after an unanswered write at which its record is looked for.
    """

    def __init__(self, claim: Claim, *, title: str, payload: Payload, look_again_after: Sequence[float]) -> None:
        self._claim = claim
        self._title = title
        self._payload = payload
        self._look_again_after = look_again_after

    @property
    def confirmed(self) -> Mapping[str, Receipt]:
        """What the target said to the confirmed parts, by name."""
        return {name: part.receipt for name, part in self._claim.parts.confirmed.items()}

    def confirm(self, record: str, receipts: Mapping[str, Receipt]) -> None:
        """Some parts of one repeatable call are done."""
        self._claim.parts.confirm_all(record, receipts)

    def exclusively(self, name: str) -> AbstractContextManager[None]:
        """Holds a name against all other actions of this system."""
        return self._claim.exclusively(name)

    def write(
        self,
        name: str,
        record: str,
        send: Callable[[], Receipt],
        *,
        find: Callable[[], Sequence[Found]] | None = None,
        there_before: Collection[str] = (),
        repeatable: bool = False,
    ) -> Receipt:
        """Makes a write, once."""
        part = self._claim.parts[name]
        if part is not None and part.state is PartState.CONFIRMED:
            log.info("Already confirmed: %s %s", name, part.record_id or "")
            return part.receipt
        if part is not None and not repeatable and (receipt := self._look(part, find)) is not None:
            return receipt
        self._claim.parts.intend(name, record, there_before=there_before)
        try:
            receipt = send()
        except CasebridgeError as error:
            hide(error, self._payload.private_values())
            if not error.may_have_happened:
                self._claim.parts.not_sent(name, str(error).splitlines()[0])
            raise
        except Exception as error:
            raise unexpected(error, self._title) from None
        self._claim.parts.confirm(name, record, receipt)
        log.info("Confirmed: %s %s", name, receipt.record_id)
        return receipt

    def _look(self, part: Part, find: Callable[[], Sequence[Found]] | None) -> Receipt | None:
        """The record of an earlier try; None when it is certain enough that there is none."""
        if find is None:
            raise NeedsPerson(f"{self._title} cannot be searched for the {part.name}: {HOW_TO_RESOLVE}")
        log.info("An earlier try of the %s got no clear answer: looking for it before sending again", part.name)
        found = self._found(part, find)
        taken = self._claim.records_of_others(part.record, [record.id for record in found]) | set(part.there_before)
        candidates = plausible(found, taken=taken, first_sent_at=part.first_sent_at)
        verdict = judge(
            candidates, sent_at=part.sent_at, now=datetime.now(UTC), look_again_after=self._look_again_after
        )
        match verdict:
            case Ours(record_id):
                receipt = Receipt(record_id)
                self._claim.parts.confirm(part.name, part.record, receipt, found=True)
                return receipt
            case Unclear(record_ids):
                raise NeedsPerson(
                    f"{len(record_ids)} {part.record}s could be the {part.name} ({', '.join(record_ids)}): "
                    f"{HOW_TO_RESOLVE}"
                )
            case TooEarly(seconds):
                raise InDoubtError(
                    f"the {part.name} is not there yet; it may appear late, so nothing is sent again",
                    retry_after=seconds,
                )
            case Absent(seconds):
                log.warning("No %s %d s after the earlier try: it was not created", part.name, seconds)
        return None

    def _found(self, part: Part, find: Callable[[], Sequence[Found]]) -> Sequence[Found]:
        try:
            return find()
        except TransientError as error:
            # The look-up was not answered: what was sent before is as much in doubt as it was.
            hide(error, self._payload.private_values())
            raise InDoubtError(str(error), retry_after=error.retry_after) from None
        except RejectedError as error:
            hide(error, self._payload.private_values())
            reason = f"the {part.name} cannot be looked for: {str(error).splitlines()[0]}"
            raise NeedsPerson(f"{reason}. {HOW_TO_RESOLVE}") from None
        except Exception as error:
            raise unexpected(error, self._title) from None
