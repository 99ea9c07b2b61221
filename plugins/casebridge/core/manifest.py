"""A connector's manifest: what a target system can do, declared. Python says how it is done."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from casebridge.core.errors import NotConfigured
from casebridge.core.problem import did_you_mean


class FieldType(StrEnum):
    """The types that a field of a target may have."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"
    """A text of ids with commas between them."""


class Direction(StrEnum):
    """Whether an action type writes to the target or brings data back."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class ReferenceUse(StrEnum):
    """What an action type does with the Reference of its template."""

    STORES = "stores"
    USES = "uses"
    NONE = "none"


class MatchRule(StrEnum):
    """Whether a record beside the main one is searched for or made."""

    CREATE_ONLY = "create_only"
    MATCH_THEN_CREATE = "match_then_create"
    MATCH_ONLY = "match_only"


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Otherwise(_Declared):
    """Where a field takes its value from when the template has no row for it."""

    case: Literal["reference"] | None = None
    address: str | None = None


class TargetField(_Declared):
    """A field of a target record.

    Attributes:
        type: The type of its value.
        title: What people call it.
        description: What it means, for the docs and the editor.
        mandatory: Whether a template must give it a value.
        key: Title of the key that tells several rows of this field apart (`Service Property ID`); such a field may
            have any number of rows.
        key_type: The type of the key.
        max_length: The longest text that the target takes, in characters.
        format: How a date is written on the wire, in pendulum tokens, unless the row says otherwise.
        date_only_time: The local time given to a date that has none, `HH:mm`.
        otherwise: Where the value comes from when the template has no row for the field.
        shown: Whether its values are ids of the target, which a log may show although they come from the case.
    """

    name: str = ""
    type: FieldType
    title: str = ""
    description: str = ""
    mandatory: bool = False
    key: str | None = None
    key_type: FieldType = FieldType.INTEGER
    max_length: int | None = None
    format: str | None = None
    date_only_time: str | None = None
    otherwise: Otherwise | None = None
    shown: bool = False


class FieldGroup(_Declared):
    """Fields of which a template must give some: `exactly_one` or `at_least_one`."""

    need: Literal["exactly_one", "at_least_one"]
    fields: tuple[str, ...]


class Match(_Declared):
    """A record beside the main one that is searched for before it is made, such as a contact.

    Attributes:
        title: What people call it.
        record: The kind of record.
        by: The field whose value it is searched by.
        fields: The fields that are written to it.
        rule: The rule, unless the template chooses another.
    """

    title: str
    record: str
    by: str
    fields: tuple[str, ...]
    rule: MatchRule = MatchRule.MATCH_THEN_CREATE


class Cooldown(_Declared):
    """How long the target refuses a second record of the same kind."""

    per: tuple[str, ...]
    minutes: int


class ActionType(_Declared):
    """One thing that a connector can do.

    Attributes:
        direction: Outgoing writes to the target, incoming brings data back.
        title: What people call it, as the template's type.
        description: A sentence or two for the docs and Airflow's page.
        reference: What it does with the Reference.
        record: The kind of record that it writes or reads.
        found_by: The field by which a record is found again when its create got no answer; None when the target
            cannot be searched, so that a lost answer is decided by a person.
        repeatable: Whether doing it twice is the same as doing it once, so that a lost answer needs no look-up.
        in_parts: Whether it makes several writes, each of which is found again on its own when its answer is lost.
        sends_messages: Whether the messages of the case are sent too.
        matches: Records beside the main one, by name.
        cooldown: How long the target refuses a second record.
        after: For incoming: what it is applied after.
        listed: For incoming: whether the target can list its records, so that they are compared on a schedule.
        listed_by: Whether they are listed by the period of their last change, or only by our reference on them.
        groups: Fields of which some are needed.
        fields: The fields by name, in the order in which the target declares them.
    """

    name: str = ""
    direction: Direction
    title: str
    description: str = ""
    reference: ReferenceUse = ReferenceUse.USES
    record: str
    found_by: str | None = None
    repeatable: bool = False
    in_parts: bool = False
    sends_messages: bool = False
    matches: dict[str, Match] = {}
    cooldown: Cooldown | None = None
    after: tuple[str, ...] = ()
    listed: bool = False
    listed_by: Literal["period", "reference"] = "period"
    groups: tuple[FieldGroup, ...] = ()
    fields: dict[str, TargetField]

    @property
    def outgoing(self) -> bool:
        """True when it writes to the target."""
        return self.direction is Direction.OUTGOING

    @model_validator(mode="after")
    def _names_exist(self) -> ActionType:
        named = [self.found_by] if self.found_by else []
        named += [name for group in self.groups for name in group.fields]
        named += [name for match in self.matches.values() for name in (match.by, *match.fields)]
        if unknown := [name for name in named if name not in self.fields]:
            raise ValueError(f"names fields that it does not declare: {', '.join(unknown)}")
        return self


class ConnectionSpec(_Declared):
    """The Airflow connection of a system and the settings that it is read into."""

    default: str
    settings: str


class Manifest(_Declared):
    """What a target system can do.

    Attributes:
        name: The word for the system in code, YAML and DAG ids.
        title: What people call it.
        transport: How it is spoken to.
        tested_against: The versions that it was tested against.
        connection: The connection and its settings class, `module:Class` within the connector's folder.
        retries: How often a connection or other intermittent error is retried.
        look_again_after: Seconds after an unanswered create at which the record is looked for; only when the last
            look finds nothing is it created again.
        limitations: What it cannot do, in sentences, for the docs.
        actions: Its action types by name.
    """

    name: str
    title: str
    description: str = ""
    transport: Literal["soap", "rest"]
    tested_against: str
    connection: ConnectionSpec
    retries: int
    look_again_after: tuple[float, ...] = (30.0, 300.0)
    limitations: tuple[str, ...] = ()
    actions: dict[str, ActionType]

    @model_validator(mode="before")
    @classmethod
    def _give_names_and_titles(cls, data: Any) -> Any:
        for action_name, action in (data.get("actions") or {}).items():
            action["name"] = action_name
            for field_name, field in (action.get("fields") or {}).items():
                field["name"] = field_name
                field.setdefault("title", field_name.replace("_", " ").title())
        return data

    def __hash__(self) -> int:
        """By name, as its parts are not all hashable; it is a key where what was read with it is kept."""
        return hash(self.name)

    def action(self, name: str) -> ActionType:
        """The action type of that name.

        Raises:
            NotConfigured: There is none; the message names the nearest.
        """
        try:
            return self.actions[name]
        except KeyError:
            raise NotConfigured(
                f'{self.title} has no action type "{name}". {did_you_mean(name, self.actions)}'
            ) from None

    def incoming(self, record: str) -> tuple[ActionType, ...]:
        """The incoming action types that read a kind of record."""
        return tuple(a for a in self.actions.values() if not a.outgoing and a.record == record)

    @property
    def listed(self) -> tuple[ActionType, ...]:
        """The incoming action types whose records can be listed; one for each kind of record."""
        return tuple({a.record: a for a in self.actions.values() if not a.outgoing and a.listed}.values())

    @property
    def outgoing(self) -> tuple[ActionType, ...]:
        """The action types that write to the target."""
        return tuple(a for a in self.actions.values() if a.outgoing)


def read_manifest(path: Path) -> Manifest:
    """Reads a `connector.yaml`.

    Raises:
        NotConfigured: It is not a valid manifest; the message lists what is wrong with it.
    """
    try:
        return Manifest.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValidationError, AttributeError, TypeError) as error:
        raise NotConfigured(f"{path.parent.name}/{path.name} is not a valid manifest: {error}") from error
