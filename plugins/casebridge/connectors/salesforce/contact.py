"""The Contact of a Case: found by its number in whatever form it is stored, or made."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from simple_salesforce.format import format_soql

from casebridge.connectors.salesforce.errors import Duplicate, NoSuchField
from casebridge.connectors.salesforce.org import Org, Row
from casebridge.connectors.salesforce.phone import Number
from casebridge.connectors.salesforce.profile import Profile
from casebridge.core.record import Receipt

log = logging.getLogger(__name__)

_DUPLICATE_RULE = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true; runAsCurrentUser=true"}
"""Alert rules do not keep a Contact from being made, block rules do (REST API Developer Guide)."""
_MOST_FOUND = 20


@dataclass(frozen=True)
class Found:
    """A Contact with a number.

    Attributes:
        id: Its id.
        of: How many have that number.
    """

    id: str
    of: int

    @property
    def receipt(self) -> Receipt:
        """What the log says of it."""
        chosen = f"the oldest of {self.of} with this number: look at the others" if self.of > 1 else "by its number"
        return Receipt(self.id, detail=f"linked, {chosen}")


class Contacts:
    """The Contacts of an org.

    Args:
        org: The org.
        profile: The names of their fields.
        region: The country of stored numbers without a country code; "" for that of the number sought.
    """

    def __init__(self, org: Org, profile: Profile, region: str) -> None:
        self._org = org
        self._profile = profile
        self._region = region
        self._external_id = profile.contact_external_id

    def number(self, text: str) -> Number:
        """A number as it is searched for."""
        return Number(text, self._region)

    def find(self, number: Number) -> Found | None:
        """The oldest Contact with the number; None when there is none.

        A query sees what was written a moment ago, and a search does not; but a query needs to know the form in which
        the number is stored. What the search finds is compared number by number, since it looks for groups of digits.
        """
        rows = self._queried(number) or self._searched(number)
        if not rows:
            return None
        oldest = min(rows, key=lambda row: (str(row["CreatedDate"]), str(row["Id"])))
        return Found(str(oldest["Id"]), len({str(row["Id"]) for row in rows}))

    def create(self, number: Number, phone: str, name: str) -> Receipt:
        """Makes a Contact, named as the customer is known, or else by the number."""
        values: dict[str, Any] = {**self._name(name or phone), self._profile.new_phone_field: number.normal or phone}
        if self._external_id:
            values[self._external_id] = number.normal
        try:
            return Receipt(self._org.create("Contact", values, _DUPLICATE_RULE), detail="created")
        except Duplicate as error:
            found = self.find(number)
            if found is not None:
                return found.receipt
            if not error.record_ids:
                raise
            return Receipt(min(error.record_ids), detail="linked, as a duplicate rule of the org names it")

    def _queried(self, number: Number) -> list[Row]:
        forms = number.variants()
        conditions = [format_soql(f"{field} IN {{}}", forms) for field in self._profile.phone_fields]
        if self._external_id:
            conditions.append(format_soql(f"{self._external_id} = {{}}", number.normal))
        where = " OR ".join(conditions)
        try:
            return self._org.query(
                f"SELECT Id, CreatedDate FROM Contact WHERE {where} "  # noqa: S608
                f"ORDER BY CreatedDate, Id LIMIT {_MOST_FOUND}"
            )
        except NoSuchField:
            if not self._external_id:
                raise
            log.warning("Contacts have no field %s: two that are made at once may be double", self._external_id)
            self._external_id = ""
            return self._queried(number)

    def _searched(self, number: Number) -> list[Row]:
        words = number.words()
        if not words:
            return []
        terms = " OR ".join(f'"{one}"' for one in words)
        fields = ", ".join(["Id", "CreatedDate", *self._profile.phone_fields])
        found = self._org.search(f"FIND {{{terms}}} IN PHONE FIELDS RETURNING Contact({fields} LIMIT {_MOST_FOUND})")
        return [row for row in found if any(number.is_same(row.get(field)) for field in self._profile.phone_fields)]

    def _name(self, name: str) -> dict[str, str]:
        first, _, last = " ".join(name.split()).rpartition(" ")
        cut = {"LastName": last[: self._profile.last_name_length]}
        return {**cut, "FirstName": first[: self._profile.first_name_length]} if first else cut
