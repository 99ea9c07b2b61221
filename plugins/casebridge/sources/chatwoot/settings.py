"""The settings of a Chatwoot connection."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from casebridge.transport.settings import ConnectionSettings


class ChatwootSettings(ConnectionSettings):
    """What a connection to Chatwoot needs.

    Attributes:
        host: Base URL.
        account: The account's number in the address.
        password: The access token of an agent or administrator.
        most_messages: How many messages of a conversation are read at most.
    """

    host: str = Field(title="Base URL", description="For example https://app.chatwoot.com")
    account: int = Field(1, title="Account", description="The number in the address: /app/accounts/<number>/", ge=1)
    password: SecretStr = Field(
        title="Access token", description="From the profile settings of an administrator: api_access_token."
    )
    most_messages: int = Field(
        10_000, title="Most messages", description="A conversation with more is refused, not cut.", ge=20, le=1_000_000
    )

    @field_validator("host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        return address if address.startswith(("http://", "https://")) else f"https://{address}"
