"""The settings of an SSP7 connection."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator

from casebridge.transport.settings import ConnectionSettings


class Authentication(StrEnum):
    """How the web service knows who calls."""

    HASH = "hash"
    BASIC = "basic"
    NTLM = "ntlm"
    NONE = "none"


class Channel(StrEnum):
    """How a task is written back."""

    SOAP = "soap"
    EMAIL = "email"


class Ssp7Settings(ConnectionSettings):
    """What a connection to SSP7 needs.

    Attributes:
        host: Base URL, such as `https://ssp.example.org`.
        login: User name, for basic and ntlm.
        password: The hash of the web service, or the user's password.
        authentication: hash, basic, ntlm or none.
        hash: The hash too, where a user logs in and the web service asks for one all the same.
        path: Path of the web service below the base URL.
        wsdl: Address or file of the WSDL; the web service's own when empty.
        reference: The Reference whose record is shown as the task's external reference number.
        channel: soap or email.
        email_to: The address that SSP7 reads, for the channel email.
        task_page: Address of a task's page for people, with `{reference}`.
        profile: Overrides of what is ASSUMED about SSP7, by the names in `profile.yaml`.
    """

    host: str = Field(title="Base URL", description="For example https://ssp.example.org")
    login: str = Field("", title="User name", description="For basic and ntlm: DOMAIN\\user.")
    password: SecretStr = Field(
        title="Hash or password", description="The hash of the web service; for basic and ntlm the user's password."
    )
    authentication: Authentication = Field(
        Authentication.HASH,
        title="Authentication",
        description="hash: a part of each message; basic or ntlm: a user logs in; none: the server asks for nothing.",
    )
    hash: SecretStr = Field(
        SecretStr(""), title="Hash as well", description="Only beside basic or ntlm: the hash that is asked for too."
    )
    path: str = Field(
        "/Workflow/Webservice/WorkflowService.asmx",
        title="Path",
        description="Of the web service, below the base URL.",
    )
    wsdl: str = Field("", title="WSDL", description="An address or a file. Empty: what the web service itself gives.")
    reference: str = Field(
        "ticket",
        title="Reference",
        description="The Reference whose record becomes the external reference number of the task.",
    )
    channel: Channel = Field(
        Channel.SOAP,
        title="Channel",
        description="soap, or email: then SSP7 reads what is written back from its mailbox, and nothing answers.",
    )
    email_to: str = Field("", title="Mailbox", description="For the channel email: the address that SSP7 reads.")
    task_page: str = Field(
        "", title="Task page", description="Address of a task's page for people, with {reference} in it."
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="Overrides of what is assumed about SSP7, by the names in profile.yaml.",
    )

    @field_validator("host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        if not address.startswith(("http://", "https://")):
            address = f"https://{address}"
        return address

    @model_validator(mode="after")
    def _belong_together(self) -> Ssp7Settings:
        if self.authentication in (Authentication.BASIC, Authentication.NTLM) and not self.login:
            raise ValueError(f"authentication {self.authentication} needs a user name (login)")
        if self.channel is Channel.EMAIL and "@" not in self.email_to:
            raise ValueError("the channel email needs the address that SSP7 reads (email_to)")
        return self

    @property
    def address(self) -> str:
        """The address of the web service."""
        return f"{self.host}/{self.path.lstrip('/')}"

    @property
    def message_hash(self) -> SecretStr:
        """The hash that goes into each message; empty where none does."""
        return self.password if self.authentication is Authentication.HASH else self.hash
