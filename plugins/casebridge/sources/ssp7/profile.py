"""What is ASSUMED about SSP7's web service and mailbox, and how a connection overrides it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from casebridge.transport import profile

Names = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Methods(_Part):
    """The names of the methods that are called."""

    acknowledge: str = Field(min_length=1)
    update: str = Field(min_length=1)
    reassign: str = Field(min_length=1)


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"this is no regular expression: {error}") from None
    return text


class Parts(_Part):
    """The names that the part for each value may have."""

    task: Names
    external_reference: Names
    text: Names
    author: Names
    solution: Names
    status: Names
    hash: Names

    @field_validator("*", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class Success(_Part):
    """The result of each method that means success: a regular expression for the whole of it."""

    acknowledge: str
    update: str
    reassign: str

    _are_expressions = field_validator("*")(_expression)


class Statuses(_Part):
    """How a reassignment says what happened."""

    solved: str
    closed: str = Field(min_length=1)


class Faults(_Part):
    """Words in the text of a fault or of a result, by what they mean."""

    credentials: Names
    transient: Names
    permanent: Names
    missing_task: Names
    closed_task: str = Field(min_length=1)

    _is_expression = field_validator("closed_task")(_expression)


class MailFormats(_Part):
    """What SSP7 looks for in a mail."""

    task_number: str = Field(pattern=r"\{number\}")
    external_reference: str = Field(pattern=r"\{number\}")
    solution: str
    closed: str
    subject: str = Field(pattern=r"\{task\}")


class Profile(_Part):
    """Names, texts and formats that no public source confirms."""

    methods: Methods
    parts: Parts
    success: Success
    task_key: str = Field(min_length=1)
    statuses: Statuses
    faults: Faults
    unused_task: str
    mail: MailFormats


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    return profile.read_profile(Profile, Path(__file__).with_name("profile.yaml"), overrides, title="SSP7")
