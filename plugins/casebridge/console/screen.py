"""Pages: Jinja2 templates with what every page needs. Everything that is put in is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from casebridge.connectors import registry
from casebridge.console.viewer import Viewer
from casebridge.core.outcome import MEANING, State
from casebridge.sources import registry as sources

FOLDER = Path(__file__).parent
MASK = "••••••"
"""Stands for a value that the viewer may not see; as long for every value."""

TONES = {
    State.CONFIRMED: "good",
    State.UNCONFIRMED: "sent",
    State.REFUSED: "bad",
    State.FAILED: "bad",
    State.NEEDS_PERSON: "doubt",
    State.IN_DOUBT: "doubt",
    State.INTENT: "busy",
    State.PLANNED: "busy",
    State.CLOSED: "calm",
}
"""How a state looks: its colour, never its only mark."""


class Screen:
    """Renders pages.

    Args:
        sign_in: Where an anonymous caller is sent.
    """

    def __init__(self, sign_in: str) -> None:
        self._sign_in = sign_in
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"moment": moment, "seconds": duration, "number": number}
        self._environment.globals |= {
            "meaning": MEANING,
            "tones": TONES,
            "mask": MASK,
            "title_of": title_of,
            "type_title": type_title,
            "version_of": version_of,
        }

    def page(self, request: Request, name: str, values: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
        """A page for who is looking."""
        return HTMLResponse(self.text(request, name, values), status)

    def text(self, request: Request, name: str, values: Mapping[str, Any]) -> str:
        """The text of a page, or of a part of one."""
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        given = {
            "viewer": viewer,
            "url": Addresses(request),
            "token": getattr(request.state, "form_token", ""),
            "here": request.url.path.removeprefix(request.scope.get("root_path", "")),
        }
        return self._environment.get_template(name).render({**given, **values})

    def refusal(self, request: Request, status: int, reason: str) -> HTMLResponse:
        """A page that says why not. One who is not signed in learns nothing more."""
        values = {"status": status, "reason": reason, "sign_in": self._sign_in}
        name = "stranger.html" if getattr(request.state, "viewer", None) is None else "refusal.html"
        return self.page(request, name, values, status=status)


class Addresses:
    """Addresses of the console's pages, wherever it is mounted."""

    def __init__(self, request: Request) -> None:
        self._root = request.scope.get("root_path", "")

    def __call__(self, *parts: str, **query: Any) -> str:
        """The address of a page: its parts, each quoted, and the parts of the query that are not empty."""
        path = "/".join(quote(str(part), safe="") for part in parts)
        given = {name: value for name, value in query.items() if value not in ("", None, (), [])}
        return f"{self._root}/{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")


def moment(at: datetime | None) -> str:
    """A moment in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else ""


def duration(seconds: float | None) -> str:
    """A stretch of time in words."""
    if seconds is None:
        return ""
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def number(value: int) -> str:
    """A number with thousands set apart."""
    return f"{value:,}"


def title_of(name: str) -> str:
    """What people call a target system or case source."""
    if name in registry.manifests():
        return registry.manifest(name).title
    return sources.spec(name).title if name in sources.specs() else name


def type_title(system: str, action_type: str) -> str:
    """What people call an action type."""
    manifest = registry.manifests().get(system)
    found = manifest.actions.get(action_type) if manifest else None
    return found.title if found else action_type


@cache
def version_of(name: str) -> str:
    """A mark that changes with a static file, so that it may be kept by the browser."""
    from casebridge.console.assets import FILES

    return hashlib.sha256(FILES[name].path.read_bytes()).hexdigest()[:12]
