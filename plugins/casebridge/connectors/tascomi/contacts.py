"""The Contacts of a Service Request: linked and updated where exactly one is there, else made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from casebridge.connectors.tascomi.fields import CONTACTS
from casebridge.connectors.tascomi.profile import Profile
from casebridge.connectors.tascomi.tables import Row, Tables
from casebridge.core.manifest import ActionType
from casebridge.core.matching import Decision, Link, Make, Nobody, NoSingleMatch, decide, must_search
from casebridge.core.payload import Payload, Scalar
from casebridge.core.ports import Parts
from casebridge.core.problem import Problem
from casebridge.core.record import Found, Receipt
from casebridge.core.wall_time import moment_of

CONTACT = "contact"
LINK = "contact link"
"""The kind of a part that made no Contact: what is linked is not taken for made by this action."""

_LINKED = "linked"
_TELLING = ("surname", "company_name", "email", "mobile", "telephone", "postcode")
"""By the first of these that has a value, a Contact without a Reference is looked for."""


@dataclass(frozen=True)
class Party:
    """Who is to be linked in one role. Holds case values: never log it.

    Attributes:
        role: `requester` or `contact`.
        reference: The Reference that the Contact is searched by.
        columns: All values of a new Contact by column.
        details: Those of them that an existing one is updated with.
        decision: What becomes of the Contact.
        there: Ids of the Contacts that were found by the Reference.
        searched: Whether they were searched for.
    """

    role: str
    reference: str = field(repr=False)
    columns: Mapping[str, str] = field(repr=False)
    details: Mapping[str, str] = field(repr=False)
    decision: Decision
    there: tuple[str, ...]
    searched: bool


class Contacts:
    """The Contacts of one Tascomi.

    Args:
        tables: Where they are.
        profile: What is ASSUMED about them.
        timezone: Tascomi's time zone.
    """

    def __init__(self, tables: Tables, profile: Profile, timezone: str) -> None:
        self._tables = tables
        self._profile = profile
        self._timezone = timezone

    def match(
        self, role: str, action: ActionType, payload: Payload, ids: Mapping[str, str], problems: list[Problem]
    ) -> Party:
        """What becomes of the Contact in a role; nothing is written.

        Args:
            role: `requester` or `contact`.
            action: The action type.
            payload: What is sent.
            ids: The ids that the codes of the payload name.
            problems: Where a problem is put when the template allows only a match and there is not exactly one.
        """
        match = action.matches[role]
        reference = payload.text(match.by)
        given = [name for name in match.fields if name in payload.fields]
        details = {
            self._column(name.removeprefix(f"{role}_")): wire(ids.get(name, payload.fields[name])) for name in given
        }
        rule = payload.matching.get(role, match.rule)
        searched = must_search(rule, reference)
        there = self._with_reference(reference) if searched else []
        decision = decide(rule, reference, [str(row["id"]) for row in there], has_details=bool(details))
        if isinstance(decision, NoSingleMatch):
            problems.append(
                Problem(
                    "no_single_match",
                    f"{decision.count or 'no'} Contacts have this Reference, and the template allows only a match.",
                    "Correct the Contacts in Tascomi, or let the template match_then_create.",
                    field=action.fields[match.by].title,
                )
            )
        columns = {self._column("reference"): reference, **details} if reference else details
        return Party(role, reference, columns, details, decision, tuple(str(row["id"]) for row in there), searched)

    def write(self, party: Party, parts: Parts) -> Receipt | None:
        """Links the Contact, updating it, or makes it. The detail says which; None when there is nobody.

        An earlier try of the same action that made or linked it is not repeated.
        """
        done = parts.confirmed.get(party.role)
        if done is None:
            match party.decision:
                case Link(contact_id):
                    done = Receipt(contact_id, detail=_LINKED)
                    parts.confirm(LINK, {party.role: done})
                case Make():
                    done = parts.write(
                        party.role,
                        CONTACT,
                        lambda: Receipt(self._tables.create(CONTACTS, party.columns)),
                        find=self._look_up(party),
                        there_before=party.there,
                    )
                case Nobody() | NoSingleMatch():
                    return None
        contact_id = done.record_id
        if done.detail != _LINKED:
            return Receipt(contact_id, detail=f"{party.role} {contact_id} created")
        if not party.details:
            return Receipt(contact_id, detail=f"{party.role} {contact_id} linked")
        parts.write(
            f"{party.role} update",
            LINK,
            lambda: Receipt(self._tables.update(CONTACTS, contact_id, party.details)),
            repeatable=True,
        )
        return Receipt(contact_id, detail=f"{party.role} {contact_id} linked and updated")

    def _look_up(self, party: Party) -> Callable[[], Sequence[Found]] | None:
        """Finds a Contact whose create got no answer: by its Reference, else by a telling value.

        None when it has neither; then a person decides.
        """
        if party.reference:
            return lambda: [self._found(row, certain=True) for row in self._with_reference(party.reference)]
        names = [self._profile.contacts[name] for name in _TELLING]
        column = next((name for name in names if name and name in party.columns), None)
        if column is None:
            return None
        return lambda: [
            self._found(row, certain=_holds(row, party.columns))
            for row in self._tables.rows(CONTACTS, **{column: party.columns[column]})
        ]

    def _found(self, row: Row, *, certain: bool) -> Found:
        return Found(str(row["id"]), moment_of(row.get("submit_date"), self._timezone), certain)

    def _with_reference(self, reference: str) -> list[Row]:
        return self._tables.rows(CONTACTS, **{self._column("reference"): reference})

    def _column(self, name: str) -> str:
        return self._profile.column("contacts", name)


def _holds(row: Row, columns: Mapping[str, str]) -> bool:
    return all((row.get(name) or "").strip() == text.strip() for name, text in columns.items())


def wire(value: Scalar) -> str:
    """A value as Tascomi takes it: booleans are t and f."""
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)
