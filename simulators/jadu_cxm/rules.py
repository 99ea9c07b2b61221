"""Rules and webhooks: who is told when something happens to a case."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulators.jadu_cxm.cases import Case, Happening
from simulators.jadu_cxm.settings import Settings
from simulators.jadu_cxm.values import stamp


@dataclass(frozen=True)
class Webhook:
    """A receiver. It is told of its own triggers, of every case type, and of what its rule says.

    FACT: a name, a target address, a secret, enabled or not, triggers each with a payload version. The vendor wants
    HTTPS; http is taken too, for a receiver on the same machine.

    Attributes:
        events: Its own triggers; empty: it is "triggered by rule" only.
        secret: None: the secret of the credentials.
    """

    id: int
    name: str
    url: str
    secret: str | None = None
    enabled: bool = True
    events: tuple[str, ...] = ()
    version: int = 1

    def shown(self) -> dict[str, Any]:
        """What the admin side shows; the secret is not shown."""
        return {**vars(self), "secret": None if self.secret is None else "***", "events": list(self.events)}


@dataclass(frozen=True)
class Condition:
    """What must hold, all of it, for a rule to apply.

    Attributes:
        status: The case's status, after what happened.
        from_status: Its status before a transition.
        transition: The transition that was applied.
        changed: A field that must be among those that changed.
        fields: Values that fields must have.
    """

    status: str | None = None
    from_status: str | None = None
    transition: str | None = None
    changed: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, happening: Happening, case: Case) -> bool:
        """Whether it does."""
        return (
            self.status in (None, happening.status)
            and self.from_status in (None, happening.from_status)
            and self.transition in (None, happening.transition)
            and (self.changed is None or self.changed in happening.fields)
            and all(case.values.get(name) == value for name, value in self.fields.items())
        )


@dataclass(frozen=True)
class Rule:
    """When that happens to a case of that type, and the condition holds, then that webhook is triggered."""

    id: int
    name: str
    case_type: str
    event: str
    webhook: str
    enabled: bool = True
    condition: Condition = field(default_factory=Condition)

    def applies(self, happening: Happening, case: Case) -> bool:
        """Whether it triggers its webhook."""
        return (
            self.enabled
            and (self.case_type, self.event) == (happening.case_type, happening.event)
            and self.condition.holds(happening, case)
        )

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        held = {**vars(self.condition), "fields": dict(self.condition.fields)}
        return {**vars(self), "condition": {name: value for name, value in held.items() if value}}


def payload(happening: Happening, version: int, settings: Settings) -> bytes:
    """What a webhook posts. Names and shape are ASSUMED: see the settings."""
    names = settings.webhooks.payload_names
    case = {
        names["reference"]: happening.case,
        names["type"]: happening.case_type,
        names["status"]: {names["title"]: happening.status_title},
    }
    told: dict[str, Any] = {
        names["event"]: settings.webhooks.event_names[happening.event],
        names["version"]: version,
        names["case"]: case,
    }
    if happening.transition is not None:
        told |= {names["transition"]: happening.transition, names["from_status"]: happening.from_status}
    told |= {names["user"]: happening.user, names["occurred_at"]: stamp(happening.occurred_at, settings)}
    return json.dumps(told).encode()


def signature(body: bytes, secret: str, prefix: str) -> str:
    """The HMAC-SHA256 of the raw body, in hex (ASSUMED)."""
    return prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
