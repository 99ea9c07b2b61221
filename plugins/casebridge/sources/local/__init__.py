"""Cases in casebridge's own database: the embedded default, for trying things out and for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from casebridge.core.case import Case, CaseChanges, CaseType, Value
from casebridge.core.errors import NotConfigured, NotFound
from casebridge.core.message import Author, Message

_DATE_LENGTH = len("2026-01-31")


class Shelf(Protocol):
    """Where the details of local cases are kept."""

    def details(self, reference: str) -> dict[str, Any] | None:
        """The details of a case."""

    def merge(self, reference: str, parts: Mapping[str, Mapping[str, Any]], status: str | None = None) -> bool:
        """Writes values into parts of a case, and its status."""


class LocalSource:
    """The case source `local`.

    Args:
        shelf: Where the cases are kept.
        case_types: A YAML file that names the case types and their details, or a folder of them; optional.
    """

    name = "local"

    def __init__(self, shelf: Shelf, case_types: Path | None = None) -> None:
        self._shelf = shelf
        self._case_types = case_types

    def read(self, reference: str) -> Case:
        """The case as it is now.

        Raises:
            NotFound: There is no such case.
        """
        details = self._shelf.details(reference)
        if details is None:
            raise NotFound(f"the local case source has no case {reference}; load it with `casebridge cases load`")
        return Case(
            reference=reference,
            source=self.name,
            type=details.get("type", ""),
            status=details.get("status", ""),
            fields=_values(details.get("fields", {})),
            dates={name: _moment(text) for name, text in details.get("dates", {}).items()},
            person=_values(details.get("person", {})),
            address=_values(details.get("address", {})),
            url=details.get("url", ""),
            messages=tuple(Message.from_json(message) for message in details.get("messages", ())),
        )

    def write(self, reference: str, changes: CaseChanges) -> None:
        """Writes fields and dates to the case.

        Raises:
            NotFound: There is no such case.
        """
        parts = {
            "fields": {name: _as_json(value) for name, value in changes.fields.items()},
            "dates": {name: _as_json(value) for name, value in changes.dates.items()},
        }
        if not self._shelf.merge(reference, parts):
            raise NotFound(f"the local case source has no case {reference}")

    def transition(self, reference: str, name: str) -> None:
        """Sets the status: local cases have no workflow, so a transition is the name of a status.

        Raises:
            NotFound: There is no such case.
        """
        if not self._shelf.merge(reference, {}, status=name):
            raise NotFound(f"the local case source has no case {reference}")

    def store_reference(self, reference: str, name: str, record_id: str) -> None:
        """Does nothing: casebridge's own References show what a local case holds."""

    def case_types(self) -> Sequence[CaseType]:
        """The case types in the file; empty when there is no file.

        Raises:
            NotConfigured: The file is not as it should be.
        """
        return () if self._case_types is None else read_case_types(self._case_types)


class _Details(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fields: dict[str, str] = {}
    dates: dict[str, str] = {}
    person: dict[str, str] = {}
    address: dict[str, str] = {}


def read_case_types(path: Path) -> Sequence[CaseType]:
    """The case types in a YAML file, or in every `case_types.yaml` of a folder; empty when there is none.

    Raises:
        NotConfigured: The file is not as it should be.
    """
    if path.is_dir():
        return [kind for file in sorted(path.rglob("case_types.yaml")) for kind in read_case_types(file)]
    if not path.is_file():
        return ()
    try:
        declared = yaml.safe_load(path.read_text("utf-8")) or {}
        return [CaseType(name=name, **_Details.model_validate(part).model_dump()) for name, part in declared.items()]
    except (yaml.YAMLError, ValidationError, AttributeError, TypeError) as error:
        raise NotConfigured(f"{path.name} does not list case types: {error}") from None


class _SampleFile(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: str
    name: str
    url: str
    media_type: str = ""
    size: int | None = None


class _SampleMessage(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: str
    author: Author
    sent_at: AwareDatetime
    text: str = ""
    author_name: str = ""
    author_email: str = ""
    attachments: list[_SampleFile] = []


class _SampleCase(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reference: str
    type: str = ""
    status: str = ""
    fields: dict[str, Any] = {}
    dates: dict[str, Any] = {}
    person: dict[str, Any] = {}
    address: dict[str, Any] = {}
    url: str = ""
    messages: list[_SampleMessage] = []


def read_cases(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The cases in a YAML file that holds a list of them: reference and details.

    Raises:
        NotConfigured: The file does not hold cases; says which one is wrong.
    """
    try:
        listed = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise NotConfigured(f"{path.name} is not a YAML file") from None
    if not isinstance(listed, list):
        raise NotConfigured(f"{path.name} holds no list of cases; begin every case with `- reference:`")
    for number, item in enumerate(listed, 1):
        try:
            case = _SampleCase.model_validate(item)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, d['loc']))}: {d['msg']}" for d in error.errors(include_input=False))
            raise NotConfigured(f"{path.name}, case {number}: {wrong}") from None
        details = case.model_dump(exclude={"reference", "messages"})
        if case.messages:
            details["messages"] = [message.model_dump(mode="json") for message in case.messages]
        for part in ("fields", "dates", "person", "address"):
            details[part] = {name: _as_json(value) for name, value in details[part].items()}
        yield case.reference, details


def _values(details: Mapping[str, Any]) -> dict[str, Value]:
    return {name: _value(value) for name, value in details.items()}


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, float):
        return Decimal(str(value))
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _moment(text: Any) -> date | datetime | None:
    if not text:
        return None
    return date.fromisoformat(text) if len(text) <= _DATE_LENGTH else datetime.fromisoformat(text)


def _as_json(value: Any) -> Any:
    if isinstance(value, date):  # and date-times
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [str(item) for item in value]
    return value
