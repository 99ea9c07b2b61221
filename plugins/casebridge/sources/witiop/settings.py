"""The settings of a WitiOp connection."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr, field_validator

from casebridge.transport.settings import ConnectionSettings


class WitiopSettings(ConnectionSettings):
    """What a connection to WitiOp needs.

    Attributes:
        host: Base URL.
        password: An API access token with the permission to read conversations.
        profile: Overrides of what is ASSUMED about WitiOp, by the names in `profile.yaml`.
    """

    host: str = Field(title="Base URL", description="For example https://witiop.example.com")
    password: SecretStr = Field(
        title="API access token",
        description="Made by WitiOp's administrator, with the permission to read conversations.",
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="Overrides of what is assumed about WitiOp, by the names in profile.yaml.",
    )

    @field_validator("host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        return address if address.startswith(("http://", "https://")) else f"https://{address}"
