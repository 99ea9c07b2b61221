"""What the inbox must know of each system that pushes."""

from __future__ import annotations

from typing import Any, Protocol

from fastapi import Request, Response

from casebridge.core.arrival import Arrival
from casebridge.web.refusal import Refusal


class Sender(Protocol):
    """A system that pushes: how it proves who it is, what it says, and which answers it understands."""

    @property
    def system(self) -> str:
        """Its name."""

    @property
    def openapi(self) -> dict[str, Any]:
        """What its route looks like in the OpenAPI document."""

    def read(self, request: Request, body: bytes) -> Arrival:
        """What was pushed, once it is known to come from the sender.

        Raises:
            Refusal: It does not, or it makes no sense.
        """

    def accepted(self, request: Request, arrival: Arrival, *, stored: bool) -> Response:
        """The answer to what is in the inbox: newly stored, or there already."""

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """The answer to what is not."""


def check_content_type(request: Request, accepted: tuple[str, ...]) -> None:
    """The body is of a type that the sender uses.

    Raises:
        Refusal: It is of another one, or of none.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in accepted:
        raise Refusal(415, f"the content type must be {' or '.join(accepted)}")
