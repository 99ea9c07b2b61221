"""What every connector is made of: settings that are checked, and a class that calls the target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from casebridge.core.errors import NotConfigured
from casebridge.core.manifest import ActionType, Manifest
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt, Record
from casebridge.core.template import MappingTemplate

if TYPE_CHECKING:
    import requests


class ConnectionSettings(BaseModel):
    """The settings that every system has. They are kept in an Airflow connection.

    Attributes:
        enabled: A disabled integration runs no action, and says so.
        timezone: The target's time zone in Location/Area form.
        connect_timeout_s: Seconds to wait for a connection.
        read_timeout_s: Seconds to wait for an answer.
        look_again_after: Seconds after an unanswered create at which the record is looked for; the manifest's
            figures when empty.
        record_url: Address of a record's page for people, with `{id}` for its id.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = Field(True, title="Enabled", description="A disabled integration runs no action, and says so.")
    timezone: str = Field(
        "Europe/London", title="Time zone", description="The target's time zone in Location/Area form."
    )
    connect_timeout_s: float = Field(5.0, title="Connect timeout", description="Seconds.", gt=0, le=120)
    read_timeout_s: float = Field(30.0, title="Read timeout", description="Seconds.", gt=0, le=900)
    look_again_after: tuple[float, ...] = Field(
        (),
        title="Look again after",
        description="Seconds after a create without an answer at which the record is looked for.",
    )
    record_url: str = Field(
        "", title="Record page", description="Address of a record's page for people, with {id} for its id."
    )

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'"{name}" is not a time zone; write it as Location/Area, such as Europe/London') from None
        return name

    @field_validator("look_again_after", mode="before")
    @classmethod
    def _seconds_in_a_list(cls, value: Any) -> Any:
        return tuple(part for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def timeouts(self) -> tuple[float, float]:
        """Seconds for connecting and for reading, as `requests` takes them."""
        return self.connect_timeout_s, self.read_timeout_s


S = TypeVar("S", bound=ConnectionSettings)


def read_settings(model: type[S], values: dict[str, Any], *, where: str) -> S:
    """The settings in a connection.

    Args:
        model: The system's settings class.
        values: What the connection holds; empty texts count as not given.
        where: The name of the connection, for the message.

    Raises:
        NotConfigured: Something is missing or wrong; names all of it, and where it looked.
    """
    given = {name: value for name, value in values.items() if value not in (None, "")}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(_sentence(model, detail) for detail in error.errors(include_input=False, include_url=False))
        raise NotConfigured(f'connection "{where}": {wrong}') from None


def _sentence(model: type[BaseModel], detail: ErrorDetails) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    field = model.model_fields.get(str(detail["loc"][0])) if detail["loc"] else None
    title = field.title if field and field.title else name
    if detail["type"] == "missing":
        return f'"{title}" ({name}) is missing'
    if detail["type"] == "extra_forbidden":
        return f'"{name}" is not a setting'
    return f'"{title}" ({name}): {detail["msg"].removeprefix("Value error, ")}'


class ConnectorBase(ABC, Generic[S]):
    """A target system behind one set of settings.

    Args:
        manifest: The system's manifest.
        settings: The settings.
        session: The one way to the outside; tests hand in their own.

    Attributes:
        cache: Folder for what may be kept between runs, such as WSDLs; None keeps nothing.
    """

    settings_class: ClassVar[type[ConnectionSettings]]
    cache: Path | None = None

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
    def send(self, action: ActionType, payload: Payload) -> Receipt:
        """Performs an outgoing action, once."""

    @abstractmethod
    def fetch(self, kind: str, record_id: str) -> Record:
        """Reads a record."""

    def find(self, action: ActionType, payload: Payload) -> Sequence[Found]:
        """The records that this action may have made; asked only where the manifest names `found_by`."""
        raise NotConfigured(f"{self.manifest.title} cannot be searched for a {action.record}")

    def check_template(self, template: MappingTemplate) -> Sequence[Problem]:
        """What the live target says against a template; nothing unless the connector can ask."""
        return ()


def _new_session() -> requests.Session:
    import requests  # a DAG file reads manifests and settings, and must not pay for this

    return requests.Session()
