"""What a route works with: who is looking, the installation, and the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from casebridge.connectors import registry
from casebridge.connectors.base import TargetSettings
from casebridge.console.screen import Addresses, Screen
from casebridge.console.viewer import Viewer
from casebridge.core.errors import CasebridgeError, NotFound
from casebridge.installation import Installation
from casebridge.steps.prove import default_connection
from casebridge.store.action import Action
from casebridge.store.findings import Finding

NUMBER = re.compile(r"[0-9]{1,18}")
"""The number of a finding or a reconciliation."""


@dataclass(frozen=True)
class Desk:
    """Everything that a route needs, for one request."""

    request: Request
    installation: Installation
    viewer: Viewer
    screen: Screen

    @property
    def url(self) -> Addresses:
        """Addresses of the console's pages."""
        return Addresses(self.request)

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page."""
        return self.screen.page(self.request, template, values, status=status)

    def go(self, *parts: str, **query: Any) -> RedirectResponse:
        """Sends the browser to a page, after something was done."""
        return RedirectResponse(self.url(*parts, **query), 303)

    def action(self, action_id: str) -> Action:
        """An action that the viewer may look at.

        Raises:
            NotFound: There is none.
            HTTPException: 403: it belongs to a system that they may not look at.
        """
        found = self.installation.ledger.action(action_id)
        self.viewer.must_look_at(found.system)
        return found

    def timezone(self, system: str, connection: str = "") -> str:
        """The time zone of a target system; that of most councils when its connection cannot be read."""
        name = connection or default_connection(system)
        try:
            return registry.settings(system, self.installation.connection(name), where=name).timezone
        except CasebridgeError:
            return str(TargetSettings.model_fields["timezone"].default)

    def finding(self, number: str) -> Finding:
        """A finding that the viewer may look at.

        Raises:
            NotFound: There is none.
            HTTPException: 403: it belongs to a system that they may not look at.
        """
        if not NUMBER.fullmatch(number):
            raise NotFound("a finding has a number")
        found = self.installation.findings.finding(int(number))
        self.viewer.must_look_at(found.system)
        return found


def at_desk(request: Request) -> Desk:
    """The desk for a request that was let in."""
    state = request.app.state
    return Desk(request, state.installation, request.state.viewer, state.screen)


async def filled_in(request: Request) -> FormData:
    """What was filled in to a form."""
    return await request.form()


At = Annotated[Desk, Depends(at_desk)]
FilledIn = Annotated[FormData, Depends(filled_in)]
