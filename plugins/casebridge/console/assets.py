"""Styles and scripts. They are files of this package; the chart library is that of the reconciliation reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

router = APIRouter()
_HERE = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    path: Path
    media_type: str


FILES = {
    "console.css": Asset(_HERE / "console.css", "text/css"),
    "theme.js": Asset(_HERE / "theme.js", "text/javascript"),
    "console.js": Asset(_HERE / "console.js", "text/javascript"),
    "charts.js": Asset(_HERE / "charts.js", "text/javascript"),
    "chart.js": Asset(_HERE.parents[1] / "reconcile" / "chart.js", "text/javascript"),
    "icon.svg": Asset(_HERE / "icon.svg", "image/svg+xml"),
    "icon-dark.svg": Asset(_HERE / "icon-dark.svg", "image/svg+xml"),
}


@router.get("/static/{name}")
def asset(name: str) -> FileResponse:
    """A style or a script."""
    found = FILES.get(name)
    if found is None:
        raise HTTPException(404, "There is no such file.")
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return FileResponse(found.path, media_type=found.media_type, headers=headers)
