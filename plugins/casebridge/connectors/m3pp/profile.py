"""The contract with M3PP, all of it ASSUMED: read from profile.yaml and from what a connection overrides."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from casebridge.connectors.m3pp.settings import Auth
from casebridge.core.problem import did_you_mean
from casebridge.transport import profile

PATH = Path(__file__).with_name("profile.yaml")
UNKNOWN = "?"
"""What a WSDL's element means when nobody has said it yet."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorCodes(_Part):
    """M3's error codes by what they mean to us."""

    auth: frozenset[str]
    retry: frozenset[str]
    not_found: frozenset[str]
    refusal: frozenset[str]


class Operation(_Part):
    """An operation on the wire.

    Attributes:
        name: Its name, which is the request's element too; "" when the service has no such operation.
        soap_action: Its SOAPAction, where the profile's pattern does not give it.
        request: Paths of elements, in their order on the wire, to our names; "" for one that is not sent.
        result: Paths of elements to our names; "" for one that is not read.
    """

    name: str
    soap_action: str = ""
    request: dict[str, str]
    result: dict[str, str]


class Profile(_Part):
    """Names, codes and ways that no public source confirms."""

    namespace: str
    path: str
    soap_action: str
    auth: Auth
    external_reference_field: str
    status_field: str
    closed_statuses: tuple[str, ...]
    error_codes: ErrorCodes
    status: dict[str, str]
    operations: dict[str, Operation]

    @model_validator(mode="after")
    def _names_are_ours(self) -> Profile:
        """Names are those of the file that comes with casebridge; a connection gives them other elements."""
        ours = assumed()
        wrong = _wrong("status", self.status, ours["status"])
        for name, operation in self.operations.items():
            if name not in ours["operations"]:
                wrong.append(f'operations has no "{name}". {did_you_mean(name, ours["operations"])}')
                continue
            for part, elements in (("request", operation.request), ("result", operation.result)):
                wrong += _wrong(f"operations.{name}.{part}", elements, ours["operations"][name][part])
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def action(self, operation: Operation) -> str:
        """The SOAPAction of an operation."""
        pattern = operation.soap_action or self.soap_action
        return pattern.replace("{namespace}", self.namespace).replace("{operation}", operation.name)


@lru_cache(maxsize=1)
def assumed() -> dict[str, Any]:
    """The profile as it comes with casebridge."""
    loaded: dict[str, Any] = yaml.load(PATH.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape, or leaves open what an
            element means.
    """
    return profile.read_profile(Profile, PATH, overrides, title="Northgate M3PP / Assure")


def _wrong(where: str, elements: dict[str, str], ours: dict[str, str]) -> list[str]:
    wrong = []
    for element, name in elements.items():
        if name == UNKNOWN:
            missing = ", ".join(other for other in ours.values() if other not in elements.values())
            wrong.append(f'{where} does not say yet what "{element}" is: one of {missing or "none of ours"}, or ""')
        elif name and name not in ours.values():
            wrong.append(f'{where} has "{name}", which is none of our names. {did_you_mean(name, ours.values())}')
    return wrong
