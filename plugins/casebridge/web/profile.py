"""What is ASSUMED about those who push, and how a file overrides it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from casebridge.core.errors import NotConfigured

VARIABLE = "CASEBRIDGE_INBOX_PROFILE"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Signature(_Part):
    """How the body is signed."""

    header: str = Field(min_length=1)
    prefix: str
    algorithm: Literal["sha256", "sha384", "sha512"]
    encoding: Literal["hex", "base64"]


class Paths(_Part):
    """Where values stand in the JSON of a webhook."""

    event: str = Field(min_length=1)
    case_reference: str = Field(min_length=1)
    case_type: str
    status: str
    transition: str
    from_status: str
    occurred_at: str
    delivery_id: str


class JaduProfile(_Part):
    """The webhooks of Jadu CXM."""

    content_types: tuple[str, ...]
    signature: Signature
    delivery_header: str
    paths: Paths
    timezone: str
    untimed: Literal["refuse", "accept"]

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'"{name}" is not a time zone; write it as Location/Area') from None
        return name


class Secret(_Part):
    """Where a secret stands."""

    header: str = Field(min_length=1)
    field: str = Field(min_length=1)


class TaskFields(_Part):
    """The names of the app fields that are details with a name of their own."""

    request_type: str = Field(min_length=1)
    direction: str = Field(min_length=1)
    event_id: str
    case_reference: str = Field(min_length=1)
    group: str
    external_reference: str = Field(min_length=1)
    task_status: str
    update_text: str
    update_author: str
    requester_name: str
    requester_email: str
    requester_phone: str
    address_line1: str


class Ssp7Profile(_Part):
    """The events of SSP7."""

    content_types: tuple[str, ...]
    secret: Secret
    integrated_groups: tuple[str, ...]
    app_fields: TaskFields
    request_types: dict[str, str]
    submit: str = Field(min_length=1)
    resubmit: str = Field(min_length=1)


class TicketPaths(_Part):
    """Where values stand in the JSON of a service provider's webhook."""

    event: str = Field(min_length=1)
    ticket: str = Field(min_length=1)
    reference: str
    status: str
    delivery_id: str
    sequence: str
    origin: str
    update_text: str
    update_author: str
    solution: str
    closing_note: str


class ProviderProfile(_Part):
    """The webhooks of a service provider."""

    content_types: tuple[str, ...]
    signature: Signature
    signed: Literal["body", "timestamp.body"]
    timestamp_header: str
    delivery_header: str
    paths: TicketPaths
    events: dict[str, Literal["updated", "solved", "closed"]]
    own_origin: str


class CallbackPaths(_Part):
    """Where values stand in the JSON of WitiOp's callback."""

    event: str = Field(min_length=1)
    event_id: str
    occurred_at: str
    conversation: str = Field(min_length=1)
    conversation_id: str = Field(min_length=1)


class WitiopProfile(_Part):
    """The callbacks of WitiOp."""

    content_types: tuple[str, ...]
    signature: Signature
    timestamp_header: str = Field(min_length=1)
    window_s: float = Field(gt=0)
    paths: CallbackPaths
    closed_events: tuple[str, ...]


class Profile(_Part):
    """Everything that is ASSUMED."""

    jadu_cxm: JaduProfile
    ssp7: Ssp7Profile
    service_provider: ProviderProfile
    witiop: WitiopProfile


def read_profile(overrides: Path | None = None) -> Profile:
    """The profile; what a file of overrides does not name keeps its default.

    Raises:
        NotConfigured: The file cannot be read, or names something that does not exist or has the wrong shape.
    """
    merged = _read(Path(__file__).with_name("profile.yaml"))
    if overrides:
        merged = _merge(merged, _read(overrides))
    try:
        return Profile.model_validate(merged)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise NotConfigured(f"the profile of the inbox is not right ({VARIABLE}): {wrong}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NotConfigured(
            f"the file that {VARIABLE} names cannot be read as YAML ({type(error).__name__}): {path}"
        ) from None
    if not isinstance(loaded, dict):
        raise NotConfigured(f"the file that {VARIABLE} names must begin with a word such as jadu_cxm: {path}")
    return loaded


def _merge(held: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    both = {name for name in held.keys() & given.keys() if isinstance(held[name], dict)}
    parts = {name: _merge(held[name], given[name]) for name in both if isinstance(given[name], dict)}
    return {**held, **given, **parts}
