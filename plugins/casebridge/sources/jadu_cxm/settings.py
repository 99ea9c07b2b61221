"""The settings of a Jadu CXM connection."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator

from casebridge.transport.settings import ConnectionSettings


class JaduCxmSettings(ConnectionSettings):
    """What a connection to Jadu CXM needs.

    Attributes:
        host: Base URL, such as `https://<council>.q.jadu.net`.
        api_name: The name of the service API that is set up in CXM for casebridge.
        password: The key of that service API.
        login: The user as whom casebridge acts; empty: the key alone.
        user_password: That user's password.
        changes_filter: The saved filter that lists cases, the last updated first; empty: changes are not polled.
        changes_pages: How many pages of the filter are read at most.
        reference_fields: The case field that shows each Reference, by the Reference's name.
        case_page: Address of a case's page for people, with `{reference}`; derived from the base URL when empty.
        profile: Overrides of what is ASSUMED about Jadu CXM, by the names in `profile.yaml`.
    """

    host: str = Field(title="Base URL", description="For example https://<council>.q.jadu.net")
    api_name: str = Field(
        title="Service API", description="The name of the service API in the address: /api/service-api/<name>/"
    )
    password: SecretStr = Field(title="API key", description="The key of the service API.")
    login: str = Field("", title="User name", description="The user as whom casebridge acts. Empty: the API key alone.")
    user_password: SecretStr = Field(
        SecretStr(""), title="User's password", description="Only beside a user name: that user's password."
    )
    changes_filter: str = Field(
        "",
        title="Filter for changes",
        description="A saved filter that is sorted by last update, newest first. Empty: changes are not polled.",
    )
    changes_pages: int = Field(
        200, title="Pages of the filter", description="How many of its pages are read at most.", ge=1, le=10_000
    )
    reference_fields: dict[str, str] = Field(
        default_factory=dict,
        title="Reference fields",
        description='The case field that shows each Reference: {"worksheet": "worksheet_number"}.',
    )
    case_page: str = Field(
        "",
        title="Case page",
        description="Address of a case's page, with {reference}. Empty: <base URL>/q/case/{reference}/timeline.",
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="Overrides of what is assumed about Jadu CXM, by the names in profile.yaml.",
    )

    @field_validator("host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        if not address.startswith(("http://", "https://")):
            address = f"https://{address}"
        return address

    @field_validator("api_name")
    @classmethod
    def _one_word(cls, name: str) -> str:
        word = name.strip().strip("/")
        if not word or "/" in word:
            raise ValueError("write the name alone, without slashes")
        return word

    @field_validator("password")
    @classmethod
    def _fits_a_header(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value().strip()
        if not text.isascii() or not text.isprintable():
            raise ValueError("a key has no such characters")
        return SecretStr(text)

    @model_validator(mode="after")
    def _user_and_password(self) -> JaduCxmSettings:
        if bool(self.login) != bool(self.user_password.get_secret_value()):
            raise ValueError("a user name and the user's password belong together: give both or neither")
        return self

    @property
    def address(self) -> str:
        """The address of the service API."""
        return f"{self.host}/api/service-api/{self.api_name}"

    @property
    def case_address(self) -> str:
        """Address of a case's page, with `{reference}` in it. The API may have a host of its own, the page has not."""
        return self.case_page or f"{self.host.replace('.api.q.', '.q.', 1)}/q/case/{{reference}}/timeline"
