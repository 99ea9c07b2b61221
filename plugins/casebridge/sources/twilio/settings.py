"""The settings of a Twilio connection."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from casebridge.transport.settings import ConnectionSettings


class TwilioSettings(ConnectionSettings):
    """What a connection to Twilio needs.

    Attributes:
        login: The Account SID.
        password: The auth token.
        host: Base URL of the Conversations API.
        media_host: Base URL of the Media Content Service.
        most_messages: How many messages of a conversation are read at most.
    """

    login: str = Field(title="Account SID", description="AC and 32 hex digits.")
    password: SecretStr = Field(title="Auth token", description="Of the account; it signs webhooks too.")
    host: str = Field("https://conversations.twilio.com", title="Base URL", description="Of the Conversations API.")
    media_host: str = Field(
        "https://mcs.us1.twilio.com", title="Base URL of files", description="Of the Media Content Service."
    )
    most_messages: int = Field(
        10_000, title="Most messages", description="A conversation with more is refused, not cut.", ge=20, le=1_000_000
    )

    @field_validator("host", "media_host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        return address if address.startswith(("http://", "https://")) else f"https://{address}"
