"""The switches of the service provider. There is no such vendor: every name and default is ASSUMED, and is here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.courier import DeliveryPolicy, web_address
from simulators.fields import BadField, Fields
from simulators.service_provider.errors import ERRORS, ErrorAnswer, change_errors

#: What the provider's own people do, and what a webhook calls it.
EVENTS = {"update": "ticket.updated", "solution": "ticket.solved", "closed": "ticket.closed"}
_PLACE = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*|header:[A-Za-z][A-Za-z0-9-]*")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True)
class WebhookSettings:
    """How webhooks are written and signed.

    Attributes:
        url: Where they go; None: only tickets with a callback address of their own are told about.
        event_names: What the payload calls each event.
        signature_header: The header with the signature; empty: none is sent.
        signature_prefix: What stands before the hex HMAC-SHA256.
        signed: What is signed: the raw body, or ``timestamp.body`` with the timestamp of the header.
        timestamp_header: The header with the moment of sending, in seconds since 1970.
        id_header: The header with the delivery's number, the same at each try.
        own_changes: Whether what the API's caller did is told too.
    """

    url: str | None = None
    event_names: Mapping[str, str] = field(default_factory=lambda: dict(EVENTS))
    signature_header: str = "X-Signature"
    signature_prefix: str = "sha256="
    signed: str = "body"
    timestamp_header: str = "X-Timestamp"
    id_header: str = "X-Delivery"
    own_changes: bool = False

    def changed(self, fields: Fields | None) -> WebhookSettings:
        """These settings with the named ones replaced."""
        if fields is None:
            return self
        names = fields.group("event_names")
        changed = WebhookSettings(
            url=web_address(fields, "url", self.url),
            event_names={key: names.text(key, name) if names else name for key, name in self.event_names.items()},
            signature_header=_header(fields, "signature_header", self.signature_header),
            signature_prefix=fields.text("signature_prefix", self.signature_prefix),
            signed=fields.choice("signed", ("body", "timestamp.body"), self.signed),
            timestamp_header=_header(fields, "timestamp_header", self.timestamp_header),
            id_header=_header(fields, "id_header", self.id_header),
            own_changes=fields.flag("own_changes", self.own_changes),
        )
        if names:
            names.end()
        fields.end()
        if not re.fullmatch(r"[!-~]*", changed.signature_prefix):
            raise BadField('Field "webhooks.signature_prefix" must be ASCII without spaces.')
        return changed


@dataclass(frozen=True)
class Settings:
    """All switches.

    Attributes:
        number_place: Where an answer has the provider's number: a path in its body, or ``header:<name>``.
        number_format: How a number is written; ``{number}`` is a count.
        token_header: The header with the token.
        token_scheme: The word before the token; empty: none.
        page_size: Tickets on a page of a search, unless the caller asks for fewer.
        idempotency: Whether ``Idempotency-Key`` is looked at: the same key with the same body has the same answer.
        unique_reference: Whether a second ticket with the reference of one that is not closed is refused.
        visibility_lag_s: For how long a new ticket is not found by a search.
        webhooks: How webhooks are written and signed.
        deliveries: How webhooks are tried.
        errors: The table of refusals.
    """

    number_place: str = "ticket.number"
    number_format: str = "SD-{number:06}"
    token_header: str = "Authorization"
    token_scheme: str = "Bearer"
    page_size: int = 25
    idempotency: bool = False
    unique_reference: bool = False
    visibility_lag_s: float = 0
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    deliveries: DeliveryPolicy = field(default_factory=lambda: DeliveryPolicy(timeout_s=10, attempts=5))
    errors: Mapping[str, ErrorAnswer] = field(default_factory=lambda: dict(ERRORS))

    def changed(self, fields: Fields) -> Settings:
        """These settings with the named ones replaced."""
        settings = Settings(
            number_place=fields.text("number_place", self.number_place),
            number_format=fields.text("number_format", self.number_format),
            token_header=_header(fields, "token_header", self.token_header),
            token_scheme=fields.text("token_scheme", self.token_scheme),
            page_size=fields.integer("page_size", self.page_size, minimum=1),
            idempotency=fields.flag("idempotency", self.idempotency),
            unique_reference=fields.flag("unique_reference", self.unique_reference),
            visibility_lag_s=fields.number("visibility_lag_s", self.visibility_lag_s, minimum=0),
            webhooks=self.webhooks.changed(fields.group("webhooks")),
            deliveries=self.deliveries.changed(fields.group("deliveries")),
            errors=change_errors(self.errors, fields.group("errors")),
        )
        fields.end()
        if not _PLACE.fullmatch(settings.number_place):
            raise BadField('Field "number_place" must be a path such as ticket.number, or header:<name>.')
        if not settings.token_header:
            raise BadField('Field "token_header" must not be empty.')
        _check_format(settings.number_format)
        return settings

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self)


def _header(fields: Fields, name: str, now: str) -> str:
    text: str = fields.text(name, now)
    if text and not _HEADER.fullmatch(text):
        raise BadField(f'Field "{name}" must be the name of a header.')
    return text


def _check_format(text: str) -> None:
    try:
        usable = text.format(number=1) != text.format(number=2) and re.fullmatch(r"[\w.-]+", text.format(number=1))
    except (ValueError, KeyError, IndexError, AttributeError):
        usable = None
    if not usable:
        raise BadField('Field "number_format" must have {number}, and letters, digits, "-", "_" and "." beside it.')
