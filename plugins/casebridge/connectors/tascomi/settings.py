"""The settings of a Tascomi connection."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from casebridge.connectors.base import TargetSettings

VERSION = "v1"
"""The version of the API that is called."""

_A_VERSION = re.compile(r"/v\d+$")


class TascomiSettings(TargetSettings):
    """What a connection to Tascomi needs.

    Attributes:
        host: API base url, such as `https://my-council.tascomi.com/rest`, without a slash at its end.
        login: API public key.
        password: API private key.
        street_record_text: The text by which the record of a street is told from the addresses in it.
        profile: Overrides of what is ASSUMED about Tascomi, by the names in `profile.yaml`.
    """

    host: str = Field(
        title="API base url",
        description="For example https://my-council.tascomi.com/rest, without the version (/v1).",
    )
    login: str = Field(title="API public key", description="Tascomi provides it.")
    password: SecretStr = Field(title="API private key", description="Tascomi provides it.")
    street_record_text: str = Field(
        "STREET RECORD",
        title="Street Record text",
        description="With a USRN, it identifies a street in Tascomi's table dtf_locations.",
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="Overrides of what is assumed about Tascomi, such as columns, by the names in profile.yaml.",
    )

    @field_validator("host")
    @classmethod
    def _base_url(cls, host: str) -> str:
        given = host.strip()
        address = (given if "://" in given else f"https://{given}").rstrip("/")
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or parts.query or parts.fragment or not parts.hostname:
            raise ValueError("write it as https://my-council.tascomi.com/rest")
        version = _A_VERSION.search(address)
        if version and (version[0] != f"/{VERSION}" or _A_VERSION.search(address.removesuffix(version[0]))):
            raise ValueError(f"leave the version out; only /{VERSION} is spoken")
        return address

    @property
    def carries_version(self) -> bool:
        """Whether the API base url was given with its version."""
        return self.host.endswith(f"/{VERSION}")

    @property
    def address(self) -> str:
        """The address below which the tables are."""
        base = self.host.removesuffix(f"/{VERSION}").rstrip("/")
        if not urlsplit(base).path:
            base += "/rest"  # FACT: the API of every site is there
        return f"{base}/{VERSION}"
