"""The settings of a connection: checked as a whole, and told as a whole when something is wrong."""

from __future__ import annotations

from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from casebridge.core.errors import NotConfigured


class ConnectionSettings(BaseModel):
    """The settings that every connection has, to a target system or to a case source.

    Attributes:
        enabled: A disabled integration runs no action, and says so.
        timezone: The system's time zone in Location/Area form.
        connect_timeout_s: Seconds to wait for a connection.
        read_timeout_s: Seconds to wait for an answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = Field(True, title="Enabled", description="A disabled integration runs no action, and says so.")
    timezone: str = Field(
        "Europe/London", title="Time zone", description="The system's time zone in Location/Area form."
    )
    connect_timeout_s: float = Field(5.0, title="Connect timeout", description="Seconds.", gt=0, le=120)
    read_timeout_s: float = Field(30.0, title="Read timeout", description="Seconds.", gt=0, le=900)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'"{name}" is not a time zone; write it as Location/Area, such as Europe/London') from None
        return name

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
    if not detail["loc"]:  # about several settings at once
        return detail["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in detail["loc"])
    field = model.model_fields.get(str(detail["loc"][0]))
    title = field.title if field and field.title else name
    if detail["type"] == "missing":
        return f'"{title}" ({name}) is missing'
    if detail["type"] == "extra_forbidden":
        return f'"{name}" is not a setting'
    return f'"{title}" ({name}): {detail["msg"].removeprefix("Value error, ")}'
