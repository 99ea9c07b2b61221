"""The switches of the Tascomi simulator: what nobody could confirm can be chosen here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from simulators.fields import BadField, Fields
from simulators.tascomi.access import DEFAULT_RIGHTS, OtherKey, Rights, change_keys
from simulators.tascomi.errors import ERRORS, ErrorAnswer, change_errors
from simulators.tascomi.tables import TABLES, Table

_CHOICES: dict[str, tuple[str, ...]] = {
    "empty_list": ("nothing", "null"),
    "create_answer": ("sent", "row"),
    "refused_writes": ("error", "zero_id"),
    "unknown_columns": ("refuse", "ignore"),
    "other_bodies": ("ignore", "refuse"),
}
_MAX_TOLERANCE_MIN = 60


@dataclass(frozen=True)
class Settings:
    """All switches.

    Attributes:
        time_zone: Whose wall time signatures and timestamps are in (FACT: a setting, by default Europe/London).
        tolerance_min: Minutes before and after the present one whose signature is taken too (INFERRED: none).
        page_size: Rows on a page (INFERRED).
        empty_list: The body of the 202 that says there are no rows (FACT: empty or ``null``).
        create_answer: Whether a PUT answers the id with what was sent (FACT at least) or the whole row.
        refused_writes: Whether a write with an unusable value is answered with an error or with ``{"id": 0}``; both
            ASSUMED.
        unknown_columns: Whether a column that is not there, or only Tascomi sets, refuses the request; ASSUMED.
        other_bodies: Whether a body that is no form is not looked at or refuses the request; ASSUMED.
        number_format: The number of a new Service Request: ``{year}`` and ``{sequence}``; ASSUMED.
        column_names: Names on the wire that differ from those in ``tables.yaml``, by table.
        rights: What the key of the credentials may do.
        keys: Other keys by their public key, each with its private key and rights.
        errors: The table of refusals.
    """

    time_zone: str = "Europe/London"
    tolerance_min: int = 0
    page_size: int = 50
    empty_list: str = "nothing"
    create_answer: str = "sent"
    refused_writes: str = "error"
    unknown_columns: str = "refuse"
    other_bodies: str = "ignore"
    number_format: str = "{year}/{sequence}/SR"
    column_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rights: Rights = DEFAULT_RIGHTS
    keys: Mapping[str, OtherKey] = field(default_factory=dict)
    errors: Mapping[str, ErrorAnswer] = field(default_factory=lambda: dict(ERRORS))

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the wall time."""
        return ZoneInfo(self.time_zone)

    def table(self, name: str) -> Table | None:
        """The table of that name, with its columns as they are called on the wire."""
        return TABLES[name].renamed(self.column_names.get(name, {})) if name in TABLES else None

    def changed(self, fields: Fields) -> Settings:
        """These settings with the named ones replaced.

        Raises:
            BadField: One is unknown, or its value is not one it can have.
        """
        names, rights, keys, errors = (fields.group(name) for name in ("column_names", "rights", "keys", "errors"))
        settings = Settings(
            time_zone=_zone(fields.text("time_zone", self.time_zone)),
            tolerance_min=_at_most(
                _MAX_TOLERANCE_MIN, "tolerance_min", fields.integer("tolerance_min", self.tolerance_min, minimum=0)
            ),
            page_size=fields.integer("page_size", self.page_size, minimum=1),
            **{name: fields.choice(name, choices, getattr(self, name)) for name, choices in _CHOICES.items()},
            number_format=_number_format(fields.text("number_format", self.number_format)),
            column_names=_column_names(self.column_names, names) if names else self.column_names,
            rights=self.rights.changed(rights) if rights else self.rights,
            keys=change_keys(self.keys, keys) if keys else self.keys,
            errors=change_errors(self.errors, errors) if errors else self.errors,
        )
        fields.end()
        return settings

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return {
            **asdict(self),
            "rights": dict(self.rights.granted),
            "keys": {public_key: key.shown() for public_key, key in self.keys.items()},
        }


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # there is none, it cannot be a name, it is a folder of zones
        raise BadField(f'Field "time_zone" must be a time zone such as Europe/London, not "{name[:40]}".') from None
    return name


def _at_most(maximum: int, name: str, value: int) -> int:
    if value > maximum:
        raise BadField(f'Field "{name}" must be at most {maximum}, not {value}.')
    return value


def _number_format(text: str) -> str:
    if "{sequence}" not in text:
        raise BadField('Field "number_format" must hold {sequence}, which makes each number another.')
    return text


def _column_names(now: Mapping[str, Mapping[str, str]], fields: Fields) -> dict[str, Mapping[str, str]]:
    """The names with those of the named columns replaced; null gives a column its first name back."""
    changed: dict[str, Mapping[str, str]] = dict(now)
    for table in fields.names():
        given = fields.group(table)
        if table not in TABLES or given is None:
            raise BadField(f'Field "column_names.{table}" must be an object by the name of a table.')
        names = dict(changed.get(table, {}))
        for key in given.names():
            if key not in TABLES[table].columns or key == "id":
                raise BadField(f'Field "column_names.{table}.{key}" is no column that can have another name.')
            names[key] = given.text(key, None) or key
        on_the_wire = [names.get(key, key) for key in TABLES[table].columns]
        if len(set(on_the_wire)) < len(on_the_wire) or "page" in on_the_wire:
            raise BadField(f'Field "column_names.{table}" must leave each column a name of its own that is not "page".')
        changed[table] = {key: name for key, name in names.items() if name != key}
    return changed
