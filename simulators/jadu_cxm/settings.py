"""The switches of the Jadu CXM simulator: all that nobody could confirm is in this one table.

Every default here is ASSUMED, but for the page size (INFERRED) and where a comment says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from simulators.fields import BadField, Fields
from simulators.jadu_cxm.errors import ERRORS, ErrorAnswer, change_errors

EXTRAS = ("type", "created_at", "updated_at", "person", "address")
#: What can happen to a case, and what a webhook calls it.
EVENTS = {
    "created": "case.created",
    "updated": "case.updated",
    "transitioned": "case.transitioned",
    "attachment_added": "case.attachment_added",
    "note_added": "case.note_added",
    "message_added": "case.message_added",
}
#: The parts of a webhook's payload, and what they are called on the wire.
PAYLOAD_NAMES = {
    "event": "event",
    "version": "version",
    "case": "case",
    "reference": "reference",
    "type": "type",
    "status": "status",
    "title": "title",
    "transition": "transition",
    "from_status": "from_status",
    "user": "user",
    "occurred_at": "occurred_at",
}
_CHANGES = ("sign_in", "create_case", "edit_case", "transition_case", "attach_file", "add_note")
_CHOICES: dict[str, tuple[str, ...]] = {
    "unknown_fields": ("refuse", "ignore"),
    "empty_values": ("null", "text", "omit"),
    "time_zone": ("UTC", "Europe/London"),
}


@dataclass(frozen=True)
class WebhookSettings:
    """How webhooks are written, signed and delivered.

    Attributes:
        event_names: What the payload calls each event.
        payload_names: What the parts of the payload are called; two parts of one object must not be the same.
        signature_header: The header with the signature; empty: none is sent.
        signature_prefix: What stands before the hex HMAC-SHA256 of the raw body.
        timeout_s: How long a receiver may take (FACT: there is a limit; which one is ASSUMED).
        attempts: How often one delivery is tried before it has failed; 1: a failure is not tried again.
        retry_wait_s: How long it waits before it tries again.
        copies: How often each delivery is sent, to play duplicates.
        hold: Deliveries wait until redeliver sends them, in whichever order.
    """

    event_names: Mapping[str, str] = field(default_factory=lambda: dict(EVENTS))
    payload_names: Mapping[str, str] = field(default_factory=lambda: dict(PAYLOAD_NAMES))
    signature_header: str = "X-Webhook-Signature"
    signature_prefix: str = "sha256="
    timeout_s: float = 10
    attempts: int = 1
    retry_wait_s: float = 1
    copies: int = 1
    hold: bool = False

    def changed(self, fields: Fields) -> WebhookSettings:
        """These settings with the named ones replaced."""
        changed = WebhookSettings(
            event_names=_texts(fields, "event_names", self.event_names),
            payload_names=_texts(fields, "payload_names", self.payload_names),
            signature_header=_header(fields, "signature_header", self.signature_header),
            signature_prefix=_header(fields, "signature_prefix", self.signature_prefix),
            timeout_s=fields.number("timeout_s", self.timeout_s, minimum=0.01, maximum=3600),
            attempts=fields.integer("attempts", self.attempts, minimum=1),
            retry_wait_s=fields.number("retry_wait_s", self.retry_wait_s, minimum=0, maximum=3600),
            copies=_at_most(fields.integer("copies", self.copies, minimum=1), 100, "webhooks.copies"),
            hold=fields.flag("hold", self.hold),
        )
        fields.end()
        return changed


@dataclass(frozen=True)
class Settings:
    """All switches.

    Attributes:
        page_size: Cases on a page of a saved filter (INFERRED: clients divide the total by 15).
        time_zone: Whose wall time, with its offset, timestamps are written in.
        unknown_fields: Whether a field that is not on the form refuses the request or is ignored.
        snake_case_writes: Whether a field may also be written by the name that it is read by (FACT: clients do not).
        booleans_as_text: Booleans are read as "true" and "false" (INFERRED that this may happen).
        empty_values: A field without a value is null, an empty text or left out.
        read_extras: What reading a case answers beside reference, status and values (which are FACT); ``type`` also in
            listings.
        token_required: Whether every call must be made as a user who has signed in (FACT: most clients do not).
        token_lifetime_s: For how long a token is good (FACT: a client keeps one for half an hour).
        notes: Whether the API has a call that adds a note.
        success_status: The HTTP status of each call that changes something (FACT: some 2xx).
        errors: The table of refusals.
        webhooks: How webhooks are written, signed and delivered.
    """

    page_size: int = 15
    time_zone: str = "UTC"
    unknown_fields: str = "refuse"
    snake_case_writes: bool = False
    booleans_as_text: bool = False
    empty_values: str = "null"
    read_extras: tuple[str, ...] = EXTRAS
    token_required: bool = False
    token_lifetime_s: float = 3600
    notes: bool = True
    success_status: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(_CHANGES, 200))
    errors: Mapping[str, ErrorAnswer] = field(default_factory=lambda: dict(ERRORS))
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of timestamps."""
        return ZoneInfo(self.time_zone)

    def changed(self, fields: Fields) -> Settings:
        """These settings with the named ones replaced."""
        errors, webhooks, success = fields.group("errors"), fields.group("webhooks"), fields.group("success_status")
        settings = Settings(
            page_size=fields.integer("page_size", self.page_size, minimum=1),
            **{name: fields.choice(name, choices, getattr(self, name)) for name, choices in _CHOICES.items()},
            snake_case_writes=fields.flag("snake_case_writes", self.snake_case_writes),
            booleans_as_text=fields.flag("booleans_as_text", self.booleans_as_text),
            read_extras=_some_of(fields, "read_extras", EXTRAS, self.read_extras),
            token_required=fields.flag("token_required", self.token_required),
            token_lifetime_s=fields.number("token_lifetime_s", self.token_lifetime_s, minimum=0),
            notes=fields.flag("notes", self.notes),
            success_status=_success(success, self.success_status) if success else self.success_status,
            errors=change_errors(self.errors, errors) if errors else self.errors,
            webhooks=self.webhooks.changed(webhooks) if webhooks else self.webhooks,
        )
        fields.end()
        return settings

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self)


def _success(fields: Fields, now: Mapping[str, int]) -> dict[str, int]:
    changed = {name: fields.integer(name, status, minimum=200) for name, status in now.items()}
    fields.end()
    for name, status in changed.items():
        _at_most(status, 299, f"success_status.{name}")
    return changed


def _at_most(value: int, maximum: int, name: str) -> int:
    if value > maximum:
        raise BadField(f'Field "{name}" must be at most {maximum}, not {value}.')
    return value


def _texts(fields: Fields, name: str, now: Mapping[str, str]) -> dict[str, str]:
    group = fields.group(name)
    if group is None:
        return dict(now)
    changed = {part: group.text(part, text) for part, text in now.items()}
    group.end()
    return changed


def _header(fields: Fields, name: str, now: str) -> str:
    """A text that can stand in a header, or be its name."""
    text: str = fields.text(name, now)
    if not re.fullmatch(r"[A-Za-z0-9_=-]*", text):
        raise BadField(f'Field "webhooks.{name}" must be letters, digits, "-", "_" and "=".')
    return text


def _some_of(fields: Fields, name: str, known: Collection[str], now: tuple[str, ...]) -> tuple[str, ...]:
    given = fields.value(name, list(now))
    if not isinstance(given, list) or not all(isinstance(part, str) and part in known for part in given):
        raise BadField(f'Field "{name}" must be a list of some of {", ".join(known)}.')
    return tuple(given)
