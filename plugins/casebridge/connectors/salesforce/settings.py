"""The settings of a Salesforce connection: those of Airflow's own connection type `salesforce`, and ours."""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from casebridge.connectors.base import TargetSettings

_PREFIX = "extra__salesforce__"
_OWN_HOST = ".salesforce.com"
_NONE = SecretStr("")


class Auth(StrEnum):
    """How casebridge logs in."""

    CLIENT_CREDENTIALS = "client_credentials"
    JWT = "jwt"
    PASSWORD = "password"  # noqa: S105
    SOAP = "soap"


class SalesforceSettings(TargetSettings):
    """What a connection to Salesforce needs.

    Attributes:
        host: Where everything is sent instead of to Salesforce, for tests.
        login: User name of the API user.
        password: Its password.
        security_token: Its security token.
        consumer_key: Consumer Key of the connected app.
        consumer_secret: Consumer Secret of the connected app.
        private_key: The private key of a JWT login, in PEM.
        private_key_file_path: Where that key is, in place of the key itself.
        auth: How to log in; chosen by what is filled in when None.
        domain: `login`, `test` or the org's own, such as `acme.my`.
        version: API version.
        organization_id: Of a SOAP login from a trusted network without a security token.
        client_id: The name that a SOAP login gives for itself.
        instance: Kept for connections that have it; the login tells the instance.
        instance_url: The same.
        proxies: Proxy by scheme.
        set_audit_fields: Whether comments carry the author and the time of their messages.
        customer_username: The user whose comments the customer's are.
        add_attachments: Whether files are uploaded, or posted as links.
        fallback_owner: User name of who owns cases, and writes comments, when no single active user has the agent's
            e-mail.
        default_region: The country in which Contacts' numbers without a country code are read.
        attachments_from: Hosts from which files are fetched; empty: any.
        attachments_authorization: The header `Authorization` for these hosts.
        upload_timeout_s: Seconds to wait for the answer to an upload.
        profile: Overrides of what is ASSUMED, as in `profile.yaml`.
    """

    host: str = Field(
        "",
        title="Base URL for tests",
        description="Leave it empty. Everything, credentials included, would go there instead of to Salesforce.",
    )
    login: str = Field("", title="User name", description="User name of the Salesforce API user.")
    password: SecretStr = Field(_NONE, title="Password", description="Password of the Salesforce API user.")
    security_token: SecretStr = Field(
        _NONE, title="Security token", description="Of the API user. With a Consumer Key it is added to the password."
    )
    consumer_key: str = Field(
        "",
        title="Consumer Key",
        description="Consumer Key of the connected app (Apps, Manage Connected Apps).",
        examples=["a-consumer-key"],
    )
    consumer_secret: SecretStr = Field(
        _NONE, title="Consumer Secret", description="Consumer Secret of the connected app.", examples=["a-secret"]
    )
    private_key: SecretStr = Field(_NONE, title="Private key", description="For a login by JWT, in PEM.")
    private_key_file_path: SecretStr = Field(
        _NONE, title="Private key file", description="Where the private key is, in place of the key itself."
    )
    auth: Auth | None = Field(
        None,
        title="Login",
        description="client_credentials or jwt, which Salesforce recommends; password (deprecated by Salesforce and "
        "blocked in new orgs) or soap (off in new orgs, retired in Summer '27). Empty: by what is filled in.",
    )
    domain: str = Field(
        "login",
        title="Domain",
        description="login, test for a sandbox, or your My Domain, such as acme.my; client_credentials needs that.",
        examples=["acme.my"],
    )
    version: str = Field("66.0", title="API version", description="31.0 or newer.")
    organization_id: str = Field(
        "", title="Organization ID", description="Of a soap login from a trusted network without a security token."
    )
    client_id: str = Field("", title="Client ID", description="The name that a soap login gives for itself.")
    instance: str = Field("", title="Instance", description="Not needed: the login tells it.")
    instance_url: str = Field("", title="Instance URL", description="Not needed: the login tells it.")
    proxies: dict[str, str] = Field(
        default_factory=dict, title="Proxies", description='Proxy by scheme: {"https": "http://proxy:3128"}.'
    )
    set_audit_fields: bool = Field(
        False,
        title="SetAuditFields",
        description="Comments carry the user and the time of their messages. Without it both stand in the text.",
    )
    customer_username: str = Field(
        "",
        title="User for customer comments",
        description="User name of the Salesforce user whose comments the customer's are. SetAuditFields needs it.",
    )
    add_attachments: bool = Field(
        True,
        title="AddAttachments",
        description="Files are uploaded to Salesforce. Without it they are posted as links.",
    )
    fallback_owner: str = Field(
        "",
        title="Fallback owner",
        description="User name of who stands in when no single active user has the agent's e-mail. Empty: refused.",
    )
    default_region: str = Field(
        "",
        title="Default region",
        description="Country of stored numbers without a country code, such as GB. Empty: that of the number sought.",
    )
    attachments_from: tuple[str, ...] = Field(
        (),
        title="Hosts of files",
        description="Files are fetched from these hosts only, with commas between. Empty: any.",
    )
    attachments_authorization: SecretStr = Field(
        _NONE,
        title="Authorization for files",
        description='Sent to the hosts of files as the header Authorization, such as "Bearer ...".',
    )
    upload_timeout_s: float = Field(
        300.0, title="Upload timeout", description="Seconds to wait for the answer to an upload.", gt=0, le=3600
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="Overrides of what is assumed about the org, by the names in profile.yaml.",
    )

    @model_validator(mode="before")
    @classmethod
    def _as_airflow_has_it(cls, values: Any) -> Any:
        """Older connections name extras `extra__salesforce__domain`, and some hold the domain as their host."""
        if not isinstance(values, dict):
            return values
        given = {str(name).removeprefix(_PREFIX): value for name, value in values.items() if value not in (None, "")}
        host = urlsplit(str(given.get("host", ""))).hostname or ""
        if host.endswith(_OWN_HOST):
            del given["host"]
            given.setdefault("domain", host)
        return given

    @field_validator("auth", mode="before")
    @classmethod
    def _empty_is_none(cls, auth: Any) -> Any:
        return auth or None

    @field_validator("domain")
    @classmethod
    def _label(cls, domain: str) -> str:
        label = re.sub(r"^https?://", "", domain.strip().rstrip("/")).removesuffix(_OWN_HOST)
        if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", label):
            raise ValueError("write login, test or your My Domain, such as acme.my")
        return label

    @field_validator("version", mode="before")
    @classmethod
    def _number(cls, version: Any) -> str:
        found = re.fullmatch(r"v?(\d{2,3})(\.0)?", str(version).strip())
        if not found or int(found[1]) < 31:
            raise ValueError("write a version from 31.0 on, such as 66.0")
        return f"{found[1]}.0"

    @field_validator("attachments_from", mode="before")
    @classmethod
    def _hosts_in_a_list(cls, value: Any) -> Any:
        return (
            tuple(part.strip().lower() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("default_region")
    @classmethod
    def _country(cls, region: str) -> str:
        if region and not re.fullmatch(r"[A-Za-z]{2}", region):
            raise ValueError("write a country in two letters, such as GB")
        return region.upper()

    @field_validator("host")
    @classmethod
    def _whole_address(cls, address: str) -> str:
        if not address:
            return ""
        parts = urlsplit(address.strip().rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
            raise ValueError("write a scheme and a host, such as http://127.0.0.1:9101")
        if parts.scheme == "http" and not _is_local(parts.hostname):
            raise ValueError("credentials go there: only an address of this machine may do without https")
        return f"{parts.scheme}://{parts.netloc}"

    @model_validator(mode="after")
    def _can_log_in(self) -> SalesforceSettings:
        missing = [title for title, value in self._needed().items() if not value]
        if missing:
            raise ValueError(
                f"a login by {self.flow} needs {' and '.join(missing)}. Fill in Consumer Key and Consumer Secret with "
                "your My Domain (client_credentials); User name, Consumer Key and Private key (jwt); User name, "
                "Password, Consumer Key and Consumer Secret (password); or User name, Password and Security token "
                "(soap)"
            )
        if self.flow is Auth.CLIENT_CREDENTIALS and self.domain in ("login", "test"):
            raise ValueError("client_credentials needs your My Domain as Domain, such as acme.my")
        if self.set_audit_fields and not self.customer_username:
            raise ValueError('SetAuditFields needs the "User for customer comments"')
        return self

    @property
    def flow(self) -> Auth:
        """How to log in."""
        if self.auth is not None:
            return self.auth
        if not self.login:
            return Auth.CLIENT_CREDENTIALS
        if self.consumer_key and self._key:
            return Auth.JWT
        return Auth.PASSWORD if self.consumer_key and self.consumer_secret.get_secret_value() else Auth.SOAP

    @property
    def _key(self) -> str:
        return self.private_key.get_secret_value() or self.private_key_file_path.get_secret_value()

    def _needed(self) -> dict[str, str]:
        app = {"a Consumer Key": self.consumer_key}
        secret = {"a Consumer Secret": self.consumer_secret.get_secret_value()}
        user = {"a User name": self.login}
        password = {"a Password": self.password.get_secret_value()}
        match self.flow:
            case Auth.CLIENT_CREDENTIALS:
                return app | secret
            case Auth.JWT:
                return user | app | {"a Private key": self._key}
            case Auth.PASSWORD:
                return user | password | app | secret
        return user | password


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
