"""What every simulator is: state behind a clock, faults and a list of received calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from simulators.clock import Clock
from simulators.exchange import Answer, Call, VendorRequest
from simulators.faults import Faults
from simulators.fields import Fields
from simulators.received import ReceivedCalls

Action = Callable[[Fields], Any]
#: As IIS and WCF services are commonly set: more is refused before it is read.
MAX_BODY_BYTES = 4 * 1024 * 1024


class Simulator(ABC):
    """One vendor's system. A subclass tells the vendor's truth; the rest is the same for all.

    Everything runs on one event loop and no method awaits, so each request is dealt with whole: two
    calls at the same moment are always one after the other, and counts are exact.
    """

    name: ClassVar[str]
    endpoints: ClassVar[Mapping[str, str]]
    default_credentials: ClassVar[Mapping[str, str]]
    #: A request with more is answered 413.
    max_body_bytes: ClassVar[int] = MAX_BODY_BYTES

    #: Where it listens; empty until it does.
    base_url: str = ""

    def __init__(self) -> None:
        self.clock = Clock()
        self.faults = Faults()
        self.received = ReceivedCalls(self.clock)
        self.credentials: dict[str, str] = dict(self.default_credentials)

    def reset(self) -> None:
        """Sample data, credentials, settings, clock, faults and received calls are as at the start."""
        self.clock.reset()
        self.faults.clear()
        self.received.clear()
        self.credentials = dict(self.default_credentials)
        self.reset_records()

    def info(self) -> dict[str, Any]:
        """What a stranger needs for a valid call."""
        return {
            "name": self.name,
            "endpoints": dict(self.endpoints),
            "credentials": dict(self.credentials),
            "samples": self.samples(),
        }

    def actions(self) -> Mapping[str, Action]:
        """Extra admin calls of this vendor alone, served as ``POST /_sim/<name>/<action>``.

        An action may return an awaitable. It reads the request's fields and returns what is shown as JSON.
        """
        return {}

    @abstractmethod
    def call(self, request: VendorRequest) -> Call | None:
        """The call a vendor-side request makes; None when it asks for a document (a WSDL, a help page)."""

    @abstractmethod
    def document(self, request: VendorRequest) -> Answer:
        """The answer to a request that is no call: a page, a WSDL, "not found", "method not allowed"."""

    @abstractmethod
    def reset_records(self) -> None:
        """Records and settings are as at the start."""

    @abstractmethod
    def samples(self) -> dict[str, list[str]]:
        """Ids that exist, by kind; the first of each kind belong together."""

    @abstractmethod
    def records(self) -> dict[str, list[dict[str, Any]]]:
        """All that is held now, by kind, in order of creation."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The switches in force."""

    @abstractmethod
    def change_settings(self, fields: Fields) -> None:
        """The switches named are set, the others stay.

        Raises:
            BadField: A switch is unknown or its value is not one it can have. Nothing has changed.
        """
