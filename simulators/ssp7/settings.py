"""The switches of the SSP7 simulator: all that nobody could confirm is in this one table, and every default ASSUMED."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.courier import DeliveryPolicy
from simulators.fields import BadField, Fields
from simulators.ssp7.app_fields import FIELD_NAMES
from simulators.ssp7.errors import ERRORS, ErrorAnswer, change_errors
from simulators.ssp7.events import INCOMING
from simulators.ssp7.mail import MailSettings
from simulators.ssp7.web_service import WebService

STATUSES = {"open": "Open", "assigned": "Assigned", "ready": "Ready", "closed": "Closed"}
_CHOICES: dict[str, tuple[str, ...]] = {
    "profile": ("standard", "alternative"),
    "authentication": ("hash", "anonymous", "basic", "windows", "login_page"),
    "task_key": ("either", "id", "number"),
    "second_reference": ("replace", "refuse"),
    "closed_task": ("refuse", "accept"),
}


@dataclass(frozen=True)
class Settings:
    """All switches.

    Attributes:
        profile: Which WSDL the web service has.
        authentication: What the web service asks for: the hash part of a message, nothing, basic, Windows (a
            challenge that nobody can answer here), or a login page that every request is redirected to.
        soap_action_required: SOAP 1.1 without a SOAPAction is refused, as ASMX does unless it is told otherwise.
        task_key: Whether the part that names the task takes its id, its number, or either.
        second_reference: What an acknowledgement with another reference does; the same again is always accepted.
        closed_task: Whether a closed task takes write-backs.
        reassignment_needs_reference: A task that comes to an integrated group again starts the process only if its
            external reference is not empty (FACT for "not empty"; what an empty one does is ASSUMED).
        sent_incoming: Which of the events that come in start a process too, with the direction In.
        statuses: What each status is called, in fields and by who reports a task ready or closed.
        field_names: What each field of the apps is called.
        errors: The table of refusals.
        web_service: How events leave.
        deliveries: How often, and how long, the adapter tries.
        mail: How inbound e-mail is read.
    """

    profile: str = "standard"
    authentication: str = "hash"
    soap_action_required: bool = True
    task_key: str = "either"
    second_reference: str = "replace"
    closed_task: str = "refuse"
    reassignment_needs_reference: bool = True
    sent_incoming: tuple[str, ...] = ("update", "reassigned")
    statuses: Mapping[str, str] = field(default_factory=lambda: dict(STATUSES))
    field_names: Mapping[str, str] = field(default_factory=lambda: dict(FIELD_NAMES))
    errors: Mapping[str, ErrorAnswer] = field(default_factory=lambda: dict(ERRORS))
    web_service: WebService = field(default_factory=WebService)
    deliveries: DeliveryPolicy = field(default_factory=DeliveryPolicy)
    mail: MailSettings = field(default_factory=MailSettings)

    def changed(self, fields: Fields) -> Settings:
        """These settings with the named ones replaced."""
        settings = Settings(
            **{name: fields.choice(name, choices, getattr(self, name)) for name, choices in _CHOICES.items()},
            soap_action_required=fields.flag("soap_action_required", self.soap_action_required),
            reassignment_needs_reference=fields.flag("reassignment_needs_reference", self.reassignment_needs_reference),
            sent_incoming=_some_of(fields, "sent_incoming", self.sent_incoming),
            statuses=_names(fields, "statuses", self.statuses),
            field_names=_names(fields, "field_names", self.field_names),
            errors=change_errors(self.errors, fields.group("errors")),
            web_service=self.web_service.changed(fields.group("web_service")),
            deliveries=self.deliveries.changed(fields.group("deliveries")),
            mail=self.mail.changed(fields.group("mail")),
        )
        fields.end()
        return settings

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self) | {"web_service": self.web_service.shown()}


def _names(fields: Fields, name: str, now: Mapping[str, str]) -> dict[str, str]:
    group = fields.group(name)
    if group is None:
        return dict(now)
    changed = {part: group.text(part, text) for part, text in now.items()}
    group.end()
    if len(set(changed.values())) < len(changed) or "" in changed.values():
        raise BadField(f'Field "{name}" must not have an empty name, nor the same one twice.')
    return changed


def _some_of(fields: Fields, name: str, now: tuple[str, ...]) -> tuple[str, ...]:
    given = fields.value(name, list(now))
    if not isinstance(given, list) or not all(isinstance(part, str) and part in INCOMING for part in given):
        raise BadField(f'Field "{name}" must be a list of some of {", ".join(INCOMING)}.')
    return tuple(given)
