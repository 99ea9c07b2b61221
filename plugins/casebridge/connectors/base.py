"""What every connector is made of: settings that are checked, and a class that calls the target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import Field, field_validator

from casebridge.core.errors import NotConfigured
from casebridge.core.manifest import ActionType, Manifest
from casebridge.core.payload import Payload
from casebridge.core.ports import Parts
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.summary import Summary
from casebridge.core.template import MappingTemplate
from casebridge.transport.settings import ConnectionSettings

if TYPE_CHECKING:
    import requests


class TargetSettings(ConnectionSettings):
    """The settings that every target system has. They are kept in an Airflow connection.

    Attributes:
        look_again_after: Seconds after an unanswered create at which the record is looked for; the manifest's
            figures when empty.
        record_url: Address of a record's page for people, with `{id}` for its id.
    """

    look_again_after: tuple[float, ...] = Field(
        (),
        title="Look again after",
        description="Seconds after a create without an answer at which the record is looked for.",
    )
    record_url: str = Field(
        "", title="Record page", description="Address of a record's page for people, with {id} for its id."
    )

    @field_validator("look_again_after", mode="before")
    @classmethod
    def _seconds_in_a_list(cls, value: Any) -> Any:
        return tuple(part for part in value.split(",") if part.strip()) if isinstance(value, str) else value


S = TypeVar("S", bound=TargetSettings)


class ConnectorBase(ABC, Generic[S]):
    """A target system behind one set of settings.

    Args:
        manifest: The system's manifest.
        settings: The settings.
        session: The one way to the outside; tests hand in their own.

    Attributes:
        cache: Folder for what may be kept between runs, such as WSDLs; None keeps nothing.
        send_email: Sends a message: to, subject, text; None where nothing can.
    """

    settings_class: ClassVar[type[TargetSettings]]
    cache: Path | None = None
    send_email: Callable[[str, str, str], None] | None = None

    def __init__(self, manifest: Manifest, settings: S, session: requests.Session | None = None) -> None:
        self.manifest = manifest
        self.settings = settings
        self.session = session or _new_session()

    @property
    def timezone(self) -> str:
        """The target's time zone."""
        return self.settings.timezone

    @property
    def enabled(self) -> bool:
        """Whether the integration may act."""
        return self.settings.enabled

    @property
    def look_again_after(self) -> tuple[float, ...]:
        """Seconds after an unanswered create at which the record is looked for."""
        return self.settings.look_again_after or self.manifest.look_again_after

    def record_url(self, kind: str, record_id: str) -> str:
        """Address of the record's page for people, or ""."""
        return self.settings.record_url.replace("{id}", record_id)

    @abstractmethod
    def check(self) -> str:
        """Proves that the settings work, and says what was proved."""

    @abstractmethod
    def send(self, action: ActionType, payload: Payload, parts: Parts) -> Receipt:
        """Performs an outgoing action, once."""

    @abstractmethod
    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads a record."""

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The records that this action may have made; asked only where the manifest names `found_by`."""
        raise NotConfigured(f"{self.manifest.title} cannot be searched for a {action.record}")

    def listing(self, kind: str, since: datetime, until: datetime) -> Iterator[Summary]:
        """The records that were made or changed in a period; asked only where the manifest says `listed`."""
        raise NotConfigured(f"{self.manifest.title} cannot be listed by the period of a {kind}'s last change")

    def listing_of(self, kind: str, external_references: Sequence[str]) -> Iterator[Summary]:
        """The records with our references; asked only where the manifest says `listed_by: reference`."""
        raise NotConfigured(f"{self.manifest.title} cannot be listed by our reference on a {kind}")

    def labels(self, action: ActionType, payload: Payload) -> Mapping[tuple[str, str], str]:
        """The target's own names for what a payload holds, by field and by value, or key of a keyed field.

        Nothing is written. None unless the connector can ask.
        """
        return {}

    def check_template(self, template: MappingTemplate) -> Sequence[Problem]:
        """What the live target says against a template; nothing unless the connector can ask."""
        return ()


def _new_session() -> requests.Session:
    import requests  # a DAG file reads manifests and settings, and must not pay for this

    return requests.Session()
