"""The settings of a connection to a service provider."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator

from casebridge.connectors.base import TargetSettings


class Authentication(StrEnum):
    """How a request says who sends it."""

    BEARER = "bearer"
    HEADER = "header"
    BASIC = "basic"
    NONE = "none"


class Channel(StrEnum):
    """How tickets are handed over."""

    REST = "rest"
    EMAIL = "email"


class ServiceProviderSettings(TargetSettings):
    """What a connection to a service provider needs.

    Attributes:
        host: Base URL.
        login: User name, for basic.
        password: The token, key or password.
        authentication: bearer, header, basic or none.
        auth_header: The header that a key goes into, for header.
        path: What every call's path is below.
        channel: rest or email.
        email_to: The address that the provider reads, for the channel email.
        profile: What differs from `profile.yaml`.
    """

    host: str = Field(title="Base URL", description="For example https://desk.example.org")
    login: str = Field("", title="User name", description="For basic.")
    password: SecretStr = Field(title="Token or password", description="The token, the key, or the user's password.")
    authentication: Authentication = Field(
        Authentication.BEARER,
        title="Authentication",
        description="bearer: Authorization with the token; header: a key in a header; basic: user and password; none.",
    )
    auth_header: str = Field("X-API-Key", title="Header", description="For header: the header that the key goes into.")
    path: str = Field("/api/v1", title="Path", description="What the path of every call is below.")
    channel: Channel = Field(
        Channel.REST, title="Channel", description="rest, or email: then nothing answers, and an event must confirm."
    )
    email_to: str = Field(
        "", title="Mailbox", description="For the channel email: the address that the provider reads."
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="What differs from profile.yaml: methods, paths and bodies of the calls.",
    )

    @field_validator("host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        if not address.startswith(("http://", "https://")):
            address = f"https://{address}"
        return address

    @model_validator(mode="after")
    def _belong_together(self) -> ServiceProviderSettings:
        if self.authentication is Authentication.BASIC and not self.login:
            raise ValueError("authentication basic needs a user name (login)")
        if self.channel is Channel.EMAIL and "@" not in self.email_to:
            raise ValueError("the channel email needs the address that the provider reads (email_to)")
        return self

    @property
    def address(self) -> str:
        """What the path of every call is below."""
        return f"{self.host}/{self.path.strip('/')}".rstrip("/")
