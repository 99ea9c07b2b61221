"""The switches of the desk: to whom it tells what, and how."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.courier import DeliveryPolicy, web_address
from simulators.fields import BadField, Fields

FACES = ("witiop", "chatwoot", "twilio", "twilio_events")


@dataclass(frozen=True)
class Settings:
    """All switches.

    Attributes:
        webhook_url: Where a closed conversation is told; null: nowhere.
        face: In whose manner: WitiOp's, Chatwoot's, or Twilio's (as a form or as Event Streams).
        tells_reopened: Whether a reopened conversation is told too; WitiOp's face never tells it.
        media_needs_token: Whether files are given to the holder of WitiOp's API token only.
        page_size: Conversations or messages on a page, where the client does not say.
        delivery: How webhooks are tried.
    """

    webhook_url: str | None = None
    face: str = "witiop"
    tells_reopened: bool = True
    media_needs_token: bool = False
    page_size: int = 50
    delivery: DeliveryPolicy = field(default_factory=DeliveryPolicy)

    def changed(self, given: Fields) -> Settings:
        """These settings with the named ones replaced.

        Raises:
            BadField: A switch is unknown or its value is not one it can have.
        """
        changed = Settings(
            webhook_url=web_address(given, "webhook_url", self.webhook_url),
            face=given.choice("face", FACES, self.face),
            tells_reopened=given.flag("tells_reopened", self.tells_reopened),
            media_needs_token=given.flag("media_needs_token", self.media_needs_token),
            page_size=given.integer("page_size", self.page_size, minimum=1),
            delivery=self.delivery.changed(given.group("delivery")),
        )
        given.end()
        if changed.page_size > 100:
            raise BadField('Field "page_size" must be at most 100.')
        return changed

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self)
