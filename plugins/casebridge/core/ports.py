"""The seams to the outside: what the steps ask of case sources and connectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, runtime_checkable

from casebridge.core.case import Case, CaseChanges, CaseType
from casebridge.core.manifest import ActionType, Manifest
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.summary import Summary
from casebridge.core.template import MappingTemplate


class CaseSource(Protocol):
    """Where cases are kept."""

    name: str

    def read(self, reference: str) -> Case:
        """The case as it is now.

        Raises:
            NotFound: There is no such case.
            Unreachable: The source gave no answer.
        """

    def write(self, reference: str, changes: CaseChanges) -> None:
        """Writes incoming data to the case.

        Raises:
            NotFound: There is no such case.
            Unreachable: The source gave no answer.
        """

    def transition(self, reference: str, name: str) -> None:
        """Applies a transition of the case system to a case.

        Raises:
            RejectedError: The case system refused it.
            Unreachable: The source gave no answer.
        """

    def store_reference(self, reference: str, name: str, record_id: str) -> None:
        """Shows the record that a Reference holds on the case, where the case system has a place for it.

        Storing the same record again changes nothing.

        Args:
            reference: The case reference number.
            name: The name of the Reference.
            record_id: The target's id of the record.

        Raises:
            RejectedError: The case system refused it.
            Unreachable: The source gave no answer.
        """

    def case_types(self) -> Sequence[CaseType]:
        """The case types and their details; empty when the source cannot tell."""


class Parts(Protocol):
    """The writes of an action that makes several. Each has a create protocol of its own, so that a crash between two
    neither repeats the first nor loses the second. Parts that are confirmed stay so over every later try.
    """

    @property
    def confirmed(self) -> Mapping[str, Receipt]:
        """What the target said to the confirmed parts, by name."""

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
        """Makes a write, once.

        Args:
            name: Which write of the action; the same at every try. Holds no case values.
            record: The kind of record.
            send: Calls the target.
            find: Looks for the record that an unanswered try may have made; without it only a person can tell.
            there_before: Ids of like records that the target held before: none of them is ours.
            repeatable: Whether doing it twice is the same as doing it once, so that nothing is looked for.

        Raises:
            RejectedError: The target said no, or only a person can tell what happened.
            TransientError: It was not written.
            InDoubtError: It may have been.
        """

    def confirm(self, record: str, receipts: Mapping[str, Receipt]) -> None:
        """Some parts of one repeatable call are done; a later try need not send them again."""

    def exclusively(self, name: str) -> AbstractContextManager[None]:
        """Holds a name against all other actions of this system: what is looked for and made meanwhile is made once.

        Args:
            name: Such as the number of a contact; it is kept nowhere.

        Raises:
            Fenced: Another action holds it, and did not let it go in time.
        """


@runtime_checkable
class RemembersCases(Protocol):
    """A case source that cannot be asked: what it told with an event is the case from then on."""

    def remember(self, reference: str, told: Mapping[str, str], *, event: str, position: int) -> None:
        """The case is as the event tells it; an event that is older than what is known changes nothing.

        Args:
            reference: The case reference number.
            told: Everything that came with the event, by name.
            event: What happened.
            position: The event's place among those of the case; 0 when they are not numbered.
        """


@runtime_checkable
class WritesInParts(Protocol):
    """A case source with writes that may not be done twice: each goes through `parts`, as a connector's do."""

    def write_in_parts(self, reference: str, changes: CaseChanges, parts: Parts, *, told: bool) -> bool:
        """Writes incoming data to the case, each part once; False when it left by a way that gives no answer.

        Args:
            reference: The case reference number.
            changes: The data.
            parts: Remembers what was written, over every later try.
            told: Whether the data is something that happened, and is written though it was written before; otherwise
                it is how a record stands, and only what has changed is written.

        Raises:
            NeedsPerson: A part may have been written, and only a person can tell.
            CasebridgeError: As `CaseSource.write` says.
        """


class Connector(Protocol):
    """A target system behind one set of settings."""

    manifest: Manifest

    @property
    def timezone(self) -> str:
        """The target's time zone in Location/Area form."""

    @property
    def enabled(self) -> bool:
        """Whether the integration may act."""

    @property
    def look_again_after(self) -> tuple[float, ...]:
        """Seconds after an unanswered create at which the record is looked for."""

    def check(self) -> str:
        """Proves that the settings work, credentials included, and says what was proved in a sentence.

        Raises:
            CasebridgeError: They do not; the text is the detailed reason.
        """

    def send(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Performs an outgoing action, once. One that is declared `in_parts` makes every write through `parts`.

        Raises:
            RejectedError: The target said no.
            TransientError: Nothing was written.
            InDoubtError: It may have been.
        """

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The records that carry the payload's external reference and could have been made by this action.

        Raises:
            CasebridgeError: The look-up itself failed.
        """

    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads a record.

        Raises:
            NotFound: The target has no such record.
            CasebridgeError: The reading failed.
        """

    def listing(self, kind: str, since: datetime, until: datetime) -> Iterator[Summary]:
        """The records of a kind that were made or changed in a period, a page at a time.

        Args:
            kind: The kind of record.
            since: From this moment on.
            until: Before this moment.

        Raises:
            NotConfigured: The target cannot be listed so.
            CasebridgeError: The listing failed.
        """

    def listing_of(self, kind: str, external_references: Sequence[str]) -> Iterator[Summary]:
        """The records of a kind that carry one of our references, for a target that can only be asked so.

        Raises:
            NotConfigured: The target cannot be listed so.
            CasebridgeError: The listing failed.
        """

    def record_url(self, kind: str, record_id: str) -> str:
        """Address of the record's page for people, or ""."""

    def check_template(self, template: MappingTemplate) -> Sequence[Problem]:
        """Compares a template with what the live target offers (services, items, compulsory properties).

        Raises:
            CasebridgeError: The target could not be asked.
        """
