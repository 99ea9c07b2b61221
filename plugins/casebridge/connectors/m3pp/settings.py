"""The settings of an M3PP connection."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, SecretStr, field_validator

from casebridge.connectors.base import TargetSettings


class Auth(StrEnum):
    """How the credentials are sent."""

    BASIC = "basic"
    WS_SECURITY = "username_token"


class M3ppSettings(TargetSettings):
    """What a connection to M3PP needs.

    Attributes:
        host: Base URL, such as `https://m3.<council>.gov.uk`.
        login: User name.
        password: Password.
        auth: How the credentials are sent; the profile's way when None.
        path: Path below the base URL; the profile's when empty.
        external_reference_field: Name of the worksheet field that receives the case reference; the profile's when
            empty.
        profile: Overrides of what is ASSUMED about M3PP, as in `profile.yaml`.
    """

    host: str = Field(title="Base URL", description="For example https://m3.<council>.gov.uk")
    login: str = Field(title="User name")
    password: SecretStr = Field(title="Password")
    auth: Auth | None = Field(
        None,
        title="Authentication",
        description="basic (HTTP Basic) or username_token (WS-Security). Empty: the profile's, ASSUMED to be basic.",
    )
    path: str = Field(
        "",
        title="Path",
        description="Below the base URL. Empty: the profile's, ASSUMED to be /M3PP/M3PPWebService.asmx.",
    )
    external_reference_field: str = Field(
        "",
        title="Worksheet external reference field",
        description="Name of the field on the Worksheet in which the case reference is stored. "
        "Empty: the profile's, ASSUMED to be ExternalReference.",
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="The contract with M3 is ASSUMED: no public source shows it. Paste here what "
        "`casebridge profile m3pp --from-wsdl` wrote from your own WSDL.",
    )

    @field_validator("auth", mode="before")
    @classmethod
    def _empty_is_none(cls, auth: Any) -> Any:
        return auth or None

    @field_validator("host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        return address if address.startswith(("http://", "https://")) else f"https://{address}"
