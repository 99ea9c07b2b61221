"""The Location of a Service Request: a record of the gazetteer, found by UPRN, or by USRN for a whole street."""

from __future__ import annotations

from collections.abc import Sequence

from casebridge.connectors.tascomi.fields import LOCATIONS
from casebridge.connectors.tascomi.profile import Profile
from casebridge.connectors.tascomi.tables import Row, Tables
from casebridge.core.manifest import ActionType
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem

_NO_TYPED_ADDRESS = "Tascomi takes no address that was typed in: give the Location a UPRN or a USRN, which are numbers."


class Locations:
    """The gazetteer of one Tascomi.

    Args:
        tables: Where it is.
        profile: What is ASSUMED about it.
        street_record_text: By which the record of a street is told from the addresses in it.
    """

    def __init__(self, tables: Tables, profile: Profile, street_record_text: str) -> None:
        self._tables = tables
        self._profile = profile
        self._street_record_text = street_record_text

    def id(self, action: ActionType, payload: Payload, problems: list[Problem]) -> str:
        """The id of the Location; "" when the payload has none or it cannot be told.

        Args:
            action: The action type.
            payload: What is sent; its UPRN counts before its USRN.
            problems: Where a problem is put when the Location cannot be told.
        """
        name = next((name for name in ("location_uprn", "location_usrn") if payload.text(name)), "")
        if not name:
            return ""
        title = action.fields[name].title
        text = payload.text(name).strip()
        if not (text.isascii() and text.isdigit()):
            problems.append(
                Problem("typed_address", "this is not the number of a location.", _NO_TYPED_ADDRESS, field=title)
            )
            return ""
        number = str(int(text))
        if name == "location_uprn":
            rows = self._tables.rows(LOCATIONS, **{self._column("uprn"): number})
            missing, way_out = "Tascomi has no location with this UPRN.", "Correct it on the case."
        else:
            text = self._street_record_text
            rows = self._tables.rows(LOCATIONS, **{self._column("usrn"): number, self._column("street_text"): text})
            missing = f'Tascomi has no street with this USRN and the text "{text}".'
            way_out = "Correct it on the case, or the Street Record text in the connection."
        if not rows:
            problems.append(Problem("unknown_location", missing, way_out, field=title))
            return ""
        return self._best(rows)

    def _column(self, name: str) -> str:
        return self._profile.column("locations", name)

    def _best(self, rows: Sequence[Row]) -> str:
        """Of several records of one address an approved one, then the lowest id (ASSUMED)."""
        status, approved = self._profile.locations["logical_status"], self._profile.approved_status
        best = min(rows, key=lambda row: (row.get(status) != approved, int(str(row["id"]))))
        return str(best["id"])
