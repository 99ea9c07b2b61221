"""What every case source behind a connection is made of: settings that are checked, and a class that calls it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from casebridge.core.case import Case, CaseChanges, CaseType
from casebridge.core.conversation import Conversation
from casebridge.core.errors import NotConfigured
from casebridge.transport.settings import ConnectionSettings

if TYPE_CHECKING:
    import requests

S = TypeVar("S", bound=ConnectionSettings)


class Shelf(Protocol):
    """Where a source that cannot be asked keeps what it was told of its cases."""

    def details(self, reference: str) -> dict[str, Any] | None:
        """What is known of a case."""

    def put(self, reference: str, details: Mapping[str, Any], *, position: int) -> bool:
        """Keeps what an event told."""

    def add(self, reference: str, details: Mapping[str, Any]) -> None:
        """Keeps something beside what was told."""


class ConnectedSource(ABC, Generic[S]):
    """A case source behind one set of settings.

    Args:
        settings: The settings.
        session: The one way to the outside; tests hand in their own.

    Attributes:
        name: The word for it in code, YAML and rules.
        shelf: Where it keeps what it was told; None where there is no database.
        send_email: Sends a message: to, subject, text; None where nothing can.
    """

    name: str
    shelf: Shelf | None = None
    send_email: Callable[[str, str, str], None] | None = None

    def __init__(self, settings: S, session: requests.Session | None = None) -> None:
        self.settings = settings
        self.session = session or _new_session()

    @property
    def enabled(self) -> bool:
        """Whether cases may be read and written."""
        return self.settings.enabled

    @property
    def lists_changes(self) -> bool:
        """Whether changed cases can be asked for, as `casebridge.steps.notice` does."""
        return False

    @abstractmethod
    def check(self) -> str:
        """Proves that the settings work, credentials included, and says what was proved in a sentence."""

    @abstractmethod
    def read(self, reference: str) -> Case:
        """The case as it is now."""

    @abstractmethod
    def write(self, reference: str, changes: CaseChanges) -> None:
        """Writes incoming data to the case."""

    @abstractmethod
    def transition(self, reference: str, name: str) -> None:
        """Applies a transition of the case system to a case."""

    @abstractmethod
    def attach(self, reference: str, name: str, content: bytes | Path) -> None:
        """Attaches a file to a case."""

    @abstractmethod
    def store_reference(self, reference: str, name: str, record_id: str) -> None:
        """Shows the record that a Reference holds on the case."""

    def case_types(self) -> Sequence[CaseType]:
        """The case types and their details; none unless the source can tell."""
        return ()


class ConversationSource(ConnectedSource[S]):
    """A desk for messages: a case is a conversation. What is brought back is kept here: a desk has no place for it.

    Attributes:
        title: What people call it.
    """

    title: str

    @abstractmethod
    def conversation(self, reference: str) -> Conversation:
        """The conversation as it is now, or as the desk told it last."""

    def read(self, reference: str) -> Case:
        """The conversation as a case, with what was written back to it.

        Raises:
            NotFound: There is no such conversation.
            NotConfigured: The integration is disabled.
            Unreachable: The desk gave no answer.
        """
        if not self.enabled:
            raise NotConfigured(f"{self.title} is disabled in its settings; enable it and run this again")
        return self.conversation(reference).as_case(self.name, self._kept(reference).get("written", {}))

    def write(self, reference: str, changes: CaseChanges) -> None:
        """Keeps what a target told beside the conversation.

        Raises:
            NotConfigured: There is no database to keep it in.
        """
        if self.shelf is None:
            raise NotConfigured(f"what is brought back to {self.title} needs casebridge's database")
        moments = {name: value and value.isoformat() for name, value in changes.dates.items()}
        new = {name: value and str(value) for name, value in changes.fields.items()} | moments
        kept = self._kept(reference)
        written = {"written": {**kept.get("written", {}), **new}}
        if kept:
            self.shelf.add(reference, written)
        else:
            self.shelf.put(reference, written, position=0)

    def transition(self, reference: str, name: str) -> None:
        """A conversation is closed by its agent.

        Raises:
            NotConfigured: Always.
        """
        raise NotConfigured(f"{self.title} has no transitions: an agent closes a conversation")

    def attach(self, reference: str, name: str, content: bytes | Path) -> None:
        """A file in a conversation would be sent to the customer.

        Raises:
            NotConfigured: Always.
        """
        raise NotConfigured(f"{self.title} takes no files: they would be sent to the customer")

    def store_reference(self, reference: str, name: str, record_id: str) -> None:
        """Does nothing: casebridge's own References show what a conversation has become."""

    def _kept(self, reference: str) -> dict[str, Any]:
        return (self.shelf.details(reference) or {}) if self.shelf is not None else {}


def _new_session() -> requests.Session:
    import requests  # a DAG file reads names and settings, and must not pay for this

    return requests.Session()
