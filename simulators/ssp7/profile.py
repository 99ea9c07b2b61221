"""Which WSDL the web service has: the names of its parts and what each one means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from simulators.soap.envelope import Envelope
from simulators.soap.face import SoapFace
from simulators.soap.fault import SoapFault, SoapVersion
from simulators.soap.schema import ComplexType, Reading, read

_HERE = Path(__file__).parent
PATH = "/Workflow/Webservice/WorkflowService.asmx"


@dataclass(frozen=True)
class Profile:
    """One shape of the web service.

    Attributes:
        face: The WSDL, and how it is spoken.
        parts: What each part means.
        success: The result of a call that was accepted: a text or true.
    """

    name: str
    face: SoapFace
    parts: Mapping[str, str]
    success: str | bool

    def read(self, envelope: Envelope, operation: str) -> dict[str, str]:
        """The values of a request, by what they mean; an empty one is left out.

        Raises:
            SoapFault: A value is none of its declared type.
        """
        declared = self.face.contract.request(operation).type
        if not isinstance(declared, ComplexType):
            return {}
        given: dict[str, Any] = read(envelope.body, declared, Reading(), self.face.contract.target) or {}
        kinds = {member.name: member.type for member in declared.members}
        for name, text in given.items():
            if kinds[name] == "dateTime" and text is not None:
                _check_moment(text, envelope.version)
        return {self.parts[name]: text for name, text in given.items() if text}

    def refused(self, text: str) -> str | bool:
        """The result of a call that was not accepted: the text, or false."""
        return False if self.success is True else text


def _check_moment(text: str, version: SoapVersion) -> None:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        # The words of .NET's XmlSerializer.
        inner = f"There is an error in XML document (1, 1). ---> The string '{text[:60]}' is not a valid AllXsd value."
        raise SoapFault("Client", f"Server was unable to read request. ---> {inner}", version) from None


def load() -> dict[str, Profile]:
    """Every profile, by name."""
    declared = yaml.safe_load((_HERE / "profiles.yaml").read_text(encoding="utf-8"))
    versions = (SoapVersion.V11, SoapVersion.V12)
    return {
        name: Profile(
            name, SoapFace(PATH, _HERE / "wsdl" / one["wsdl"], versions, "soap"), one["parts"], one["success"]
        )
        for name, one in declared.items()
    }
