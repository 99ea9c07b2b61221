"""CXM's JSON of a case becomes a Case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from casebridge.core.case import Case, Value, is_empty
from casebridge.sources.jadu_cxm.names import snake
from casebridge.sources.jadu_cxm.profile import Profile
from casebridge.sources.jadu_cxm.values import moment, read_value


def read_case(reference: str, body: Mapping[str, Any], profile: Profile, *, page: str, timezone: str) -> Case:
    """The case in an answer.

    Args:
        reference: The reference that it was asked for by, for an answer that does not repeat it.
        body: The answer.
        profile: What is ASSUMED.
        page: Address of a case's page, with `{reference}`.
        timezone: Of date-times without offset.
    """
    members = profile.members
    fields = _details(body.get("values"), members.value)
    person = _linked(_member(body, members.person), fields, profile.person, members.value)
    if "name" not in person and (parts := [str(person[one]) for one in profile.full_name if person.get(one)]):
        person["name"] = " ".join(parts)
    known_as = text_of(body.get("reference"), members.value) or reference
    return Case(
        reference=known_as,
        source="jadu_cxm",
        type=snake(text_of(_member(body, members.type), members.value)),
        status=status_of(body),
        fields=fields,
        dates=_dates(body, fields, profile, timezone),
        person=person,
        address=_linked(_member(body, members.address), fields, profile.address, members.value),
        url=page.replace("{reference}", quote(known_as, safe="")),
    )


def status_of(body: Mapping[str, Any]) -> str:
    """The title of the status, which may also stand there as a text."""
    return text_of(body.get("status"), ("title", "name"))


def text_of(raw: Any, members: Sequence[str]) -> str:
    """A value as text, "" for none."""
    value = read_value(raw, members)
    return "" if is_empty(value) else str(value)


def _member(body: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((body[name] for name in names if body.get(name) not in (None, "", {}, [])), None)


def _details(raw: Any, members: Sequence[str]) -> dict[str, Value]:
    if not isinstance(raw, dict):
        return {}
    # Where a name is there in both spellings, the one that is a fact today counts.
    ordered = sorted(raw.items(), key=lambda item: "-" not in item[0])
    return {snake(str(name)): read_value(value, members) for name, value in ordered}


def _linked(
    raw: Any, fields: Mapping[str, Value], known: Mapping[str, Sequence[str]], members: Sequence[str]
) -> dict[str, Value]:
    """The details of who or what is linked, by our names; from the case's own fields where nothing is linked."""
    own = _details(raw, members)
    given = own or fields
    found = {name: _first(given, (name, *places)) for name, places in known.items()}
    taken = {place for places in known.values() for place in places}
    details = {name: value for name, value in own.items() if name not in taken}
    return {**details, **{name: value for name, value in found.items() if not is_empty(value)}}


def _first(given: Mapping[str, Value], names: Sequence[str]) -> Value:
    return next((given[name] for name in names if not is_empty(given.get(name))), None)


def _dates(
    body: Mapping[str, Any], fields: Mapping[str, Value], profile: Profile, timezone: str
) -> dict[str, date | datetime | None]:
    """Every value that looks like a date; CXM does not say which fields are dates."""
    told = {
        "created_at": read_value(_member(body, profile.members.created), profile.members.value),
        "updated_at": read_value(_member(body, profile.members.updated), profile.members.value),
    }
    found = {name: moment(value, timezone) for name, value in {**told, **fields}.items()}
    return {name: value for name, value in found.items() if value is not None}
