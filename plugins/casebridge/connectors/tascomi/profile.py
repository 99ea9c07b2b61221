"""What is ASSUMED about Tascomi, and how a connection overrides it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from casebridge.core.errors import NotConfigured
from casebridge.transport import profile


class Profile(BaseModel):
    """Names that no public source confirms."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    complaints: dict[str, str]
    contacts: dict[str, str]
    code_columns: dict[str, tuple[str, ...]]
    locations: dict[str, str]
    approved_status: str
    closed_statuses: tuple[str, ...]
    signature_words: str
    reason_members: tuple[str, ...]
    write_probe: bool

    def column(self, part: str, name: str) -> str:
        """The column of that name of ours.

        Args:
            part: `complaints`, `contacts` or `locations`.
            name: Our name.

        Raises:
            NotConfigured: The profile says that there is no such column.
        """
        names: dict[str, str] = getattr(self, part)
        if not names[name]:
            raise NotConfigured(f'Tascomi: the profile in the connection names no column for "{part}.{name}"')
        return names[name]


def read_profile(overrides: dict[str, Any]) -> Profile:
    """The profile with a connection's overrides.

    Raises:
        NotConfigured: An override names something that does not exist, or has the wrong shape.
    """
    path = Path(__file__).with_name("profile.yaml")
    read = profile.read_profile(Profile, path, overrides, title="Tascomi")
    known = profile.read_profile(Profile, path, {}, title="Tascomi")
    for part in ("complaints", "contacts", "code_columns", "locations"):
        if unknown := sorted(getattr(read, part).keys() - getattr(known, part).keys()):
            raise NotConfigured(
                f"Tascomi: the profile in the connection's extra is not right: "
                f"{part} has no {', '.join(unknown)}; it has {', '.join(getattr(known, part))}"
            )
    return read
