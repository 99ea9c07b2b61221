"""What every case source behind a connection is made of: settings that are checked, and a class that calls it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from casebridge.core.case import Case, CaseChanges, CaseType
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


def _new_session() -> requests.Session:
    import requests  # a DAG file reads names and settings, and must not pay for this

    return requests.Session()
