"""The settings of a Whitespace connection."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, SecretStr, field_validator

from casebridge.connectors.base import TargetSettings


class Face(StrEnum):
    """The two published faces of the same service; they name the parts of a list differently."""

    ASMX = "asmx"
    WCF = "wcf"


PATHS = {Face.ASMX: "/PowerSuiteDomesticWebService.asmx", Face.WCF: "/WSAPIService.svc"}
"""Where each face is found below the base URL. The path of the WCF face is ASSUMED."""


class WhitespaceSettings(TargetSettings):
    """What a connection to Whitespace needs.

    Attributes:
        host: Base URL, such as `https://<council>api-municipal-uat.whitespacews.com`.
        login: User name, such as `WSAPI_<COUNCIL>`.
        password: Password.
        face: Which of the two faces is called.
        path: Path below the base URL; the face's own when empty.
        wsdl: `target` for the target's own WSDL, `bundled` for ours, or an address or file.
        profile: Overrides of what is ASSUMED about Whitespace, by the names in `profile.yaml`.
    """

    host: str = Field(title="Base URL", description="For example https://<council>api-municipal-uat.whitespacews.com")
    login: str = Field(title="User name")
    password: SecretStr = Field(title="Password")
    face: Face = Field(Face.ASMX, title="Face", description="asmx or wcf: which of the two faces is called.")
    path: str = Field(
        "",
        title="Path",
        description="Below the base URL. Empty: the face's own path (for wcf an assumption: /WSAPIService.svc).",
    )
    wsdl: str = Field(
        "target", title="WSDL", description="target: Whitespace's own; bundled: ours; or an address or a file."
    )
    profile: dict[str, Any] = Field(
        default_factory=dict,
        title="Profile",
        description="Overrides of what is assumed about Whitespace, by the names in profile.yaml.",
    )

    @field_validator("host")
    @classmethod
    def _whole_address(cls, host: str) -> str:
        address = host.strip().rstrip("/")
        if not address.startswith(("http://", "https://")):
            address = f"https://{address}"
        return address

    @property
    def address(self) -> str:
        """The address that is called."""
        path = self.path or PATHS[self.face]
        return f"{self.host}/{path.lstrip('/')}"
