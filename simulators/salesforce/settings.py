"""The switches of the org: what its administrator has set up, and what nobody could confirm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from simulators.fields import BadField, Fields

_TEXT_LISTS = ("restricted_picklists", "hidden_fields", "read_only_objects")


@dataclass(frozen=True)
class Settings:
    """All switches.

    Attributes:
        set_audit_fields: The permission "Set Audit Fields upon Record Creation".
        modify_all_data: The permission "Modify All Data", which audit fields need too.
        update_inactive_owners: The permission "Update Records with Inactive Owners".
        refuse_sessions: Every session is answered INVALID_SESSION_ID, also one that has just been opened.
        session_lifetime_s: For how long a session lives (the vendor's default: two hours) without being used.
        soap_login: Whether login() is allowed in this org.
        password_flow: Whether the username-password flow is allowed in this org.
        latest_version: The newest API version that is known.
        page_size: How many records a query answers at once, where the client does not say.
        daily_requests: The requests allowed in 24 hours; those made count from the last reset.
        requests_made: How many of them are used up.
        search_lag_s: For how long SOSL does not find a new record.
        search_phone_digits: Whether SOSL finds a formatted number by its digits run together (ASSUMED: no).
        future_created_date: Whether CreatedDate may lie in the future (ASSUMED: no).
        assignment_owner: The username to whom an active assignment rule gives new cases; null: there is none.
        duplicate_rule: What a contact with the phone or e-mail of another meets: off, alert or block.
        duplicate_result_name: What the matches are called in DUPLICATES_DETECTED (duplicateResut has been seen too).
        restricted_picklists: Picklists (``Case.Origin``) that take none but their own values.
        hidden_fields: Fields (``Case.WitiOp_Conversation_Id__c``) that the user does not see.
        read_only_objects: Objects that the user may not write.
        validation_rules: ``{"object", "field", "pattern", "message"}``: a written value must match the pattern.
        http_status: The HTTP status of error codes, where it is not as in errors.py.
        rolled_back_code: What the others of a failed allOrNone composite answer (ASSUMED).
        composite_headers_inherited: Whether a composite's own headers reach its subrequests (ASSUMED).
        collection_references: Whether references are resolved inside the records of a collection (ASSUMED).
    """

    set_audit_fields: bool = True
    modify_all_data: bool = True
    update_inactive_owners: bool = True
    refuse_sessions: bool = False
    session_lifetime_s: float = 7200
    soap_login: bool = True
    password_flow: bool = True
    latest_version: int = 67
    page_size: int = 2000
    daily_requests: int = 15000
    requests_made: int = 0
    search_lag_s: float = 0
    search_phone_digits: bool = False
    future_created_date: bool = False
    assignment_owner: str | None = None
    duplicate_rule: str = "off"
    duplicate_result_name: str = "duplicateResut"
    restricted_picklists: tuple[str, ...] = ()
    hidden_fields: tuple[str, ...] = ()
    read_only_objects: tuple[str, ...] = ()
    validation_rules: tuple[Mapping[str, str], ...] = ()
    http_status: Mapping[str, int] = field(default_factory=dict)
    rolled_back_code: str = "PROCESSING_HALTED"
    composite_headers_inherited: bool = True
    collection_references: bool = True

    def changed(self, given: Fields) -> Settings:
        """These settings with the named ones replaced.

        Raises:
            BadField: A switch is unknown or its value is not one it can have.
        """
        values: dict[str, Any] = {}
        for one in fields(self):
            now = getattr(self, one.name)
            if one.name in _TEXT_LISTS:
                values[one.name] = _texts(given, one.name, now)
            elif isinstance(now, bool):
                values[one.name] = given.flag(one.name, now)
            elif isinstance(now, int) and not one.name.endswith("_s"):
                values[one.name] = given.integer(one.name, now, minimum=0)
            elif isinstance(now, int | float):
                values[one.name] = given.number(one.name, now, minimum=0)
        owner = given.value("assignment_owner", self.assignment_owner)
        if owner is not None and not isinstance(owner, str):
            raise BadField('Field "assignment_owner" must be a username or null.')
        values["assignment_owner"] = owner
        values["duplicate_rule"] = given.choice("duplicate_rule", ("off", "alert", "block"), self.duplicate_rule)
        for name in ("duplicate_result_name", "rolled_back_code"):
            values[name] = given.text(name, getattr(self, name))
        values["validation_rules"] = _rules(given, self.validation_rules)
        values["http_status"] = _statuses(given, self.http_status)
        given.end()
        if not 31 <= values["latest_version"] <= 999:
            raise BadField('Field "latest_version" must be between 31 and 999.')
        if values["page_size"] < 1:
            raise BadField('Field "page_size" must be at least 1.')
        return Settings(**values)

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self)


def _texts(given: Fields, name: str, now: tuple[str, ...]) -> tuple[str, ...]:
    value = given.value(name, list(now))
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadField(f'Field "{name}" must be a list of texts.')
    return tuple(value)


def _rules(given: Fields, now: tuple[Mapping[str, str], ...]) -> tuple[Mapping[str, str], ...]:
    value = given.value("validation_rules", None)
    if value is None:
        return now
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadField('Field "validation_rules" must be a list of objects.')
    rules = []
    for one in value:
        rule = Fields(one, "validation_rules.")
        rules.append({name: rule.text(name) for name in ("object", "field", "pattern", "message")})
        rule.end()
        try:
            re.compile(rules[-1]["pattern"])
        except re.error as error:
            raise BadField(f'Field "validation_rules.pattern" is no regular expression: {error}.') from None
    return tuple(rules)


def _statuses(given: Fields, now: Mapping[str, int]) -> Mapping[str, int]:
    group = given.group("http_status")
    if group is None:
        return now
    changed = {**now, **{name: group.integer(name, minimum=400) for name in group.names()}}
    if any(status > 599 for status in changed.values()):
        raise BadField('Field "http_status" must hold statuses between 400 and 599.')
    return changed
