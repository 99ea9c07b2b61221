"""Codes of a template become ids of the live tables. What is asked once is known for the rest of the run."""

from __future__ import annotations

from casebridge.connectors.tascomi.fields import CODES
from casebridge.connectors.tascomi.profile import Profile
from casebridge.connectors.tascomi.tables import Row, Tables
from casebridge.core.errors import InvalidMapping
from casebridge.core.manifest import TargetField
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem

_OFF = frozenset({"f", "false", "n", "no", "0", "off"})


class Codes:
    """The code lists of one Tascomi.

    Args:
        tables: Where they are.
        profile: What is ASSUMED about them.
    """

    def __init__(self, tables: Tables, profile: Profile) -> None:
        self._tables = tables
        self._profile = profile
        self._known: dict[tuple[str, str], list[Row]] = {}

    def ids(self, fields: dict[str, TargetField], payload: Payload, problems: list[Problem]) -> dict[str, str]:
        """The ids of all codes of a payload, by field; what a code does not name goes to the problems.

        Args:
            fields: The fields of the action.
            payload: What is sent.
            problems: Where a problem is put for each code that names no single row in use.
        """
        found = {}
        for name in CODES:
            if name in fields and (code := payload.text(name)):
                try:
                    found[name] = str(self.row(fields[name], code)["id"])
                except InvalidMapping as error:
                    problems += error.problems
        return found

    def row(self, field: TargetField, code: str) -> Row:
        """The one row in use that a code names.

        Raises:
            InvalidMapping: There is none, or it was switched off, or there are several; carries that Problem.
        """
        rows = self._rows(CODES[field.name], code)
        in_use = [row for row in rows if (row.get("enabled") or "").lower() not in _OFF]
        if len(in_use) == 1:
            return in_use[0]
        if in_use:
            ids = ", ".join(str(row["id"]) for row in in_use)
            rule, message, way_out = (
                "ambiguous_code",
                f'the code "{code}" names {len(in_use)} rows in use (ids {ids}).',
                "Leave one of them in use in Tascomi, or use another code.",
            )
        elif rows:
            rule, message, way_out = (
                "disabled_code",
                f'the code "{code}" is switched off in Tascomi.',
                "Enable it there, or use another code.",
            )
        else:
            rule, message, way_out = (
                "unknown_code",
                f'Tascomi has no code "{code}".',
                f"Use one of its table {CODES[field.name]}; write the code and not its description or id.",
            )
        raise InvalidMapping(field.title, [Problem(rule, message, way_out, field=field.title)])

    def name(self, field: TargetField, code: str) -> str:
        """What people call what a code names; "" when it names nothing."""
        try:
            row = self.row(field, code)
        except InvalidMapping:
            return ""
        person = " ".join(part for part in (row.get("forename"), row.get("surname")) if part)
        return row.get("description") or row.get("name") or person

    def _rows(self, table: str, code: str) -> list[Row]:
        if (table, code) not in self._known:
            columns = self._profile.code_columns[table]
            found = (self._tables.rows(table, **{column: code}) for column in columns)
            self._known[table, code] = next((rows for rows in found if rows), [])
        return self._known[table, code]
